// Reads JSON: the plugin's config, and fields that cross as JSON. yyjson does the work; its header
// is there for whoever needs more (`wh_json.value` is its value, NULL for what is missing).

#ifndef WELLHEAD_JSON_H
#define WELLHEAD_JSON_H

#include <wellhead/types.h>

struct yyjson_val;

/// A value, and where it stands, for messages: `config.rules[0].class`.
typedef struct wh_json {
  struct yyjson_val *value;
  wh_str path;
} wh_json;

/// What a value is. `WH_JSON_MISSING` is what an absent field of an object is.
typedef enum wh_json_kind {
  WH_JSON_MISSING,
  WH_JSON_NULL,
  WH_JSON_BOOL,
  WH_JSON_NUMBER,
  WH_JSON_TEXT,
  WH_JSON_LIST,
  WH_JSON_OBJECT,
} wh_json_kind;

/// Reads a text. `path` is what the paths in it begin with.
wh_error *wh_json_parse(wh_str text, wh_str path, wh_json *found);

/// What it is.
wh_json_kind wh_json_kind_of(wh_json json);

/// Whether it is there; `null` is.
bool wh_json_is_there(wh_json json);

/// The field of an object: `WH_JSON_MISSING` where there is none, and in what is no object.
wh_json wh_json_get(wh_json object, wh_str key);

/// The field of an object, by a C string or a `wh_str`.
#define wh_get(object, key) wh_json_get(object, WH(key))

/// Number of items of a list or of fields of an object, 0 for anything else.
size_t wh_json_len(wh_json json);

/// An item of a list, or the value of a field of an object, by its place, from 0.
wh_json wh_json_at(wh_json json, size_t index);

/// Name of a field of an object, by its place, from 0.
wh_str wh_json_key(wh_json object, size_t index);

/// Names of all fields of an object, in their order.
wh_strs wh_json_keys(wh_json object);

/// Reads a text, a number, a whole number, or a bool. The error names the field, and says what it is
/// instead. Of a config that fits the plugin's schema, this says that the schema and the code differ.
wh_error *wh_read_str(wh_json json, wh_str *value);
wh_error *wh_read_double(wh_json json, double *value);
wh_error *wh_read_int(wh_json json, int64_t *value);
wh_error *wh_read_bool(wh_json json, bool *value);

#endif
