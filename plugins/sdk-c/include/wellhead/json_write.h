// Writes JSON, e.g. for fields that cross as it.
//
//   wh_str item = wh_json_object(
//       wh_member("key", wh_json_str("nvidia.com/gpu")),
//       wh_member("operator", wh_json_str("Exists")));

#ifndef WELLHEAD_JSON_WRITE_H
#define WELLHEAD_JSON_WRITE_H

#include <wellhead/json.h>
#include <wellhead/text.h>

/// A text.
#define wh_json_str(text) wh_json_quoted(WH(text))
wh_str wh_json_quoted(wh_str text);

/// A number.
#define wh_json_int(number) wh_from_int(number)

/// `true` or `false`.
wh_str wh_json_bool(bool value);

/// A list of values that are JSON.
#define wh_json_list(...) \
  wh_json_list_of(sizeof((wh_str[]){__VA_ARGS__}) / sizeof(wh_str), (wh_str[]){__VA_ARGS__})
wh_str wh_json_list_of(size_t count, const wh_str *values);

/// A field of an object: its name, and its value as JSON. An empty value leaves the field out.
#define wh_member(name, json) ((wh_entry){WH(name), json})

/// An object of fields.
#define wh_json_object(...) \
  wh_json_object_of(sizeof((wh_entry[]){__VA_ARGS__}) / sizeof(wh_entry), (wh_entry[]){__VA_ARGS__})
wh_str wh_json_object_of(size_t count, const wh_entry *members);

/// A value that was read, as JSON.
wh_str wh_json_text(wh_json json);

/// An object that was read, with other fields: they replace those of their names, an empty value removes
/// the field, and all others stay as they are.
#define wh_json_with(object, ...)                                                       \
  wh_json_with_all(object, sizeof((wh_entry[]){__VA_ARGS__}) / sizeof(wh_entry),       \
                   (wh_entry[]){__VA_ARGS__})
wh_str wh_json_with_all(wh_json object, size_t count, const wh_entry *members);

#endif
