#include <wellhead/text.h>

#include <stdlib.h>
#include <string.h>

wh_str wh_str_from(const char *text) {
  return (wh_str){text, strlen(text)};
}

wh_str wh_str_same(wh_str text) {
  return text;
}

wh_str wh_cat_all(size_t count, const wh_str *parts) {
  size_t len = 0;
  for (size_t i = 0; i < count; i++) {
    len += parts[i].len;
  }
  char *data = malloc(len);
  size_t at = 0;
  for (size_t i = 0; i < count; i++) {
    if (parts[i].len > 0) {
      memcpy(data + at, parts[i].data, parts[i].len);
    }
    at += parts[i].len;
  }
  return (wh_str){data, len};
}

bool wh_eq_strs(wh_str a, wh_str b) {
  return wh_compare(a, b) == 0;
}

bool wh_starts_with_str(wh_str text, wh_str prefix) {
  return text.len >= prefix.len && wh_eq_strs((wh_str){text.data, prefix.len}, prefix);
}

// Bytes of UTF-8 have the order of code points.
int wh_compare(wh_str a, wh_str b) {
  size_t common = a.len < b.len ? a.len : b.len;
  int order = common == 0 ? 0 : memcmp(a.data, b.data, common);
  return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

wh_str wh_from_int(int64_t number) {
  char digits[20];
  size_t at = sizeof(digits);
  uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
  do {
    digits[--at] = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest > 0);
  if (number < 0) {
    digits[--at] = '-';
  }
  return wh_cat_all(1, &(wh_str){digits + at, sizeof(digits) - at});
}

wh_str wh_after(wh_str text, size_t start) {
  return start >= text.len ? (wh_str){text.data, 0} : (wh_str){text.data + start, text.len - start};
}

void wh_push(wh_strs *list, wh_str text) {
  list->items = realloc(list->items, (list->len + 1) * sizeof(*list->items));
  list->items[list->len++] = text;
}

bool wh_has(wh_strs list, wh_str text) {
  for (size_t i = 0; i < list.len; i++) {
    if (wh_eq_strs(list.items[i], text)) {
      return true;
    }
  }
  return false;
}

static int order(const void *a, const void *b) {
  return wh_compare(*(const wh_str *)a, *(const wh_str *)b);
}

void wh_sort(wh_strs list) {
  if (list.len > 1) {
    qsort(list.items, list.len, sizeof(*list.items), order);
  }
}
