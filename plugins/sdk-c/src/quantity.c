// Grammar, rounding and canonical form are apimachinery's:
// https://github.com/kubernetes/apimachinery/blob/v0.36.3/pkg/api/resource/quantity.go

#include <wellhead.h>

__extension__ typedef unsigned __int128 amount;

// Billionths in one.
#define NANOS UINT32_C(1000000000)
// Largest amount: the SDKs of all languages have it.
#define NANOS_MAX ((amount)-1 >> 1)
// Largest amount with a binary suffix that is read; Kubernetes caps there.
#define BINARY_MAX ((amount)INT64_MAX * NANOS)
// Exponents beyond this make nothing that fits, whatever the digits.
#define EXPONENT_MAX 256
// Most characters of a number.
#define DIGITS_MAX 128

static const char *const DECIMAL[] = {"n", "u", "m", "", "k", "M", "G", "T", "P", "E"};
static const char *const BINARY[] = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
enum { DECIMALS = sizeof(DECIMAL) / sizeof(*DECIMAL), BINARIES = sizeof(BINARY) / sizeof(*BINARY) };

// Products and quotients by parts of 32 bits: the runtime library's functions for 128 do not link
// everywhere.

// Multiplies and adds; false, and the largest amount, where that does not fit.
static bool multiply(amount *value, uint32_t by, uint32_t more) {
  amount product = 0;
  uint64_t carry = more;
  for (int part = 0; part < 4; part++) {
    carry += (uint64_t)(uint32_t)(*value >> (32 * part)) * by;
    product |= (amount)(uint32_t)carry << (32 * part);
    carry >>= 32;
  }
  bool fits = carry == 0 && product <= NANOS_MAX;
  *value = fits ? product : NANOS_MAX;
  return fits;
}

// Divides, and returns the rest.
static uint32_t divide(amount *value, uint32_t by) {
  amount quotient = 0;
  uint64_t rest = 0;
  for (int part = 3; part >= 0; part--) {
    rest = rest << 32 | (uint32_t)(*value >> (32 * part));
    quotient |= (amount)(rest / by) << (32 * part);
    rest %= by;
  }
  *value = quotient;
  return (uint32_t)rest;
}

// Adds; false, and the largest amount, where that does not fit.
static bool add(amount *value, amount more) {
  bool fits = more <= NANOS_MAX - *value;
  *value = fits ? *value + more : NANOS_MAX;
  return fits;
}

// What a suffix multiplies by: a base so many times, and for a binary suffix a billion; or a power of ten.
typedef struct scale {
  uint32_t base;
  int times;
  int exponent;
  wh_quantity_format format;
} scale;

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static bool read_exponent(wh_str suffix, scale *found) {
  if (suffix.len < 2 || (suffix.data[0] != 'e' && suffix.data[0] != 'E')) {
    return false;
  }
  size_t at = suffix.data[1] == '+' || suffix.data[1] == '-' ? 2 : 1;
  int exponent = 0;
  if (at == suffix.len) {
    return false;
  }
  for (; at < suffix.len; at++) {
    if (!is_digit(suffix.data[at])) {
      return false;
    }
    exponent = exponent * 10 + (suffix.data[at] - '0');
    exponent = exponent < EXPONENT_MAX ? exponent : EXPONENT_MAX;
  }
  *found = (scale){1, 0, suffix.data[1] == '-' ? -exponent : exponent, WH_QUANTITY_EXPONENT};
  return true;
}

static bool read_scale(wh_str suffix, scale *found) {
  for (int at = 0; at < DECIMALS; at++) {
    if (wh_eq(suffix, DECIMAL[at])) {
      *found = (scale){1000, at, 0, WH_QUANTITY_DECIMAL};
      return true;
    }
  }
  for (int at = 0; at < BINARIES; at++) {
    if (wh_eq(suffix, BINARY[at])) {
      *found = (scale){1024, at, 0, WH_QUANTITY_BINARY};
      return true;
    }
  }
  return read_exponent(suffix, found);
}

static bool multiply_by_unit(amount *value, scale by) {
  bool fits = by.format != WH_QUANTITY_BINARY || multiply(value, NANOS, 0);
  for (int time = 0; time < by.times; time++) {
    fits &= multiply(value, by.base, 0);
  }
  return fits;
}

// Digits before and behind the point, times a unit, rounded up.
static bool product_of(wh_str digits, size_t point, scale by, amount *product) {
  amount total = 0, below = 0;
  bool fits = true, inexact = false;
  for (size_t at = 0; at < point; at++) {
    fits &= multiply(&total, 10, at < digits.len ? (uint32_t)(digits.data[at] - '0') : 0);
  }
  fits &= multiply_by_unit(&total, by);
  // From the last digit to the first. Floors nest, so what is lost is below one, and `inexact` says
  // whether something is.
  for (size_t at = digits.len; at > point; at--) {
    amount part = (amount)(digits.data[at - 1] - '0');
    fits &= multiply_by_unit(&part, by) && add(&below, part);
    inexact |= divide(&below, 10) != 0;
  }
  fits &= add(&total, below + inexact);
  *product = total;
  return fits;
}

// Digits times what a suffix stands for.
static bool scaled(wh_str digits, size_t whole, scale by, amount *product) {
  if (by.format != WH_QUANTITY_EXPONENT) {
    return product_of(digits, whole, by, product);
  }
  bool zero = true;
  for (size_t at = 0; at < digits.len; at++) {
    zero &= digits.data[at] == '0';
  }
  int point = (int)whole + by.exponent + 9;
  if (zero || point < 0) {
    // What is not zero and below a billionth is one.
    *product = zero ? 0 : 1;
    return true;
  }
  return product_of(digits, (size_t)point, by, product);
}

