#include "../bindings/export_describe.h"
#include <wellhead.h>

#include <stdlib.h>

static plugin_string_t text(const char *text) {
  wh_str found = wh_str_from(text);
  return (plugin_string_t){(uint8_t *)found.data, found.len};
}

void exports_wellhead_plugin_describe_describe(
    exports_wellhead_plugin_describe_plugin_info_t *info) {
  size_t count = 0;
  while (wh_plugin.writes != NULL && wh_plugin.writes[count] != NULL) {
    count++;
  }
  plugin_string_t *writes = malloc(count * sizeof(*writes));
  for (size_t i = 0; i < count; i++) {
    writes[i] = text(wh_plugin.writes[i]);
  }
  info->name = text(wh_plugin.name);
  info->version = text(wh_plugin.version);
  info->description = text(wh_plugin.description);
  info->config_schema = text(wh_plugin.config_schema);
  info->writes = (plugin_list_string_t){writes, count};
}
