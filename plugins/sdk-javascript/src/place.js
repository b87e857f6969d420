// Finds the line of the plugin in which an error came up.

import { sourceLine } from "#host";

/** `src/plugin.js:12`, the innermost line that is not the SDK's. */
export const place = (stack) => {
  for (const line of String(stack ?? "").split("\n")) {
    // SpiderMonkey writes `name@file:line:column`, V8 `at name (file:line:column)`.
    const found = /(?:@|\(|at )([^@()]+):(\d+):\d+\)?$/.exec(line);
    const at = found && sourceLine(found[1], Number(found[2]));
    if (at) {
      return at;
    }
  }
  return undefined;
};
