// Makes a plugin one that judges the pipeline; it runs after all transformers. Include it in one file
// of the plugin.

#ifndef WELLHEAD_VALIDATOR_H
#define WELLHEAD_VALIDATOR_H

#include <wellhead.h>
#include "../../bindings/export_validate.h"
#include "../../src/answer.h"

/// Judges the pipeline. The plugin defines it. It adds all that is wrong to `findings`, not the first.
/// An error says that it cannot judge, e.g. because its config contradicts itself.
wh_error *validate(wh_pipeline pipeline, wh_json config, wh_findings *findings);

bool exports_wellhead_plugin_validate_validate(
    exports_wellhead_plugin_validate_borrow_pipeline_t target, plugin_string_t *config,
    exports_wellhead_plugin_validate_list_finding_t *found,
    exports_wellhead_plugin_validate_rejection_t *refused) {
  wh_json json;
  wh_findings findings = {0};
  wh_error *error = wh_config_from(config, &json);
  if (error == NULL) {
    error = validate((wh_pipeline){target.__handle}, json, &findings);
  }
  if (error != NULL) {
    return wh_rejection_from(error, refused);
  }
  wh_findings_from(findings, found);
  return true;
}

#endif
