// @ts-check
import { byCodePoint } from "./names.js";

/**
 * The image with its registry, as container runtimes complete it: `nginx:1` is
 * `docker.io/library/nginx:1`.
 *
 * @param {string} image
 */
export const fullName = (image) => {
  const slash = image.indexOf("/");
  const first = slash < 0 ? "" : image.slice(0, slash);
  const hasRegistry = slash >= 0 && (/[.:]/.test(first) || first === "localhost");
  const registry = hasRegistry ? first : "docker.io";
  const rest = hasRegistry ? image.slice(slash + 1) : image;
  const official = registry === "docker.io" && !rest.includes("/");
  return `${registry}/${official ? "library/" : ""}${rest}`;
};

/**
 * The image at its mirror, and the prefix that it stands for; `undefined` when no prefix covers it.
 *
 * @param {string} image
 * @param {Record<string, string>} mirrors
 */
export const mirrored = (image, mirrors) => {
  const full = fullName(image);
  const covering = Object.keys(mirrors).filter((prefix) => full.startsWith(`${prefix}/`));
  // All of them begin the same text, so that the longest is the last.
  const prefix = covering.sort(byCodePoint).at(-1);
  if (prefix === undefined) {
    return undefined;
  }
  return { prefix, image: mirrors[prefix] + full.slice(prefix.length) };
};
