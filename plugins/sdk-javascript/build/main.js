#!/usr/bin/env node
// Makes a component of a module: wellhead-plugin-build src/plugin.js plugin.wasm
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const BUNDLE = "wellhead-bundle.js";
const wit = fileURLToPath(new URL("../wit", import.meta.url));

/** Worlds of the contract, by what they export beside `describe`. */
const WORLDS = { transform: "transformer", validate: "validator", "transform validate": "plugin" };

const world = (exported) => {
  const found = WORLDS[["transform", "validate"].filter((it) => exported.includes(it)).join(" ")];
  if (found === undefined || !exported.includes("describe")) {
    throw new Error(
      "the module must export `describe`, and `transform` or `validate`:\n" +
        "  export const { describe, transform } = plugin({ ... });",
    );
  }
  return found;
};

/** The tools, which are packages of the project. */
const tools = async () => {
  try {
    const { componentize } = await import("@bytecodealliance/componentize-js");
    const { bundle } = await import("./bundle.js");
    return { bundle, componentize };
  } catch (error) {
    const [why] = error.message.split("\n");
    throw new Error(`the tools are not installed, or not as a whole: ${why}\n  type: npm install`);
  }
};

const build = async (entry, output) => {
  const { bundle, componentize } = await tools();
  // Beside the output, because the engine sees nothing but the folder in which it is started.
  await mkdir(dirname(resolve(output)), { recursive: true });
  const folder = await mkdtemp(join(dirname(resolve(output)), ".bundle-"));
  try {
    const { code, exported } = await bundle(entry, BUNDLE);
    const sourcePath = join(folder, BUNDLE);
    await writeFile(sourcePath, code);
    const { component } = await componentize({
      sourcePath,
      witPath: wit,
      worldName: world(exported),
      // All there are: with none left, the component imports nothing but the contract.
      disableFeatures: ["stdio", "random", "clocks", "http", "fetch-event"],
    });
    await writeFile(output, component);
  } finally {
    await rm(folder, { recursive: true });
  }
};

const [entry, output, ...rest] = process.argv.slice(2);
if (entry === undefined || output === undefined || rest.length > 0) {
  console.error("usage: wellhead-plugin-build MODULE COMPONENT");
  process.exit(2);
}
try {
  await build(entry, output);
} catch (error) {
  console.error(`error: ${error.message ?? error}`);
  process.exit(1);
}
