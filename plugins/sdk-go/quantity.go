package wellhead

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// Quantity is an amount in Kubernetes' notation, e.g. `500m` or `10Gi`: exact, to a billionth. Its zero
// value is 0. Grammar, rounding and canonical form are apimachinery's, and a field of a config can have
// this type.
//
// https://github.com/kubernetes/apimachinery/blob/v0.36.3/pkg/api/resource/quantity.go
type Quantity struct {
	// In billionths; nil is 0. It is never changed.
	nanos  *big.Int
	format format
}

// How a quantity is written.
type format uint8

const (
	// With n u m k M G T P E.
	decimalSuffix format = iota
	// With Ki Mi Gi Ti Pi Ei.
	binarySuffix
	// With e3, E-3.
	decimalExponent
)

const (
	// Exponents beyond this make nothing that fits, whatever the digits.
	exponentMax = 256
	// Most characters of a number.
	digitsMax = 128
)

var (
	decimalSuffixes = []string{"n", "u", "m", "", "k", "M", "G", "T", "P", "E"}
	binarySuffixes  = []string{"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"}

	billion = big.NewInt(1_000_000_000)
	// Largest amount: the SDKs of all languages have it.
	nanosMax = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 127), big.NewInt(1))
	// Largest amount with a binary suffix that is read; Kubernetes caps there.
	binaryMax = new(big.Int).Mul(big.NewInt(1<<63-1), billion)
)

// ParseQuantity reads a quantity. The error names the text, and says what is wrong with it.
func ParseQuantity(text string) (Quantity, error) {
	quantity, reason := parseQuantity(text)
	if reason != "" {
		return Quantity{}, fmt.Errorf("`%s` is not a quantity: %s", text, reason)
	}
	return quantity, nil
}

// NewQuantity is so many whole units: bytes, cores.
func NewQuantity(units int64) Quantity {
	return Quantity{nanos: new(big.Int).Mul(big.NewInt(units), billion)}
}

func parseQuantity(text string) (Quantity, string) {
	unsigned, negative := unsigned(text)
	number, suffix := unsigned, ""
	if at := strings.IndexFunc(unsigned, func(r rune) bool { return r != '.' && (r < '0' || r > '9') }); at >= 0 {
		number, suffix = unsigned[:at], unsigned[at:]
	}
	whole, fraction, _ := strings.Cut(number, ".")
	if strings.Contains(fraction, ".") || whole+fraction == "" {
		return Quantity{}, "it is a number with an optional suffix, e.g. `500m`, `2` or `10Gi`"
	}
	if len(number) > digitsMax {
		return Quantity{}, "it has more than 128 digits"
	}
	shift, exponent, format, known := scale(suffix)
	if !known {
		return Quantity{}, "its suffix is one of n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei, or an exponent such as e3"
	}
	nanos, _ := new(big.Int).SetString(whole+fraction, 10)
	nanos.Lsh(nanos, shift)
	if exponent += 9 - len(fraction); exponent >= 0 {
		nanos.Mul(nanos, power(exponent))
	} else {
		// Rounded up: what asks for something gets something.
		divisor := power(-exponent)
		nanos.Div(nanos.Add(nanos, divisor).Sub(nanos, big.NewInt(1)), divisor)
	}
	if format == binarySuffix {
		if nanos.Cmp(binaryMax) > 0 {
			nanos = binaryMax
		}
		if nanos.Cmp(billion) < 0 {
			format = decimalSuffix
		}
	}
	if nanos.Cmp(nanosMax) > 0 {
		return Quantity{}, "it is too large"
	}
	if negative {
		nanos = new(big.Int).Neg(nanos)
	}
	return Quantity{nanos, format}, ""
}

func unsigned(text string) (string, bool) {
	if text != "" && (text[0] == '+' || text[0] == '-') {
		return text[1:], text[0] == '-'
	}
	return text, false
}

