// One module of a plugin and of all that it imports, and the lines that it came from.
import { realpathSync } from "node:fs";
import { SourceMap } from "node:module";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import * as esbuild from "esbuild";

const SDK = realpathSync(fileURLToPath(new URL("..", import.meta.url)));

/** Bundles a module of JavaScript or TypeScript to one of this name. */
export const bundle = async (entry, name) => {
  const output = resolve(dirname(entry), name);
  const { outputFiles, metafile } = await esbuild.build({
    entryPoints: [entry],
    outfile: output,
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    logLevel: "silent",
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "es2024",
    external: ["wellhead:*"],
    sourcemap: "external",
    // Messages name what the author wrote.
    keepNames: true,
    charset: "utf8",
  });
  const [exported] = Object.values(metafile.outputs).flatMap((it) => (it.entryPoint ? [it.exports] : []));
  const map = JSON.parse(outputFiles.find((it) => it.path.endsWith(".map")).text);
  const code = outputFiles.find((it) => it.path === output).text;
  const table = { bundle: name, lines: lines(code, new SourceMap(map), dirname(output)) };
  return { code: `${code}globalThis.wellheadLines = ${JSON.stringify(table)};\n`, exported };
};

/** For each line of the bundle, by its number, the place in the author's sources. */
const lines = (code, map, folder) => {
  const known = {};
  code.split("\n").forEach((line, number) => {
    const entry = map.findEntry(number, line.search(/\S|$/));
    if (entry.originalSource === undefined || entry.generatedLine !== number) {
      return;
    }
    const source = resolve(folder, entry.originalSource);
    if (!source.startsWith(SDK)) {
      known[number + 1] = `${relative(process.cwd(), source)}:${entry.originalLine + 1}`;
    }
  });
  return known;
};
