// What the plugin has of the outside in a native test.

/** What was logged; `testing.js` empties it. */
export const lines = [];

export const log = (level, message) => {
  lines.push({ level, message });
};

/** What the operator tells; `testing.js` fills it. */
export const told = new Map();

export const fact = (name) => told.get(name);

export const prepare = () => {};

const SDK = new URL(".", import.meta.url).href;

/** The place that a message names for a line, when the line is not the SDK's. */
export const sourceLine = (file, line) =>
  file.startsWith(SDK) || file.startsWith("node:") ? undefined : `${file}:${line}`;
