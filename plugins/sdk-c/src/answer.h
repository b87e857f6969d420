// What a plugin's exports get and return.

#ifndef WELLHEAD_ANSWER_H
#define WELLHEAD_ANSWER_H

#include "../bindings/plugin.h"
#include <wellhead.h>

/// Reads the config.
wh_error *wh_config_from(const plugin_string_t *text, wh_json *config);

/// An error as the host gets it. Always returns false, which stands for an error.
bool wh_rejection_from(const wh_error *error, wellhead_plugin_types_rejection_t *refused);

/// Findings as the host gets them.
void wh_findings_from(wh_findings findings, exports_wellhead_plugin_validate_list_finding_t *found);

#endif
