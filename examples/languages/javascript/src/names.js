// @ts-check

/**
 * Orders by code point, as other languages do. The order of `sort` is that of UTF-16, in which U+1F980
 * comes before U+FF5E.
 *
 * @param {string} one
 * @param {string} other
 */
export const byCodePoint = (one, other) => {
  const [left, right] = [[...one], [...other]];
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    if (left[at] !== right[at]) {
      return Number(left[at].codePointAt(0)) - Number(right[at].codePointAt(0));
    }
  }
  return left.length - right.length;
};

/** @param {object} names */
export const sortedKeys = (names) => Object.keys(names).sort(byCodePoint);

/**
 * The value of a name, which may be `constructor`.
 *
 * @template T
 * @param {Record<string, T>} values
 * @param {string} name
 * @returns {T | undefined}
 */
export const own = (values, name) => (Object.hasOwn(values, name) ? values[name] : undefined);

/** @param {string[]} names */
export const list = (names) => names.map((name) => `\`${name}\``).join(", ");
