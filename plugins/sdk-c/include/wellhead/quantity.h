// Amounts in Kubernetes' notation, e.g. `500m` or `10Gi`: exact, to a billionth.

#ifndef WELLHEAD_QUANTITY_H
#define WELLHEAD_QUANTITY_H

#include <wellhead/text.h>

/// How a quantity is written: with n u m k M G T P E, with Ki Mi Gi Ti Pi Ei, or with e3, E-3.
typedef enum wh_quantity_format {
  WH_QUANTITY_DECIMAL,
  WH_QUANTITY_BINARY,
  WH_QUANTITY_EXPONENT,
} wh_quantity_format;

/// An amount. `{0}` is 0.
typedef struct wh_quantity {
  /// In billionths.
  __extension__ __int128 nanos;
  wh_quantity_format format;
} wh_quantity;

/// Reads a quantity as Kubernetes does. The error names the text, and says what is wrong with it.
wh_error *wh_read_quantity(wh_str text, wh_quantity *found);

/// So many whole units: bytes, cores.
wh_quantity wh_quantity_of(int64_t units);

/// Less than 0, 0 or more than 0, by the amounts.
int wh_quantity_compare(wh_quantity a, wh_quantity b);

/// The sum, written as `a` is; as `b` is where `a` is 0. The error says that it is too large.
wh_error *wh_quantity_add(wh_quantity a, wh_quantity b, wh_quantity *sum);

/// The difference, written likewise.
wh_error *wh_quantity_subtract(wh_quantity a, wh_quantity b, wh_quantity *difference);

/// The product, written as `a` is.
wh_error *wh_quantity_multiply(wh_quantity a, int64_t by, wh_quantity *product);

/// The amount in whole units, rounded up (away from zero). The error says that it is too large for
/// an int64_t.
wh_error *wh_quantity_whole(wh_quantity quantity, int64_t *units);

/// As Kubernetes prints it: without a fraction, with the largest suffix of the kind that it was read
/// with. Beyond `E` and `Ei` the number grows.
wh_str wh_from_quantity(wh_quantity quantity);

#endif
