// The example of examples/languages in C. The README.md there says what it does.

#include "edits.h"
#include "image.h"
#include <wellhead/transformer.h>
#include <wellhead/validator.h>

WH_FILE(schema, "config.schema.json");

const wh_info wh_plugin = {
    .name = "platform-defaults",
    .version = "1.0.0",
    .description = "Mirrors images, and sets storage classes, replicas, labels and a contact",
    .config_schema = schema,
    .writes =
        (const char *const[]){
            "containers.*.image",
            "initContainers.*.image",
            "claims.*.storageClass",
            "replicas",
            "labels.*",
            "podLabels.*",
            "annotations.contact",
            NULL,
        },
    .facts = (const char *const[]){"storageClasses", NULL},
    .license = "Apache-2.0",
    .homepage = "https://platform.example.com",
    .min_host = "0.1.0",
};

// Names in backticks.
static wh_str list(wh_strs names) {
  wh_str text = WH("");
  for (size_t i = 0; i < names.len; i++) {
    text = wh_cat(text, i > 0 ? ", `" : "`", names.items[i], "`");
  }
  return text;
}

static wh_strs sorted_keys(wh_json object) {
  wh_strs keys = wh_json_keys(object);
  wh_sort(keys);
  return keys;
}

// A text, or NULL for `null`.
static wh_error *read_nullable(wh_json json, wh_str *text, const wh_str **value) {
  *value = NULL;
  if (wh_json_kind_of(json) != WH_JSON_NULL) {
    WH_TRY(wh_read_str(json, text));
    *value = text;
  }
  return NULL;
}

// Refuses names of claims that are not there: most often one is misspelt, and its claim would get
// another class without anybody noticing.
static wh_error *refuse_unknown_claims(wh_pipeline pipeline, wh_json config) {
  wh_strs claims = wh_pipeline_claim_names(pipeline);
  wh_strs named = sorted_keys(wh_get(config, "storageClasses"));
  wh_strs unknown = {0};
  for (size_t i = 0; i < named.len; i++) {
    if (!wh_has(claims, named.items[i])) {
      wh_push(&unknown, named.items[i]);
    }
  }
  if (unknown.len == 0) {
    return NULL;
  }
  wh_str hint = claims.len == 0 ? WH("remove the names: the pipeline has no claims")
                                : wh_cat("write one of ", list(claims));
  wh_error *refused = wh_reject_at(
      wh_cat("the config names claims that the pipeline does not have: ", list(unknown)),
      "config.storageClasses", hint);
  return wh_with_argument(wh_with_code(refused, "unknown-claims"), "claims", list(unknown));
}

// Refuses claims whose class nobody decided.
static wh_error *refuse_uncovered_claims(wh_pipeline pipeline, wh_json config) {
  wh_json classes = wh_get(config, "storageClasses");
  if (!wh_json_is_there(classes) || wh_json_is_there(wh_get(config, "defaultStorageClass"))) {
    return NULL;
  }
  wh_strs claims = wh_pipeline_claim_names(pipeline);
  wh_strs uncovered = {0};
  for (size_t i = 0; i < claims.len; i++) {
    if (!wh_json_is_there(wh_get(classes, claims.items[i]))) {
      wh_push(&uncovered, claims.items[i]);
    }
  }
  if (uncovered.len == 0) {
    return NULL;
  }
  wh_error *refused =
      wh_reject_at(wh_cat("no storage class is set for these claims: ", list(uncovered)),
                   wh_cat("claims.", uncovered.items[0]),
                   "add them to `storageClasses`, or set `defaultStorageClass`");
  return wh_with_argument(wh_with_code(refused, "uncovered-claims"), "claims", list(uncovered));
}

// The pipeline's environment: `said` is whether it has one.
static wh_str environment_of(wh_pipeline pipeline, bool *said) {
  wh_entries labels = wh_pipeline_labels(pipeline);
  for (size_t i = 0; i < labels.len; i++) {
    if (wh_eq(labels.items[i].key, "environment")) {
      *said = true;
      return labels.items[i].value;
    }
  }
  *said = false;
  return WH("");
}

static wh_error *refuse_unknown_environment(wh_pipeline pipeline, wh_json config) {
  wh_json replicas = wh_get(config, "replicas");
  if (!wh_json_is_there(replicas)) {
    return NULL;
  }
  wh_str known = list(sorted_keys(replicas));
  bool said;
  wh_str environment = environment_of(pipeline, &said);
  if (!said) {
    return wh_with_code(
        wh_reject_at("the pipeline does not say its environment", "labels.environment",
                     wh_cat("add the label `environment`: one of ", known)),
        "no-environment");
  }
  if (!wh_json_is_there(wh_get(replicas, environment))) {
    wh_error *refused =
        wh_reject_at(wh_cat("no replicas are set for the environment `", environment, "`"),
                     "config.replicas", wh_cat("add it, or change the label to one of ", known));
    return wh_with_argument(wh_with_code(refused, "unknown-environment"), "environment", environment);
  }
  return NULL;
}

static wh_error *mirror_image(wh_pipeline pipeline, wh_container container, wh_json mirrors) {
  wh_str image = wh_container_image(container);
  wh_str prefix, at;
  if (!mirrored(image, mirrors, &prefix, &at)) {
    wh_str name = wh_container_name(container);
    wh_log_warn(wh_cat("no mirror covers `", image, "` of container `", name, "`"));
    return NULL;
  }
  wh_because(pipeline, wh_cat("images of `", prefix, "` come from a mirror"));
  return wh_container_set_image(container, at);
}

