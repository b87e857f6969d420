// Amounts in Kubernetes' notation. Grammar, rounding and canonical form are apimachinery's:
// https://github.com/kubernetes/apimachinery/blob/v0.36.3/pkg/api/resource/quantity.go
import { Rejection } from "./error.js";

/** Billionths in one. */
const NANOS = 1_000_000_000n;
/** Largest amount: the SDKs of all languages have it. */
const NANOS_MAX = 2n ** 127n - 1n;
/** Largest amount with a binary suffix that is read; Kubernetes caps there. */
const BINARY_MAX = (2n ** 63n - 1n) * NANOS;
/** Exponents beyond this make nothing that fits, whatever the digits. */
const EXPONENT_MAX = 256;
/** Most characters of a number. */
const DIGITS_MAX = 128;
const DECIMAL = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

export class Quantity {
  #nanos;
  /** `decimal`, `binary` or `exponent`. */
  #format;

  constructor(nanos, format) {
    if (nanos > NANOS_MAX || nanos < -NANOS_MAX) {
      throw new Rejection("a quantity is too large");
    }
    this.#nanos = nanos;
    this.#format = format;
  }

  static parse(text) {
    const { nanos, format, wrong } = read(String(text));
    if (wrong !== undefined) {
      throw new Rejection(`\`${text}\` is not a quantity: ${wrong}`);
    }
    return new Quantity(nanos, format);
  }

  static of(units) {
    return new Quantity(BigInt(units) * NANOS, "decimal");
  }

  static compare(a, b) {
    return Number(a.#nanos > b.#nanos) - Number(a.#nanos < b.#nanos);
  }

  compare(other) {
    return Quantity.compare(this, other);
  }

  plus(other) {
    const format = this.#nanos === 0n ? other.#format : this.#format;
    return new Quantity(this.#nanos + other.#nanos, format);
  }

  minus(other) {
    return this.plus(new Quantity(-other.#nanos, other.#format));
  }

  times(by) {
    return new Quantity(this.#nanos * BigInt(by), this.#format);
  }

  whole() {
    const rest = this.#nanos % NANOS;
    return this.#nanos / NANOS + (rest > 0n ? 1n : rest < 0n ? -1n : 0n);
  }

  toString() {
    if (this.#nanos === 0n) {
      return "0";
    }
    const whole = this.#nanos / NANOS;
    const isBinary = this.#format === "binary" && this.#nanos % NANOS === 0n && whole * whole >= 1024n * 1024n;
    if (isBinary) {
      const [number, times] = reduced(whole, 1024n, BINARY.length - 1);
      return `${number}${BINARY[times]}`;
    }
    const isExponent = this.#format === "exponent";
    const [number, times] = reduced(this.#nanos, 1000n, isExponent ? EXPONENT_MAX : DECIMAL.length - 1);
    if (isExponent) {
      return times === 3 ? `${number}` : `${number}e${3 * times - 9}`;
    }
    return `${number}${DECIMAL[times]}`;
  }

  toJSON() {
    return this.toString();
  }
}

/** Divides by a base as often as nothing is left, at most so many times. */
const reduced = (number, base, most) => {
  let times = 0;
  while (times < most && number % base === 0n) {
    number /= base;
    times += 1;
  }
  return [number, times];
};

const read = (text) => {
  const [, sign, number, suffix] = /^([+-]?)([0-9.]*)(.*)$/s.exec(text);
  const [whole, fraction = "", ...more] = number.split(".");
  if (more.length > 0 || whole + fraction === "") {
    return { wrong: "it is a number with an optional suffix, e.g. `500m`, `2` or `10Gi`" };
  }
  if (number.length > DIGITS_MAX) {
    return { wrong: "it has more than 128 digits" };
  }
  const known = scale(suffix);
  if (known === undefined) {
    const suffixes = [...DECIMAL, ...BINARY].filter(Boolean).join(", ");
    return { wrong: `its suffix is one of ${suffixes}, or an exponent such as e3` };
  }
  const exponent = known.exponent + 9 - fraction.length;
  let nanos = BigInt(whole + fraction) << BigInt(known.shift);
  if (exponent >= 0) {
    nanos *= 10n ** BigInt(exponent);
  } else {
    // Rounded up: what asks for something gets something.
    const divisor = 10n ** BigInt(-exponent);
    nanos = (nanos + divisor - 1n) / divisor;
  }
  let { format } = known;
  if (format === "binary") {
    nanos = nanos > BINARY_MAX ? BINARY_MAX : nanos;
    format = nanos < NANOS ? "decimal" : format;
  }
  return nanos > NANOS_MAX
    ? { wrong: "it is too large" }
    : { nanos: sign === "-" ? -nanos : nanos, format };
};

/** What a suffix multiplies by: a power of two and a power of ten. */
const scale = (suffix) => {
  if (DECIMAL.includes(suffix)) {
    return { shift: 0, exponent: 3 * DECIMAL.indexOf(suffix) - 9, format: "decimal" };
  }
  if (BINARY.includes(suffix)) {
    return { shift: 10 * BINARY.indexOf(suffix), exponent: 0, format: "binary" };
  }
  if (!/^[eE][+-]?[0-9]+$/.test(suffix)) {
    return undefined;
  }
  const exponent = Math.max(-EXPONENT_MAX, Math.min(EXPONENT_MAX, Number(suffix.slice(1))));
  return { shift: 0, exponent, format: "exponent" };
};
