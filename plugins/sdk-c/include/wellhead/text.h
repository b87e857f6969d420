// Texts and lists of texts.
//
// What these functions return is never freed: each call of a plugin starts with fresh memory, and
// all of it goes when the call ends.

#ifndef WELLHEAD_TEXT_H
#define WELLHEAD_TEXT_H

#include <wellhead/types.h>

wh_str wh_str_from(const char *text);
wh_str wh_str_same(wh_str text);
wh_str wh_cat_all(size_t count, const wh_str *parts);
bool wh_eq_strs(wh_str a, wh_str b);
bool wh_starts_with_str(wh_str text, wh_str prefix);

/// A text as `wh_str`: of a `wh_str`, or of a C string such as "literal". Macros of this SDK do it
/// with each text that they are given.
#define WH(text) \
  _Generic((text), wh_str: wh_str_same, char *: wh_str_from, const char *: wh_str_from)(text)

/// A literal as a constant, e.g. for a table.
#define WH_STR(literal) ((wh_str){(literal), sizeof(literal) - 1})

/// One text of two to nine, each a `wh_str` or a C string: wh_cat("claim `", name, "`").
#define wh_cat(...) \
  WH_CAT_PICK(__VA_ARGS__, WH_CAT9, WH_CAT8, WH_CAT7, WH_CAT6, WH_CAT5, WH_CAT4, WH_CAT3, WH_CAT2, WH_CAT1, )(__VA_ARGS__)
#define WH_CAT_PICK(a, b, c, d, e, f, g, h, i, name, ...) name
#define WH_CAT1(a) WH(a)
#define WH_CAT2(a, b) wh_cat_all(2, (wh_str[]){WH(a), WH(b)})
#define WH_CAT3(a, b, c) wh_cat_all(3, (wh_str[]){WH(a), WH(b), WH(c)})
#define WH_CAT4(a, b, c, d) wh_cat_all(4, (wh_str[]){WH(a), WH(b), WH(c), WH(d)})
#define WH_CAT5(a, b, c, d, e) wh_cat_all(5, (wh_str[]){WH(a), WH(b), WH(c), WH(d), WH(e)})
#define WH_CAT6(a, b, c, d, e, f) \
  wh_cat_all(6, (wh_str[]){WH(a), WH(b), WH(c), WH(d), WH(e), WH(f)})
#define WH_CAT7(a, b, c, d, e, f, g) \
  wh_cat_all(7, (wh_str[]){WH(a), WH(b), WH(c), WH(d), WH(e), WH(f), WH(g)})
#define WH_CAT8(a, b, c, d, e, f, g, h) \
  wh_cat_all(8, (wh_str[]){WH(a), WH(b), WH(c), WH(d), WH(e), WH(f), WH(g), WH(h)})
#define WH_CAT9(a, b, c, d, e, f, g, h, i) \
  wh_cat_all(9, (wh_str[]){WH(a), WH(b), WH(c), WH(d), WH(e), WH(f), WH(g), WH(h), WH(i)})

/// Before all other items of a list, and after all others.
#define wh_at_first ((wh_place){.kind = 0})
#define wh_at_last ((wh_place){.kind = 1})

/// Before and after the item at a path.
#define wh_at_before(beside) ((wh_place){.kind = 2, .path = WH(beside)})
#define wh_at_after(beside) ((wh_place){.kind = 3, .path = WH(beside)})

/// Whether two texts are the same.
#define wh_eq(a, b) wh_eq_strs(WH(a), WH(b))

/// Whether a text begins so.
#define wh_starts_with(text, prefix) wh_starts_with_str(WH(text), WH(prefix))

/// Less than 0, 0 or more than 0, by the order of code points.
int wh_compare(wh_str a, wh_str b);

/// A number as text.
wh_str wh_from_int(int64_t number);

/// The part of a text from a byte to its end; an empty text from beyond its end.
wh_str wh_after(wh_str text, size_t start);

/// Adds a text to a list. Begin with `wh_strs list = {0};`.
void wh_push(wh_strs *list, wh_str text);

/// Whether a list has a text.
bool wh_has(wh_strs list, wh_str text);

/// Sorts a list by code points.
void wh_sort(wh_strs list);

#endif