static wh_error *mirror_images(wh_pipeline pipeline, wh_json config) {
  wh_json mirrors = wh_get(config, "mirrors");
  if (wh_json_len(mirrors) == 0) {
    return NULL;
  }
  wh_container container;
  wh_strs names = wh_pipeline_container_names(pipeline);
  for (size_t i = 0; i < names.len; i++) {
    if (wh_pipeline_container(pipeline, names.items[i], &container)) {
      WH_TRY(mirror_image(pipeline, container, mirrors));
    }
  }
  names = wh_pipeline_init_container_names(pipeline);
  for (size_t i = 0; i < names.len; i++) {
    if (wh_pipeline_init_container(pipeline, names.items[i], &container)) {
      WH_TRY(mirror_image(pipeline, container, mirrors));
    }
  }
  return NULL;
}

static wh_error *set_storage_classes(wh_pipeline pipeline, wh_json config) {
  wh_json by_default = wh_get(config, "defaultStorageClass");
  wh_strs names = wh_pipeline_claim_names(pipeline);
  for (size_t i = 0; i < names.len; i++) {
    wh_json class = wh_get(wh_get(config, "storageClasses"), names.items[i]);
    if (wh_json_is_there(class)) {
      wh_because(pipeline, wh_cat("`storageClasses` names the claim `", names.items[i], "`"));
    } else if (wh_json_is_there(by_default)) {
      wh_because(pipeline, "the default storage class");
      class = by_default;
    } else {
      continue;
    }
    wh_str text;
    const wh_str *value;
    WH_TRY(read_nullable(class, &text, &value));
    wh_claim claim;
    if (wh_pipeline_claim(pipeline, names.items[i], &claim)) {
      WH_TRY(wh_claim_set_storage_class(claim, value));
    }
  }
  return NULL;
}

static wh_error *set_replicas(wh_pipeline pipeline, wh_json config) {
  wh_json replicas = wh_get(config, "replicas");
  if (!wh_json_is_there(replicas)) {
    return NULL;
  }
  bool said;
  wh_str environment = environment_of(pipeline, &said);
  int64_t number;
  WH_TRY(wh_read_int(wh_get(replicas, environment), &number));
  wh_because(pipeline, wh_cat("the environment is `", environment, "`"));
  return wh_pipeline_set_replicas(pipeline, (int32_t)number);
}

static wh_error *set_labels(wh_pipeline pipeline, wh_json config) {
  wh_json labels = wh_get(config, "labels");
  wh_strs keys = sorted_keys(labels);
  wh_because(pipeline, "labels of the platform");
  for (size_t i = 0; i < keys.len; i++) {
    wh_str key = keys.items[i], text;
    const wh_str *value;
    WH_TRY(read_nullable(wh_get(labels, key), &text, &value));
    if (value == NULL) {
      WH_TRY(wh_pipeline_remove_label(pipeline, key));
      WH_TRY(wh_pipeline_remove_pod_label(pipeline, key));
    } else {
      WH_TRY(wh_pipeline_set_label(pipeline, key, *value));
      WH_TRY(wh_pipeline_set_pod_label(pipeline, key, *value));
    }
  }
  return NULL;
}

static wh_error *set_contact(wh_pipeline pipeline, wh_json config) {
  wh_json contact = wh_get(config, "contact");
  if (!wh_json_is_there(contact)) {
    return NULL;
  }
  wh_str text;
  WH_TRY(wh_read_str(contact, &text));
  wh_because(pipeline, wh_cat("questions go to ", text));
  return wh_pipeline_set_annotation(pipeline, WH("contact"), text);
}

wh_error *transform(wh_pipeline pipeline, wh_json config) {
  WH_TRY(refuse_unknown_claims(pipeline, config));
  WH_TRY(refuse_uncovered_claims(pipeline, config));
  WH_TRY(refuse_unknown_environment(pipeline, config));
  WH_TRY(mirror_images(pipeline, config));
  WH_TRY(set_storage_classes(pipeline, config));
  WH_TRY(set_replicas(pipeline, config));
  WH_TRY(set_labels(pipeline, config));
  WH_TRY(set_contact(pipeline, config));
  WH_TRY(make_edits(pipeline, wh_get(config, "edits")));
  wh_log_info("done");
  return NULL;
}

static void find_too_many(int64_t replicas, int64_t most, wh_findings *findings) {
  wh_str text = wh_from_int(replicas), limit = wh_from_int(most);
  wh_finding *finding =
      wh_find(findings, WH_SEVERITY_ERROR, wh_cat(text, " replicas are more than ", limit),
              "replicas", "lower the number, or ask the platform team for more");
  wh_with_code(finding, "too-many-replicas");
  wh_with_argument(finding, "replicas", text);
  wh_with_argument(finding, "most", limit);
  wh_with_link(finding, "https://platform.example.com/replicas");
}

wh_error *validate(wh_pipeline pipeline, wh_json config, wh_findings *findings) {
  wh_json limit = wh_get(config, "mostReplicas");
  if (!wh_json_is_there(limit)) {
    return NULL;
  }
  int64_t most;
  WH_TRY(wh_read_int(limit, &most));
  int32_t replicas = wh_pipeline_replicas(pipeline);
  if (replicas > most) {
    find_too_many(replicas, most, findings);
  }
  wh_optional_str by, base;
  WH_TRY(wh_set_by("replicas", &by));
  WH_TRY(wh_base("replicas", &base));
  if (by.is_some) {
    wh_str before = base.is_some ? base.value : WH("none");
    wh_str message = wh_cat("`", by.value, "` set the replicas; the base has ", before);
    wh_finding *finding =
        wh_find_with(findings, WH_SEVERITY_WARNING, message, (wh_str[]){WH("replicas")}, NULL);
    wh_with_code(finding, "replicas-changed");
    wh_with_argument(finding, "by", by.value);
    wh_with_argument(finding, "base", before);
  }
  return NULL;
}
