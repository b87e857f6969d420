// What a plugin learns beside the pipeline.

#include "edit_error.h"

#include <wellhead.h>

#define ASK(function, text)                                                             \
  plugin_string_t asked = {(uint8_t *)(text).data, (text).len};                         \
  wellhead_plugin_types_edit_error_t error;                                             \
  bool answered = function(&asked, (plugin_option_string_t *)found, &error);            \
  return answered ? NULL : wh_edit_error_from(&error)

wh_error *wh_fact_str(wh_str name, wh_optional_str *found) {
  ASK(wellhead_plugin_facts_get, name);
}

wh_error *wh_base_str(wh_str path, wh_optional_str *found) {
  ASK(wellhead_plugin_context_base, path);
}

wh_error *wh_set_by_str(wh_str path, wh_optional_str *found) {
  ASK(wellhead_plugin_context_set_by, path);
}

wh_error *wh_live_str(wh_str path, wh_optional_str *found) {
  ASK(wellhead_plugin_context_live, path);
}

bool wh_knows_live(void) {
  return wellhead_plugin_context_knows_live();
}
