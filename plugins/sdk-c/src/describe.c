#include "../bindings/export_describe.h"
#include <wellhead.h>

#include <stdlib.h>

static plugin_string_t text(const char *text) {
  wh_str found = wh_str_from(text);
  return (plugin_string_t){(uint8_t *)found.data, found.len};
}

static plugin_list_string_t texts(const char *const *list) {
  size_t count = 0;
  while (list != NULL && list[count] != NULL) {
    count++;
  }
  plugin_string_t *items = malloc(count * sizeof(*items));
  for (size_t i = 0; i < count; i++) {
    items[i] = text(list[i]);
  }
  return (plugin_list_string_t){items, count};
}

static plugin_option_string_t optional(const char *given) {
  return given == NULL ? (plugin_option_string_t){0} : (plugin_option_string_t){true, text(given)};
}

void exports_wellhead_plugin_describe_describe(
    exports_wellhead_plugin_describe_plugin_info_t *info) {
  *info = (exports_wellhead_plugin_describe_plugin_info_t){
      .name = text(wh_plugin.name),
      .version = text(wh_plugin.version),
      .description = text(wh_plugin.description),
      .config_schema = text(wh_plugin.config_schema),
      .writes = texts(wh_plugin.writes),
      .opens = texts(wh_plugin.opens),
      .facts = texts(wh_plugin.facts),
      .license = optional(wh_plugin.license),
      .homepage = optional(wh_plugin.homepage),
      .min_host = optional(wh_plugin.min_host),
  };
}
