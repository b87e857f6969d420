// @ts-check
// Edits of any field, as the config lists them.
import { fact, log } from "wellhead-plugin";

/** @import { Pipeline, Place } from "wellhead-plugin" */

/**
 * @typedef {object} Edit
 * @property {"set" | "remove" | "append" | "insert" | "show" | "fact"} edit What to do.
 * @property {string} path Path of the field, or of the list; for `fact`, the name of the fact.
 * @property {any} [value]
 * @property {string} [at] Where `insert` puts it: `first`, `last`, `before PATH` or `after PATH`.
 */

/**
 * @param {Pipeline} pipeline
 * @param {Edit} edit
 */
export const makeEdit = (pipeline, { edit, path, value = null, at }) => {
  pipeline.because(`the platform edits \`${path}\``);
  switch (edit) {
    case "set":
      return pipeline.set(path, value);
    case "remove":
      return pipeline.remove(path);
    case "append":
      return log.info(`added \`${pipeline.append(path, value)}\``);
    case "insert":
      return log.info(`added \`${pipeline.insert(path, value, place(at))}\``);
    default: {
      const found = edit === "show" ? pipeline.get(path) : fact(path);
      return log.info(`\`${path}\` is ${found === undefined ? "not set" : "set"}`);
    }
  }
};

/**
 * @param {string | undefined} at
 * @returns {Place}
 */
const place = (at = "last") => {
  const [, side, path] = /^(before|after) (.+)$/s.exec(at) ?? [];
  if (path === undefined) {
    return at === "first" ? "first" : "last";
  }
  return side === "before" ? { before: path } : { after: path };
};
