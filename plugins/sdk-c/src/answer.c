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

static plugin_string_t raw(wh_str text) {
  return (plugin_string_t){(uint8_t *)text.data, text.len};
}

_Static_assert(sizeof(wh_entry) == sizeof(wellhead_plugin_types_entry_t), "wh_entry");

bool wh_rejection_from(const wh_error *error, wellhead_plugin_types_rejection_t *refused) {
  *refused = (wellhead_plugin_types_rejection_t){
      .code = optional(error->code),
      .message = raw(error->message),
      .arguments = {(wellhead_plugin_types_entry_t *)error->arguments.items, error->arguments.len},
      .path = optional(error->path),
      .hint = optional(error->hint),
      .link = optional(error->link),
  };
  return false;
}

void wh_findings_from(wh_findings findings, exports_wellhead_plugin_validate_list_finding_t *found) {
  found->len = findings.len;
  found->ptr = malloc(findings.len * sizeof(*found->ptr));
  for (size_t i = 0; i < findings.len; i++) {
    const wh_finding *finding = &findings.items[i];
    const wh_entries *arguments = &finding->arguments;
    found->ptr[i] = (exports_wellhead_plugin_validate_finding_t){
        .severity = (uint8_t)finding->severity,
        .code = optional(finding->code),
        .message = raw(finding->message),
        .arguments = {(exports_wellhead_plugin_validate_entry_t *)arguments->items, arguments->len},
        .path = optional(finding->path),
        .hint = optional(finding->hint),
        .link = optional(finding->link),
    };
  }
}

static void add_argument(wh_entries *arguments, wh_str name, wh_str value) {
  arguments->items = realloc(arguments->items, (arguments->len + 1) * sizeof(*arguments->items));
  arguments->items[arguments->len++] = (wh_entry){name, value};
}

wh_error *wh_error_with_code(wh_error *error, wh_str code) {
  error->code = some(&code);
  return error;
}

wh_error *wh_error_with_argument(wh_error *error, wh_str name, wh_str value) {
  add_argument(&error->arguments, name, value);
  return error;
}

wh_error *wh_error_with_link(wh_error *error, wh_str url) {
  error->link = some(&url);
  return error;
}

wh_finding *wh_finding_with_code(wh_finding *finding, wh_str code) {
  finding->code = some(&code);
  return finding;
}

wh_finding *wh_finding_with_argument(wh_finding *finding, wh_str name, wh_str value) {
  add_argument(&finding->arguments, name, value);
  return finding;
}

wh_finding *wh_finding_with_link(wh_finding *finding, wh_str url) {
  finding->link = some(&url);
  return finding;
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
  *result = (wh_error){
      .kind = WH_REJECTED, .message = message, .path = some(path), .hint = some(hint)};
  return result;
}

wh_finding *wh_find_with(wh_findings *findings, wh_severity severity, wh_str message,
                         const wh_str *path, const wh_str *hint) {
  findings->items = realloc(findings->items, (findings->len + 1) * sizeof(*findings->items));
  wh_finding *finding = &findings->items[findings->len++];
  *finding = (wh_finding){
      .severity = severity, .path = some(path), .message = message, .hint = some(hint)};
  return finding;
}

void wh_log_str(wh_level level, wh_str message) {
  plugin_string_t text = {(uint8_t *)message.data, message.len};
  wellhead_plugin_log_log((wellhead_plugin_log_level_t)level, &text);
}
