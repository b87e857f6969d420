// Holds the SDK to what Kubernetes makes of quantities and selectors, natively:
//
//   clang -std=c11 -Wall -Wextra -Werror -Iinclude -o kubernetes tests/kubernetes.c src/text.c src/json.c
//     src/json_write.c src/quantity.c src/selector.c src/kubernetes.c third_party/yyjson/yyjson.c
//   ./kubernetes ../kubernetes.json

#include <wellhead.h>

#include <stdio.h>
#include <stdlib.h>

static int failed;

static void same(wh_str of, wh_str got, wh_str want) {
  if (!wh_eq(got, want)) {
    failed++;
    printf("%.*s: %.*s, not %.*s\n", (int)of.len, of.data, (int)got.len, got.data, (int)want.len, want.data);
  }
}

static void succeed(wh_error *error) {
  if (error != NULL) {
    failed++;
    printf("%.*s\n", (int)error->message.len, error->message.data);
  }
}

// What the SDK has of the host.
wh_error *wh_reject_with(wh_str message, const wh_str *path, const wh_str *hint) {
  (void)path, (void)hint;
  wh_error *error = calloc(1, sizeof(*error));
  error->message = message;
  return error;
}
static const char *name, *namespace;
static wh_entries labels_of_pipeline;
wh_str wh_pipeline_name(wh_pipeline self) {
  (void)self;
  return WH(name);
}
bool wh_pipeline_namespace(wh_pipeline self, wh_str *found) {
  (void)self;
  *found = WH(namespace);
  return true;
}
wh_entries wh_pipeline_labels(wh_pipeline self) {
  (void)self;
  return labels_of_pipeline;
}

static wh_str text(wh_json object, const char *field) {
  wh_str found = {"", 0};
  succeed(wh_read_str(wh_get(object, field), &found));
  return found;
}

static int64_t number(wh_json object, const char *field) {
  int64_t found = 0;
  succeed(wh_read_int(wh_get(object, field), &found));
  return found;
}

static wh_quantity quantity(wh_str text) {
  wh_quantity found = {0};
  succeed(wh_read_quantity(text, &found));
  return found;
}

static wh_json parsed(wh_str text) {
  wh_json found = {0};
  succeed(wh_json_parse(text, WH("vectors"), &found));
  return found;
}

static void quantities(wh_json vectors) {
  wh_json all = wh_get(vectors, "read");
  for (size_t i = 0; i < wh_json_len(all); i++) {
    wh_json it = wh_json_at(all, i);
    wh_str read = text(it, "text"), whole = text(it, "whole");
    same(read, wh_from_quantity(quantity(read)), text(it, "canonical"));
    int64_t units;
    if (wh_quantity_whole(quantity(read), &units) == NULL) {
      same(read, wh_from_int(units), whole);
    } else if (whole.len < 19) {
      same(read, WH("too large"), whole);
    }
  }
  all = wh_get(vectors, "refused");
  for (size_t i = 0; i < wh_json_len(all); i++) {
    wh_quantity found;
    wh_error *error = wh_read_quantity(text(wh_json_at(all, i), "text"), &found);
    same(text(wh_json_at(all, i), "text"), error == NULL ? WH("read") : error->message,
         text(wh_json_at(all, i), "message"));
  }
}

static void calculations(wh_json vectors) {
  wh_json all = wh_get(vectors, "compared");
  for (size_t i = 0; i < wh_json_len(all); i++) {
    wh_json it = wh_json_at(all, i);
    wh_quantity a = quantity(text(it, "a")), b = quantity(text(it, "b"));
    same(text(it, "a"), wh_from_int(wh_quantity_compare(a, b)), wh_from_int(number(it, "order")));
  }
  all = wh_get(vectors, "calculated");
  for (size_t i = 0; i < wh_json_len(all); i++) {
    wh_json it = wh_json_at(all, i);
    wh_quantity a = quantity(text(it, "a")), b = quantity(text(it, "b")), sum, difference;
    succeed(wh_quantity_add(a, b, &sum));
    succeed(wh_quantity_subtract(a, b, &difference));
    same(text(it, "a"), wh_from_quantity(sum), text(it, "sum"));
    same(text(it, "a"), wh_from_quantity(difference), text(it, "difference"));
  }
  all = wh_get(vectors, "multiplied");
  for (size_t i = 0; i < wh_json_len(all); i++) {
    wh_json it = wh_json_at(all, i);
    wh_quantity product = {0};
    succeed(wh_quantity_multiply(quantity(text(it, "text")), number(it, "by"), &product));
    same(text(it, "text"), wh_from_quantity(product), text(it, "product"));
  }
  wh_quantity most = quantity(WH("170141183460469231731687303715"));
  bool refused = wh_quantity_add(most, wh_quantity_of(1), &most) != NULL &&
                 wh_quantity_multiply(most, -2, &most) != NULL;
  same(WH("too large"), refused ? WH("refused") : WH("not refused"), WH("refused"));
}

