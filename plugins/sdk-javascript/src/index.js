import * as host from "#host";
import * as check from "./check.js";
import { EditError, Rejection, reason } from "./error.js";
import { Pipeline } from "./pipeline.js";

export { EditError, Rejection };
export { Claim, Container, Pipeline, Service } from "./pipeline.js";
export { fact } from "./facts.js";
export { probe, toleration } from "./kubernetes.js";
export { Quantity } from "./quantity.js";
export { matchesLabels, matchesPipeline } from "./selector.js";

const write = (level) => (message) => host.log(level, String(message).toWellFormed());
export const log = { warn: write("warn"), info: write("info"), debug: write("debug") };

export const plugin = (definition) => {
  const { transform, validate } = definition;
  const exported = { describe: { describe: () => info(definition) } };
  if (transform !== undefined) {
    exported.transform = { transform: guarded(transform, () => undefined) };
  }
  if (validate !== undefined) {
    exported.validate = { validate: guarded(validate, (found) => (found ?? []).map(finding)) };
  }
  return exported;
};

const info = ({ manifest, schema, writes = [], opens = [], facts = [], minHost }) => ({
  name: check.text(manifest.name, "manifest.name"),
  version: check.text(manifest.version, "manifest.version"),
  description: check.text(manifest.description, "manifest.description"),
  configSchema: typeof schema === "string" ? schema : `${JSON.stringify(schema, null, 2)}\n`,
  writes: check.texts(writes, "writes"),
  opens: check.texts(opens, "opens"),
  facts: check.texts(facts, "facts"),
  license: check.optional(check.text, manifest.license, "manifest.license"),
  homepage: check.optional(check.text, manifest.homepage, "manifest.homepage"),
  minHost: check.optional(check.text, minHost, "minHost"),
  extra: [],
});

/** Without it, the host would see an uncaught exception as a crash without a word. */
const guarded = (run, result) => (target, config) => {
  host.prepare();
  try {
    const returned = run(new Pipeline(target), JSON.parse(config));
    if (typeof returned?.then === "function") {
      throw new TypeError("a plugin cannot be async: there is nothing to wait for");
    }
    return result(returned);
  } catch (error) {
    log.debug(error?.stack ?? "");
    throw Object.assign(new Error(), { payload: reason(error) });
  }
};

const finding = (value, at) => {
  const name = `findings[${at}]`;
  const { severity, code, message, arguments: filled, path, hint, link } = check.record(value, name);
  return {
    severity: check.oneOf(["error", "warning"], severity, `${name}.severity`),
    code: check.optional(check.text, code, `${name}.code`),
    message: check.text(message, `${name}.message`),
    arguments: Object.entries(filled ?? {}).map(([key, it]) => [
      check.text(key, `${name}.arguments`),
      check.text(it, `${name}.arguments.${key}`),
    ]),
    path: check.optional(check.text, path, `${name}.path`),
    hint: check.optional(check.text, hint, `${name}.hint`),
    link: check.optional(check.text, link, `${name}.link`),
    extra: [],
  };
};
