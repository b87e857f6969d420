import { Rejection } from "./error.js";
import { judged } from "#context";
import { lines, told } from "#host";
import { MemoryPipeline } from "./memory.js";

export const pipeline = ({ metadata, spec } = {}) => {
  const containers = [{ name: "main", image: "registry.example.com/main:1.0.0" }];
  return new MemoryPipeline(
    structuredClone({
      metadata: { name: "pipeline", ...metadata },
      spec: { containers, ...spec },
    }),
  );
};

export const document = (pipeline) => structuredClone(pipeline.document.value);

export const edits = (pipeline) => structuredClone(pipeline.document.edits);

export const facts = (facts = {}) => {
  told.clear();
  Object.entries(facts).forEach(([name, fact]) => told.set(name, JSON.stringify(fact)));
};

export const transform = (plugin, pipeline, config = {}) =>
  run(pipeline, () => plugin.transform.transform(pipeline, JSON.stringify(config)));

export const validate = (plugin, pipeline, config = {}) =>
  run(pipeline, () => plugin.validate.validate(pipeline, JSON.stringify(config)).map(finding));

/** As the plugin made it. */
const finding = ({ arguments: filled, extra: _, ...it }) => ({ ...it, arguments: Object.fromEntries(filled) });

export const logged = () => structuredClone(lines);

const run = (pipeline, call) => {
  lines.length = 0;
  Object.assign(judged, { pipeline, first: new MemoryPipeline(structuredClone(pipeline.first)) });
  try {
    return call();
  } catch (error) {
    if (error.payload === undefined) {
      throw error;
    }
    const { message, arguments: filled, extra: _, ...more } = error.payload;
    throw new Rejection(message, { ...more, arguments: Object.fromEntries(filled) });
  }
};
