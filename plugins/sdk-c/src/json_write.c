#include <wellhead.h>

#include <stdlib.h>

#include "../third_party/yyjson/yyjson.h"

// Text that grows.
typedef struct buffer {
  char *data;
  size_t len;
  size_t room;
} buffer;

static void put(buffer *out, wh_str text) {
  if (text.len > out->room - out->len) {
    out->room = 2 * (out->room + text.len);
    out->data = realloc(out->data, out->room);
  }
  for (size_t i = 0; i < text.len; i++) {
    out->data[out->len++] = text.data[i];
  }
}

static wh_str done(buffer out) {
  return (wh_str){out.data, out.len};
}

static void put_quoted(buffer *out, wh_str text) {
  static const char hex[] = "0123456789abcdef";
  put(out, WH("\""));
  for (size_t i = 0; i < text.len; i++) {
    char c = text.data[i];
    if (c == '"' || c == '\\') {
      put(out, (wh_str){(char[]){'\\', c}, 2});
    } else if ((unsigned char)c < ' ') {
      put(out, (wh_str){(char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6});
    } else {
      put(out, (wh_str){&c, 1});
    }
  }
  put(out, WH("\""));
}

wh_str wh_json_quoted(wh_str text) {
  buffer out = {0};
  put_quoted(&out, text);
  return done(out);
}

wh_str wh_json_bool(bool value) {
  return value ? WH("true") : WH("false");
}

wh_str wh_json_list_of(size_t count, const wh_str *values) {
  buffer out = {0};
  put(&out, WH("["));
  for (size_t i = 0; i < count; i++) {
    put(&out, i == 0 ? WH("") : WH(","));
    put(&out, values[i]);
  }
  put(&out, WH("]"));
  return done(out);
}

static void put_member(buffer *out, wh_str name, wh_str json) {
  if (json.len > 0) {
    put(out, out->data[out->len - 1] == '{' ? WH("") : WH(","));
    put_quoted(out, name);
    put(out, WH(":"));
    put(out, json);
  }
}

wh_str wh_json_object_of(size_t count, const wh_entry *members) {
  return wh_json_with_all((wh_json){0}, count, members);
}

wh_str wh_json_with_all(wh_json object, size_t count, const wh_entry *members) {
  buffer out = {0};
  put(&out, WH("{"));
  for (size_t i = 0; i < wh_json_len(object); i++) {
    wh_str name = wh_json_key(object, i), value = wh_json_text(wh_json_at(object, i));
    for (size_t j = 0; j < count; j++) {
      value = wh_eq(members[j].key, name) ? members[j].value : value;
    }
    put_member(&out, name, value);
  }
  for (size_t j = 0; j < count; j++) {
    if (!wh_json_is_there(wh_get(object, members[j].key))) {
      put_member(&out, members[j].key, members[j].value);
    }
  }
  put(&out, WH("}"));
  return done(out);
}

// A fraction as an integer and a power of ten. Both are exact up to 2^53 and 10^22, so that a reader
// gets the same number; one with more digits is rounded.
static wh_str fraction(double number) {
  double power = 1;
  int places = 0;
  while (places < 22 && (double)(int64_t)(number * power) / power != number &&
         number * power < 0x1p53 && number * power > -0x1p53) {
    power *= 10;
    places++;
  }
  wh_str digits = wh_from_int((int64_t)(number * power));
  return places == 0 ? digits : wh_cat(digits, "e-", wh_from_int(places));
}

static wh_str number_text(yyjson_val *value) {
  if (yyjson_is_uint(value)) {
    uint64_t number = yyjson_get_uint(value);
    return number <= INT64_MAX ? wh_from_int((int64_t)number)
                               : wh_cat(wh_from_int((int64_t)(number / 10)), wh_from_int((int64_t)(number % 10)));
  }
  double real = yyjson_get_num(value);
  if (yyjson_is_sint(value)) {
    return wh_from_int(yyjson_get_sint(value));
  }
  return real < 0x1p53 && real > -0x1p53 ? fraction(real) : wh_from_int((int64_t)real);
}

wh_str wh_json_text(wh_json json) {
  switch (wh_json_kind_of(json)) {
    case WH_JSON_MISSING:
      return WH("");
    case WH_JSON_NULL:
      return WH("null");
    case WH_JSON_BOOL:
      return wh_json_bool(yyjson_get_bool(json.value));
    case WH_JSON_NUMBER:
      return number_text(json.value);
    case WH_JSON_TEXT:
      return wh_json_quoted((wh_str){yyjson_get_str(json.value), yyjson_get_len(json.value)});
    case WH_JSON_OBJECT:
      return wh_json_with_all(json, 0, NULL);
    case WH_JSON_LIST:
      break;
  }
  size_t count = wh_json_len(json);
  wh_str *items = malloc(count * sizeof(*items));
  for (size_t i = 0; i < count; i++) {
    items[i] = wh_json_text(wh_json_at(json, i));
  }
  return wh_json_list_of(count, items);
}
