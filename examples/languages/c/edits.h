// Edits of any field, as the config lists them.

#ifndef EDITS_H
#define EDITS_H

#include <wellhead.h>

// Makes all of them, in their order.
wh_error *make_edits(wh_pipeline pipeline, wh_json edits);

#endif
