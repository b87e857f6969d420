"""Amounts in Kubernetes' notation. Grammar, rounding and canonical form are apimachinery's:
https://github.com/kubernetes/apimachinery/blob/v0.36.3/pkg/api/resource/quantity.go"""

from __future__ import annotations

import functools
import re
from typing import Any

from .error import Rejection

#: Billionths in one.
_NANOS = 1_000_000_000
#: Largest amount: the SDKs of all languages have it.
_NANOS_MAX = 2**127 - 1
#: Largest amount with a binary suffix that is read; Kubernetes caps there.
_BINARY_MAX = (2**63 - 1) * _NANOS
#: Exponents beyond this make nothing that fits, whatever the digits.
_EXPONENT_MAX = 256
#: Most characters of a number.
_DIGITS_MAX = 128
_DECIMAL = ("n", "u", "m", "", "k", "M", "G", "T", "P", "E")
_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")


@functools.total_ordering
class Quantity:
    """An amount, e.g. `500m` or `10Gi`: exact, to a billionth. A field of a config can have this type.

        Quantity("1.5Gi") > Quantity("1G")
        str(Quantity("1.5Gi") * 2) == "3Gi"

    Quantities are equal and ordered by their amounts: `1Gi` equals `1024Mi`. `str` prints them as
    Kubernetes does: without a fraction, with the largest suffix of the kind that they were read with. A
    sum is written as its first part is, unless that is 0. A text that is no quantity, and an amount that
    is too large, raise a `Rejection`.
    """

    __slots__ = ("_format", "_nanos")

    def __init__(self, text: str | int) -> None:
        """`text` is a quantity as text, or a number of whole units."""
        self._nanos, self._format = _parse(str(text))

    @classmethod
    def _of(cls, nanos: int, form: str) -> Quantity:
        if abs(nanos) > _NANOS_MAX:
            raise Rejection("a quantity is too large")
        it = cls.__new__(cls)
        it._nanos, it._format = nanos, form
        return it

    def __int__(self) -> int:
        """The amount in whole units, rounded up (away from zero)."""
        whole = -(-abs(self._nanos) // _NANOS)
        return whole if self._nanos > 0 else -whole

    def __add__(self, other: Quantity) -> Quantity:
        if not isinstance(other, Quantity):
            return NotImplemented
        return self._of(self._nanos + other._nanos, self._format if self._nanos else other._format)

    def __sub__(self, other: Quantity) -> Quantity:
        return self + -other if isinstance(other, Quantity) else NotImplemented

    def __neg__(self) -> Quantity:
        return self._of(-self._nanos, self._format)

    def __mul__(self, by: int) -> Quantity:
        if not isinstance(by, int) or isinstance(by, bool):
            return NotImplemented
        return self._of(self._nanos * by, self._format)

    __rmul__ = __mul__

    def __eq__(self, other: Any) -> bool:
        return self._nanos == other._nanos if isinstance(other, Quantity) else NotImplemented

    def __lt__(self, other: Quantity) -> bool:
        return self._nanos < other._nanos if isinstance(other, Quantity) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._nanos)

    def __bool__(self) -> bool:
        return self._nanos != 0

    def __repr__(self) -> str:
        return f"Quantity({str(self)!r})"

    def __str__(self) -> str:
        if self._nanos == 0:
            return "0"
        size = abs(self._nanos)
        sign = "-" if self._nanos < 0 else ""
        if self._format == "binary" and size % _NANOS == 0 and size >= 1024 * _NANOS:
            number, times = _reduced(size // _NANOS, 1024, len(_BINARY) - 1)
            return f"{sign}{number}{_BINARY[times]}"
        if self._format == "exponent":
            number, times = _reduced(size, 1000, _EXPONENT_MAX)
            return f"{sign}{number}" if times == 3 else f"{sign}{number}e{3 * times - 9}"
        number, times = _reduced(size, 1000, len(_DECIMAL) - 1)
        return f"{sign}{number}{_DECIMAL[times]}"


def _reduced(number: int, base: int, most: int) -> tuple[int, int]:
    """Divides by a base as often as nothing is left, at most so many times."""
    times = 0
    while times < most and number % base == 0:
        number //= base
        times += 1
    return number, times


def _parse(text: str) -> tuple[int, str]:
    def wrong(reason: str) -> Rejection:
        return Rejection(f"`{text}` is not a quantity: {reason}")

    sign, number, suffix = re.fullmatch(r"([+-]?)([0-9.]*)(.*)", text, re.DOTALL).groups()
    whole, _, fraction = number.partition(".")
    if "." in fraction or not whole + fraction:
        raise wrong("it is a number with an optional suffix, e.g. `500m`, `2` or `10Gi`")
    if len(number) > _DIGITS_MAX:
        raise wrong("it has more than 128 digits")
    known = _scale(suffix)
    if known is None:
        suffixes = ", ".join(it for it in (*_DECIMAL, *_BINARY) if it)
        raise wrong(f"its suffix is one of {suffixes}, or an exponent such as e3")
    shift, exponent, form = known
    exponent += 9 - len(fraction)
    nanos = int(whole + fraction) << shift
    if exponent >= 0:
        nanos *= 10**exponent
    else:
        # Rounded up: what asks for something gets something.
        nanos = -(-nanos // 10**-exponent)
    if form == "binary":
        nanos = min(nanos, _BINARY_MAX)
        form = form if nanos >= _NANOS else "decimal"
    if nanos > _NANOS_MAX:
        raise wrong("it is too large")
    return (-nanos if sign == "-" else nanos), form


def _scale(suffix: str) -> tuple[int, int, str] | None:
    """What a suffix multiplies by: a power of two and a power of ten."""
    if suffix in _DECIMAL:
        return 0, 3 * _DECIMAL.index(suffix) - 9, "decimal"
    if suffix in _BINARY:
        return 10 * _BINARY.index(suffix), 0, "binary"
    if not re.fullmatch(r"[eE][+-]?[0-9]+", suffix):
        return None
    # Digits that matter not: more of them than Python reads would be an error.
    sign = -1 if suffix[1] == "-" else 1
    digits = suffix[1:].lstrip("+-").lstrip("0")
    size = _EXPONENT_MAX if len(digits) > 3 else min(int(digits or "0"), _EXPONENT_MAX)
    return 0, sign * size, "exponent"