wh_error *wh_read_quantity(wh_str text, wh_quantity *found) {
  bool negative = text.len > 0 && text.data[0] == '-';
  size_t start = negative || (text.len > 0 && text.data[0] == '+') ? 1 : 0;
  size_t end = start, points = 0, whole = 0;
  char number[DIGITS_MAX];
  wh_str digits = {number, 0};
  for (; end < text.len && (is_digit(text.data[end]) || text.data[end] == '.'); end++) {
    if (text.data[end] == '.') {
      points++;
    } else {
      if (digits.len < DIGITS_MAX) {
        number[digits.len] = text.data[end];
      }
      digits.len++;
      whole += points == 0;
    }
  }
  const char *wrong = NULL;
  scale by = {0};
  amount nanos = 0;
  if (points > 1 || digits.len == 0) {
    wrong = "it is a number with an optional suffix, e.g. `500m`, `2` or `10Gi`";
  } else if (digits.len + points > DIGITS_MAX) {
    wrong = "it has more than 128 digits";
  } else if (!read_scale(wh_after(text, end), &by)) {
    wrong = "its suffix is one of n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei, or an exponent such as e3";
  } else if (!scaled(digits, whole, by, &nanos) && by.format != WH_QUANTITY_BINARY) {
    wrong = "it is too large";
  }
  if (wrong != NULL) {
    return wh_reject_with(wh_cat("`", text, "` is not a quantity: ", wrong), NULL, NULL);
  }
  if (by.format == WH_QUANTITY_BINARY) {
    nanos = nanos < BINARY_MAX ? nanos : BINARY_MAX;
    by.format = nanos < NANOS ? WH_QUANTITY_DECIMAL : by.format;
  }
  found->nanos = negative ? -(__int128)nanos : (__int128)nanos;
  found->format = by.format;
  return NULL;
}

int wh_quantity_compare(wh_quantity a, wh_quantity b) {
  return (a.nanos > b.nanos) - (a.nanos < b.nanos);
}

static amount size_of(wh_quantity quantity) {
  return quantity.nanos < 0 ? -(amount)quantity.nanos : (amount)quantity.nanos;
}

static wh_quantity signed_of(amount size, bool negative, wh_quantity_format format) {
  return (wh_quantity){negative ? -(__int128)size : (__int128)size, format};
}

wh_quantity wh_quantity_of(int64_t units) {
  amount size = units < 0 ? 0 - (uint64_t)units : (uint64_t)units;
  multiply(&size, NANOS, 0);
  return signed_of(size, units < 0, WH_QUANTITY_DECIMAL);
}

static wh_error *too_large(void) {
  return wh_reject_with(WH("a quantity is too large"), NULL, NULL);
}

wh_error *wh_quantity_add(wh_quantity a, wh_quantity b, wh_quantity *sum) {
  bool same = (a.nanos < 0) == (b.nanos < 0);
  if (same && size_of(a) > NANOS_MAX - size_of(b)) {
    return too_large();
  }
  *sum = (wh_quantity){a.nanos + b.nanos, a.nanos == 0 ? b.format : a.format};
  return NULL;
}

wh_error *wh_quantity_subtract(wh_quantity a, wh_quantity b, wh_quantity *difference) {
  return wh_quantity_add(a, (wh_quantity){-b.nanos, b.format}, difference);
}

wh_error *wh_quantity_multiply(wh_quantity a, int64_t by, wh_quantity *product) {
  uint64_t times = by < 0 ? 0 - (uint64_t)by : (uint64_t)by;
  amount high = size_of(a), low = high;
  bool fits = multiply(&high, (uint32_t)(times >> 32), 0) && high <= NANOS_MAX >> 32;
  fits = fits && multiply(&low, (uint32_t)times, 0) && add(&low, high << 32);
  if (!fits) {
    return too_large();
  }
  *product = signed_of(low, (a.nanos < 0) != (by < 0), a.format);
  return NULL;
}

wh_error *wh_quantity_whole(wh_quantity quantity, int64_t *units) {
  amount whole = size_of(quantity);
  uint32_t rest = divide(&whole, NANOS);
  whole += rest > 0;
  if (whole > INT64_MAX) {
    return too_large();
  }
  *units = quantity.nanos < 0 ? -(int64_t)whole : (int64_t)whole;
  return NULL;
}

// Divides by a base as often as nothing is left, at most so many times.
static int reduce(amount *number, uint32_t base, int most) {
  int times = 0;
  amount quotient = *number;
  while (times < most && divide(&quotient, base) == 0) {
    *number = quotient;
    times++;
  }
  return times;
}

static wh_str printed(bool negative, amount number, wh_str suffix) {
  char digits[40];
  size_t at = sizeof(digits);
  do {
    digits[--at] = (char)('0' + divide(&number, 10));
  } while (number > 0);
  return wh_cat(negative ? "-" : "", ((wh_str){digits + at, sizeof(digits) - at}), suffix);
}

wh_str wh_from_quantity(wh_quantity quantity) {
  amount number = size_of(quantity), whole = number;
  bool negative = quantity.nanos < 0;
  if (number == 0) {
    return WH("0");
  }
  bool is_whole = divide(&whole, NANOS) == 0;
  if (quantity.format == WH_QUANTITY_BINARY && is_whole && whole >= 1024) {
    int times = reduce(&whole, 1024, BINARIES - 1);
    return printed(negative, whole, WH(BINARY[times]));
  }
  if (quantity.format == WH_QUANTITY_EXPONENT) {
    int times = reduce(&number, 1000, EXPONENT_MAX);
    return printed(negative, number, times == 3 ? WH("") : wh_cat("e", wh_from_int(3 * times - 9)));
  }
  int times = reduce(&number, 1000, DECIMALS - 1);
  return printed(negative, number, WH(DECIMAL[times]));
}
