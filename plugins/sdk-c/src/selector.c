#include <wellhead.h>

static bool text_of(wh_json json, wh_str *text) {
  if (wh_json_kind_of(json) != WH_JSON_TEXT) {
    return false;
  }
  return wh_read_str(json, text) == NULL;
}

static const wh_str *value_of(wh_entries labels, wh_str key) {
  for (size_t i = 0; i < labels.len; i++) {
    if (wh_eq(labels.items[i].key, key)) {
      return &labels.items[i].value;
    }
  }
  return NULL;
}

static bool has_all(wh_entries labels, wh_json wanted) {
  for (size_t i = 0; i < wh_json_len(wanted); i++) {
    wh_str expected;
    const wh_str *value = value_of(labels, wh_json_key(wanted, i));
    if (value == NULL || !text_of(wh_json_at(wanted, i), &expected) || !wh_eq(*value, expected)) {
      return false;
    }
  }
  return true;
}

static bool listed(const wh_str *value, wh_json values) {
  for (size_t i = 0; value != NULL && i < wh_json_len(values); i++) {
    wh_str item;
    if (text_of(wh_json_at(values, i), &item) && wh_eq(item, *value)) {
      return true;
    }
  }
  return false;
}

static bool holds(wh_json requirement, wh_entries labels) {
  wh_str key, operator;
  if (!text_of(wh_get(requirement, "key"), &key) ||
      !text_of(wh_get(requirement, "operator"), &operator)) {
    return false;
  }
  const wh_str *value = value_of(labels, key);
  bool is_listed = listed(value, wh_get(requirement, "values"));
  return (wh_eq(operator, "In") && is_listed) || (wh_eq(operator, "NotIn") && !is_listed) ||
         (wh_eq(operator, "Exists") && value != NULL) ||
         (wh_eq(operator, "DoesNotExist") && value == NULL);
}

bool wh_selects_labels(wh_json selector, wh_entries labels) {
  if (wh_json_kind_of(selector) != WH_JSON_OBJECT || !has_all(labels, wh_get(selector, "matchLabels"))) {
    return false;
  }
  wh_json expressions = wh_get(selector, "matchExpressions");
  for (size_t i = 0; i < wh_json_len(expressions); i++) {
    if (!holds(wh_json_at(expressions, i), labels)) {
      return false;
    }
  }
  return true;
}

static bool one_of(wh_json patterns, wh_str text) {
  bool found = wh_json_len(patterns) == 0;
  for (size_t i = 0; !found && i < wh_json_len(patterns); i++) {
    wh_str pattern;
    found = text_of(wh_json_at(patterns, i), &pattern) && wh_glob(pattern, text);
  }
  return found;
}

bool wh_selects_pipeline(wh_json selector, wh_pipeline pipeline) {
  wh_str namespace = {"", 0};
  wh_pipeline_namespace(pipeline, &namespace);
  return one_of(wh_get(selector, "names"), wh_pipeline_name(pipeline)) &&
         one_of(wh_get(selector, "namespaces"), namespace) &&
         has_all(wh_pipeline_labels(pipeline), wh_get(selector, "labels"));
}

// The last star takes more whenever what follows it does not fit.
bool wh_glob(wh_str pattern, wh_str text) {
  size_t at = 0, read = 0, taken = 0, star = SIZE_MAX;
  while (read < text.len) {
    if (at < pattern.len && pattern.data[at] == '*') {
      star = at++;
      taken = read;
    } else if (at < pattern.len && pattern.data[at] == text.data[read]) {
      at++;
      read++;
    } else if (star != SIZE_MAX) {
      at = star + 1;
      read = ++taken;
    } else {
      return false;
    }
  }
  while (at < pattern.len && pattern.data[at] == '*') {
    at++;
  }
  return at == pattern.len;
}
