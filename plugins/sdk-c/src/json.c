#include <wellhead.h>

#include "../third_party/yyjson/yyjson.h"

wh_error *wh_json_parse(wh_str text, wh_str path, wh_json *found) {
  yyjson_read_err error;
  yyjson_doc *document =
      yyjson_read_opts((char *)text.data, text.len, YYJSON_READ_NOFLAG, NULL, &error);
  if (document == NULL) {
    return wh_reject_at(wh_cat("it is no JSON: ", error.msg), path, "write JSON");
  }
  *found = (wh_json){yyjson_doc_get_root(document), path};
  return NULL;
}

wh_json_kind wh_json_kind_of(wh_json json) {
  switch (yyjson_get_type(json.value)) {
    case YYJSON_TYPE_NULL:
      return WH_JSON_NULL;
    case YYJSON_TYPE_BOOL:
      return WH_JSON_BOOL;
    case YYJSON_TYPE_NUM:
      return WH_JSON_NUMBER;
    case YYJSON_TYPE_STR:
      return WH_JSON_TEXT;
    case YYJSON_TYPE_ARR:
      return WH_JSON_LIST;
    case YYJSON_TYPE_OBJ:
      return WH_JSON_OBJECT;
    default:
      return WH_JSON_MISSING;
  }
}

bool wh_json_is_there(wh_json json) {
  return json.value != NULL;
}

static wh_json field(wh_json object, wh_str key, yyjson_val *value) {
  return (wh_json){value, wh_cat(object.path, ".", key)};
}

wh_json wh_json_get(wh_json object, wh_str key) {
  return field(object, key, yyjson_obj_getn(object.value, key.data, key.len));
}

size_t wh_json_len(wh_json json) {
  return yyjson_is_obj(json.value) ? yyjson_obj_size(json.value) : yyjson_arr_size(json.value);
}

// The key at a place: keys and values of an object follow each other.
static yyjson_val *key_at(wh_json object, size_t index) {
  yyjson_obj_iter iter = yyjson_obj_iter_with(object.value);
  yyjson_val *key = yyjson_obj_iter_next(&iter);
  while (key != NULL && index > 0) {
    key = yyjson_obj_iter_next(&iter);
    index--;
  }
  return key;
}

wh_json wh_json_at(wh_json json, size_t index) {
  if (yyjson_is_obj(json.value)) {
    yyjson_val *key = key_at(json, index);
    return field(json, wh_json_key(json, index), yyjson_obj_iter_get_val(key));
  }
  wh_str path = wh_cat(json.path, "[", wh_from_int((int64_t)index), "]");
  return (wh_json){yyjson_arr_get(json.value, index), path};
}

wh_str wh_json_key(wh_json object, size_t index) {
  yyjson_val *key = key_at(object, index);
  return key == NULL ? (wh_str){"", 0} : (wh_str){yyjson_get_str(key), yyjson_get_len(key)};
}

wh_strs wh_json_keys(wh_json object) {
  wh_strs keys = {0};
  size_t index, count;
  yyjson_val *key, *value;
  yyjson_obj_foreach(object.value, index, count, key, value) {
    (void)value;
    wh_push(&keys, (wh_str){yyjson_get_str(key), yyjson_get_len(key)});
  }
  return keys;
}

static wh_error *wrong(wh_json json, const char *expected) {
  static const char *const names[] = {"missing", "null",   "true or false", "a number",
                                      "a text",  "a list", "an object"};
  return wh_reject_at(wh_cat("it is ", names[wh_json_kind_of(json)]), json.path,
                      wh_cat("write ", expected));
}

wh_error *wh_read_str(wh_json json, wh_str *value) {
  if (!yyjson_is_str(json.value)) {
    return wrong(json, "a text");
  }
  *value = (wh_str){yyjson_get_str(json.value), yyjson_get_len(json.value)};
  return NULL;
}

wh_error *wh_read_double(wh_json json, double *value) {
  if (!yyjson_is_num(json.value)) {
    return wrong(json, "a number");
  }
  *value = yyjson_get_num(json.value);
  return NULL;
}

// JSON Schema counts 3.0 and 1e2 among the integers.
wh_error *wh_read_int(wh_json json, int64_t *value) {
  if (yyjson_is_sint(json.value) || (yyjson_is_uint(json.value) && yyjson_get_uint(json.value) <= INT64_MAX)) {
    *value = yyjson_get_sint(json.value);
    return NULL;
  }
  double number = yyjson_get_num(json.value);
  bool whole = yyjson_is_real(json.value) && number >= -0x1p63 && number < 0x1p63 &&
               (double)(int64_t)number == number;
  if (!whole) {
    return wrong(json, "a whole number");
  }
  *value = (int64_t)number;
  return NULL;
}

wh_error *wh_read_bool(wh_json json, bool *value) {
  if (!yyjson_is_bool(json.value)) {
    return wrong(json, "true or false");
  }
  *value = yyjson_get_bool(json.value);
  return NULL;
}
