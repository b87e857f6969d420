import { Rejection } from "./error.js";
import { lines } from "#host";
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

export const transform = (plugin, pipeline, config = {}) =>
  run(() => plugin.transform.transform(pipeline, JSON.stringify(config)));

export const validate = (plugin, pipeline, config = {}) =>
  run(() => plugin.validate.validate(pipeline, JSON.stringify(config)));

export const logged = () => structuredClone(lines);

const run = (call) => {
  lines.length = 0;
  try {
    return call();
  } catch (error) {
    if (error.payload === undefined) {
      throw error;
    }
    const { message, path, hint } = error.payload;
    throw new Rejection(message, { path, hint });
  }
};
