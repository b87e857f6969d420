import * as host from "#host";
import * as check from "./check.js";
import { EditError, Rejection, reason } from "./error.js";
import { Pipeline } from "./pipeline.js";

export { EditError, Rejection };
export { Claim, Container, Pipeline, Service } from "./pipeline.js";
export { probe, toleration } from "./kubernetes.js";
export { Quantity } from "./quantity.js";
export { matchesLabels, matchesPipeline } from "./selector.js";

const write = (level) => (message) => host.log(level, String(message).toWellFormed());
export const log = { warn: write("warn"), info: write("info"), debug: write("debug") };

export const plugin = (definition) => {
  const { manifest, schema, writes = [], transform, validate } = definition;
  const exported = { describe: { describe: () => info(manifest, schema, writes) } };
  if (transform !== undefined) {
    exported.transform = { transform: guarded(transform, () => undefined) };
  }
  if (validate !== undefined) {
    exported.validate = { validate: guarded(validate, (found) => (found ?? []).map(finding)) };
  }
  return exported;
};

const info = ({ name, version, description }, schema, writes) => ({
  name: check.text(name, "manifest.name"),
  version: check.text(version, "manifest.version"),
  description: check.text(description, "manifest.description"),
  configSchema: typeof schema === "string" ? schema : `${JSON.stringify(schema, null, 2)}\n`,
  writes: check.texts(writes, "writes"),
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
  const { severity, message, path, hint } = check.record(value, name);
  return {
    severity: check.oneOf(["error", "warning"], severity, `${name}.severity`),
    message: check.text(message, `${name}.message`),
    path: check.optional(check.text, path, `${name}.path`),
    hint: check.optional(check.text, hint, `${name}.hint`),
  };
};
