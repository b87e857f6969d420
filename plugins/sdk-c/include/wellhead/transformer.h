// Makes a plugin one that edits the pipeline. Include it in one file of the plugin.

#ifndef WELLHEAD_TRANSFORMER_H
#define WELLHEAD_TRANSFORMER_H

#include <wellhead.h>
#include "../../bindings/export_transform.h"
#include "../../src/answer.h"

/// Edits the pipeline. The plugin defines it. The same pipeline and config must always give the same
/// edits. NULL keeps all of them; an error rejects the pipeline, and nothing is kept.
wh_error *transform(wh_pipeline pipeline, wh_json config);

bool exports_wellhead_plugin_transform_transform(
    exports_wellhead_plugin_transform_borrow_pipeline_t target, plugin_string_t *config,
    exports_wellhead_plugin_transform_rejection_t *refused) {
  wh_json json;
  wh_error *error = wh_config_from(config, &json);
  if (error == NULL) {
    error = transform((wh_pipeline){target.__handle}, json);
  }
  return error == NULL || wh_rejection_from(error, refused);
}

#endif
