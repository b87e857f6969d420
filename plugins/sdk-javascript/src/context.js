// What happened to the pipeline so far, for validators: the world of transformers does not have it.
import * as host from "#context";
import * as check from "./check.js";
import { EditError } from "./error.js";

const ask = (question, path) => {
  try {
    return host[question](check.text(path, "path"));
  } catch (error) {
    throw EditError.from(error);
  }
};

export const base = (path) => check.parsed(ask("base", path));
export const setBy = (path) => ask("setBy", path);
export const live = (path) => check.parsed(ask("live", path));
export const knowsLive = () => host.knowsLive();
