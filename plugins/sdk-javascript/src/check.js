// Checks values before they cross to the host. JavaScript would turn 4000000000 into -294967296 there,
// and `"7"`, `null` and `NaN` into numbers.

const show = (value) => {
  if (value === null || value === undefined || typeof value === "number") {
    return String(value);
  }
  return Array.isArray(value) ? "an array" : `of type ${typeof value}`;
};

const wrong = (value, name, expected) =>
  new TypeError(`\`${name}\` must be ${expected}, and is ${show(value)}`);

export const text = (value, name) => {
  if (typeof value !== "string") {
    throw wrong(value, name, "a string");
  }
  if (!value.isWellFormed()) {
    throw new TypeError(`\`${name}\` is not Unicode: it has half of a character`);
  }
  return value;
};

const integer = (value, name, least, most) => {
  if (typeof value !== "bigint" && !Number.isInteger(value)) {
    throw wrong(value, name, "an integer");
  }
  if (value < least || value > most) {
    throw new RangeError(`\`${name}\` is ${value}: ${least} to ${most} are possible`);
  }
  return value;
};

export const s32 = (value, name) => Number(integer(value, name, -(2 ** 31), 2 ** 31 - 1));

// A larger number was rounded before it came here.
export const s64 = (value, name) =>
  BigInt(integer(value, name, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER));

export const flag = (value, name) => {
  if (value !== undefined && typeof value !== "boolean") {
    throw wrong(value, name, "a boolean");
  }
  return value ?? false;
};

export const texts = (value, name) => {
  if (!Array.isArray(value)) {
    throw wrong(value, name, "an array of strings");
  }
  return value.map((item, at) => text(item, `${name}[${at}]`));
};

export const record = (value, name) => {
  if (typeof value !== "object" || value === null) {
    throw wrong(value, name, "an object");
  }
  return value;
};

export const oneOf = (cases, value, name) => {
  if (!cases.includes(value)) {
    const all = cases.map((it) => JSON.stringify(it)).join(", ");
    const found = typeof value === "string" ? JSON.stringify(value) : show(value);
    throw new TypeError(`\`${name}\` must be one of ${all}, and is ${found}`);
  }
  return value;
};

/** `"first"`, `"last"`, `{ before: path }` or `{ after: path }`, in the form in which it crosses. */
export const place = (value, name) => {
  if (value === "first" || value === "last") {
    return { tag: value };
  }
  const [[tag, path], ...more] = Object.entries(value ?? {}).concat([[]]);
  if ((tag !== "before" && tag !== "after") || more.length !== 1) {
    throw wrong(value, name, '"first", "last", { before: path } or { after: path }');
  }
  return { tag, val: text(path, `${name}.${tag}`) };
};

export const optional = (check, value, name) =>
  value === undefined || value === null ? undefined : check(value, name);

export const json = (value, name) => {
  const finite = (key, item) => {
    if (typeof item === "number" && !Number.isFinite(item)) {
      throw new TypeError(`\`${name}\` has ${item} at \`${key}\`, which JSON cannot say`);
    }
    return item;
  };
  const written = JSON.stringify(value, finite);
  if (written === undefined) {
    throw wrong(value, name, "a value that JSON can say");
  }
  return text(written, name);
};

// What the host returns.

export const parsed = (json) => (json === undefined ? undefined : JSON.parse(json));

export const number = (value) => (value === undefined ? undefined : Number(value));