static wh_entries entries(wh_json object) {
  wh_entries found = {malloc(wh_json_len(object) * sizeof(wh_entry)), wh_json_len(object)};
  for (size_t i = 0; i < found.len; i++) {
    wh_str key = wh_json_key(object, i), value = {"", 0};
    succeed(wh_read_str(wh_json_at(object, i), &value));
    found.items[i] = (wh_entry){key, value};
  }
  return found;
}

static void selectors(wh_json vectors) {
  wh_json all = wh_get(vectors, "selected");
  for (size_t i = 0; i < wh_json_len(all); i++) {
    wh_json it = wh_json_at(all, i);
    bool matches = wh_selects_labels(wh_get(it, "selector"), entries(wh_get(it, "labels")));
    same(wh_json_text(it), wh_json_bool(matches), wh_json_text(wh_get(it, "matches")));
  }
  name = "search";
  namespace = "team-a";
  labels_of_pipeline = entries(parsed(WH("{\"env\":\"prod\",\"tier\":\"1\"}")));
  static const struct {
    const char *selector;
    bool matches;
  } cases[] = {
      {"{}", true},
      {"{\"names\":[\"search\"],\"namespaces\":[\"x\",\"team-*\"]}", true},
      {"{\"names\":[\"search\"],\"namespaces\":[\"x\"]}", false},
      {"{\"names\":[\"sea\"]}", false},
      {"{\"names\":[\"s*r*h\"]}", true},
      {"{\"names\":[\"*\"]}", true},
      {"{\"names\":[\"*ch*\"]}", true},
      {"{\"names\":[\"*chx*\"]}", false},
      {"{\"labels\":{\"env\":\"prod\",\"tier\":\"1\"}}", true},
      {"{\"labels\":{\"env\":\"prod\",\"tier\":\"2\"}}", false},
      {"{\"labels\":{\"zone\":\"\"}}", false},
  };
  for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
    bool matches = wh_selects_pipeline(parsed(WH(cases[i].selector)), (wh_pipeline){0});
    same(WH(cases[i].selector), wh_json_bool(matches), wh_json_bool(cases[i].matches));
  }
}

static void values(void) {
  static const char *const tolerations[] = {"{}", "{\"key\":\"a\",\"new\":{\"b\":[null,true,-7]}}",
                                            "{\"key\":\"\",\"value\":\"\",\"tolerationSeconds\":0}"};
  for (size_t i = 0; i < sizeof(tolerations) / sizeof(*tolerations); i++) {
    wh_toleration it;
    succeed(wh_read_toleration(parsed(WH(tolerations[i])), &it));
    same(WH("toleration"), wh_toleration_json(it), WH(tolerations[i]));
  }
  static const char *const probes[] = {
      "{\"periodSeconds\":10,\"new\":true}",
      "{\"periodSeconds\":0,\"exec\":{\"command\":[\"a \\\"\\u0001\"],\"new\":1}}",
      "{\"tcpSocket\":{\"port\":\"web\",\"new\":1}}",
      "{\"grpc\":{\"port\":1,\"service\":\"\",\"new\":18446744073709551615}}",
      "{\"httpGet\":{\"path\":\"/\",\"port\":80,\"new\":15e-1}}",
  };
  for (size_t i = 0; i < sizeof(probes) / sizeof(*probes); i++) {
    wh_probe it;
    succeed(wh_read_probe(parsed(WH(probes[i])), &it));
    same(WH("probe"), wh_probe_json(it), WH(probes[i]));
  }
  wh_toleration spot = wh_toleration_equal("spot", "true", "NoExecute");
  spot.seconds = 30;
  same(WH("toleration"), wh_toleration_json(spot),
       WH("{\"key\":\"spot\",\"operator\":\"Equal\",\"value\":\"true\",\"effect\":\"NoExecute\",\"tolerationSeconds\":30}"));
  wh_probe probe = {.http_port = WH("8080"), .http_path = WH("/healthz"), .period_seconds = 10};
  same(WH("probe"), wh_probe_json(probe),
       WH("{\"httpGet\":{\"path\":\"/healthz\",\"port\":8080},\"periodSeconds\":10}"));
}

int main(int count, char **arguments) {
  FILE *file = count == 2 ? fopen(arguments[1], "rb") : NULL;
  if (file == NULL) {
    puts("name the file of vectors");
    return 2;
  }
  static char bytes[1 << 20];
  wh_json vectors = parsed((wh_str){bytes, fread(bytes, 1, sizeof(bytes), file)});
  quantities(vectors);
  calculations(vectors);
  selectors(vectors);
  values();
  return failed == 0 ? 0 : 1;
}