// What a suffix multiplies by: a power of two and a power of ten.
func scale(suffix string) (shift uint, exponent int, format format, known bool) {
	for at, it := range decimalSuffixes {
		if it == suffix {
			return 0, 3*at - 9, decimalSuffix, true
		}
	}
	for at, it := range binarySuffixes {
		if it == suffix {
			return uint(10 * at), 0, binarySuffix, true
		}
	}
	if suffix[0] != 'e' && suffix[0] != 'E' {
		return 0, 0, 0, false
	}
	digits, negative := unsigned(suffix[1:])
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, 0, 0, false
	}
	exponent, err := strconv.Atoi(digits)
	if err != nil || exponent > exponentMax {
		exponent = exponentMax
	}
	if negative {
		exponent = -exponent
	}
	return 0, exponent, decimalExponent, true
}

func power(exponent int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(exponent)), nil)
}

func (q Quantity) amount() *big.Int {
	if q.nanos == nil {
		return new(big.Int)
	}
	return q.nanos
}

// Cmp is less than 0, 0 or more than 0 when the amount is less than, the same as or more than the other.
func (q Quantity) Cmp(other Quantity) int {
	return q.amount().Cmp(other.amount())
}

// Sign is -1, 0 or 1.
func (q Quantity) Sign() int {
	return q.amount().Sign()
}

// Add is the sum, written as q is; as the other one where q is 0. It fails when it is too large.
func (q Quantity) Add(other Quantity) (Quantity, error) {
	format := q.format
	if q.Sign() == 0 {
		format = other.format
	}
	return bounded(new(big.Int).Add(q.amount(), other.amount()), format)
}

// Sub is the difference, written as a sum is.
func (q Quantity) Sub(other Quantity) (Quantity, error) {
	return q.Add(Quantity{new(big.Int).Neg(other.amount()), other.format})
}

// Mul is the product, written as q is. It fails when it is too large.
func (q Quantity) Mul(by int64) (Quantity, error) {
	return bounded(new(big.Int).Mul(q.amount(), big.NewInt(by)), q.format)
}

func bounded(nanos *big.Int, format format) (Quantity, error) {
	quantity := Quantity{nanos, format}
	if nanos.CmpAbs(nanosMax) > 0 {
		return Quantity{}, fmt.Errorf("the quantity %s is too large", quantity)
	}
	return quantity, nil
}

// Whole is the amount in whole units, rounded up (away from zero); false where an int64 does not hold it.
func (q Quantity) Whole() (int64, bool) {
	whole := q.whole()
	return whole.Int64(), whole.IsInt64()
}

func (q Quantity) whole() *big.Int {
	whole, rest := new(big.Int).QuoRem(q.amount(), billion, new(big.Int))
	return whole.Add(whole, big.NewInt(int64(rest.Sign())))
}

// String is the amount as Kubernetes prints it: without a fraction, with the largest suffix of the kind
// that it was read with. Beyond `E` and `Ei` the number grows.
func (q Quantity) String() string {
	if q.Sign() == 0 {
		return "0"
	}
	whole, rest := new(big.Int).QuoRem(q.amount(), billion, new(big.Int))
	if q.format == binarySuffix && rest.Sign() == 0 && whole.CmpAbs(big.NewInt(1024)) >= 0 {
		number, times := reduced(whole, 1024, len(binarySuffixes)-1)
		return number + binarySuffixes[times]
	}
	if q.format == decimalExponent {
		number, times := reduced(q.amount(), 1000, exponentMax)
		if times == 3 {
			return number
		}
		return number + "e" + strconv.Itoa(3*times-9)
	}
	number, times := reduced(q.amount(), 1000, len(decimalSuffixes)-1)
	return number + decimalSuffixes[times]
}

// Divides by a base as often as nothing is left, at most so many times.
func reduced(number *big.Int, base int64, most int) (string, int) {
	times := 0
	for divisor := big.NewInt(base); times < most; times++ {
		quotient, rest := new(big.Int).QuoRem(number, divisor, new(big.Int))
		if rest.Sign() != 0 {
			break
		}
		number = quotient
	}
	return number.String(), times
}

// MarshalText is String, for [encoding/json].
func (q Quantity) MarshalText() ([]byte, error) {
	return []byte(q.String()), nil
}

// UnmarshalText is [ParseQuantity], for [encoding/json].
func (q *Quantity) UnmarshalText(text []byte) error {
	quantity, err := ParseQuantity(string(text))
	if err == nil {
		*q = quantity
	}
	return err
}
