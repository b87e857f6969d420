// What the plugin has of the outside in a component: the contract's log and facts.
import { get as fact } from "wellhead:plugin/facts@0.2.0";
import { log } from "wellhead:plugin/log@0.2.0";

export { fact, log };

const nothing = (what) => () => {
  throw new Error(`a plugin has no ${what}: the same input must give the same result`);
};

/**
 * Makes `console` write to the contract's log, and clocks and random numbers fail: the engine would
 * answer with the time of the build. Runs at the first call, so that libraries may start with them.
 */
export const prepare = () => {
  const write = (level) => (...values) => log(level, values.map(String).join(" "));
  for (const [method, level] of Object.entries({
    error: "warn", warn: "warn", log: "info", info: "info", debug: "debug", trace: "debug",
  })) {
    console[method] = write(level);
  }
  const { Date: EngineDate } = globalThis;
  if (EngineDate.now.name !== "now") {
    return;
  }
  const clock = nothing("clock");
  globalThis.Date = class Date extends EngineDate {
    static now = clock;
    constructor(...parts) {
      super(...(parts.length === 0 ? clock() : parts));
    }
  };
  performance.now = clock;
  Math.random = nothing("random numbers");
  crypto.getRandomValues = crypto.randomUUID = nothing("random numbers");
};

/** The line of the source of a line of the bundle; `wellhead-plugin-build` appends the table. */
export const sourceLine = (file, line) => {
  const { bundle, lines } = globalThis.wellheadLines ?? {};
  return bundle !== undefined && file.endsWith(bundle) ? lines[line] : undefined;
};
