// Between the contract's errors and those that authors see.

#ifndef WELLHEAD_EDIT_ERROR_H
#define WELLHEAD_EDIT_ERROR_H

#include "../bindings/plugin.h"
#include <wellhead/types.h>

/// An edit that the host refused.
wh_error *wh_edit_error_from(const wellhead_plugin_types_edit_error_t *error);

#endif
