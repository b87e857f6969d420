// What the operator tells plugins about the cluster.
import * as host from "#host";
import * as check from "./check.js";
import { EditError } from "./error.js";

export const fact = (name) => {
  try {
    return check.parsed(host.fact(check.text(name, "name")));
  } catch (error) {
    throw EditError.from(error);
  }
};
