#include "answer.h"
#include "edit_error.h"

#include <stdlib.h>

static plugin_option_string_t optional(wh_optional_str text) {
  return (plugin_option_string_t){text.is_some, {(uint8_t *)text.value.data, text.value.len}};
}

static wh_optional_str some(const wh_str *text) {
  return text == NULL ? (wh_optional_str){0} : (wh_optional_str){true, *text};
}

wh_error *wh_config_from(const plugin_string_t *text, wh_json *config) {
  return wh_json_parse((wh_str){(const char *)text->ptr, text->len}, WH_STR("config"), config);
}

bool wh_rejection_from(const wh_error *error, wellhead_plugin_types_rejection_t *refused) {
  refused->message = (plugin_string_t){(uint8_t *)error->message.data, error->message.len};
  refused->path = optional(error->path);
  refused->hint = optional(error->hint);
  return false;
}

void wh_findings_from(wh_findings findings, exports_wellhead_plugin_validate_list_finding_t *found) {
  found->len = findings.len;
  found->ptr = malloc(findings.len * sizeof(*found->ptr));
  for (size_t i = 0; i < findings.len; i++) {
    const wh_finding *finding = &findings.items[i];
    found->ptr[i] = (exports_wellhead_plugin_validate_finding_t){
        .severity = (uint8_t)finding->severity,
        .path = optional(finding->path),
        .message = {(uint8_t *)finding->message.data, finding->message.len},
        .hint = optional(finding->hint),
    };
  }
}

wh_error *wh_edit_error_from(const wellhead_plugin_types_edit_error_t *error) {
  // Every case holds the same, and the kinds have the order of the cases.
  const wellhead_plugin_types_edit_failure_t *failure = &error->val.denied;
  wh_error *result = malloc(sizeof(*result));
  *result = (wh_error){
      .kind = (wh_error_kind)error->tag,
      .message = {(const char *)failure->message.ptr, failure->message.len},
      .path = {true, {(const char *)failure->path.ptr, failure->path.len}},
      .hint = {failure->hint.is_some,
               {(const char *)failure->hint.val.ptr, failure->hint.val.len}},
  };
  return result;
}

wh_error *wh_reject_with(wh_str message, const wh_str *path, const wh_str *hint) {
  wh_error *result = malloc(sizeof(*result));
  *result = (wh_error){WH_REJECTED, message, some(path), some(hint)};
  return result;
}

void wh_find_with(wh_findings *findings, wh_severity severity, wh_str message, const wh_str *path,
                  const wh_str *hint) {
  findings->items = realloc(findings->items, (findings->len + 1) * sizeof(*findings->items));
  findings->items[findings->len++] = (wh_finding){severity, some(path), message, some(hint)};
}

void wh_log_str(wh_level level, wh_str message) {
  plugin_string_t text = {(uint8_t *)message.data, message.len};
  wellhead_plugin_log_log((wellhead_plugin_log_level_t)level, &text);
}
