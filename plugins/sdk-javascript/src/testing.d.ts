// Native tests of a plugin's logic: no WebAssembly, no host, no cluster.
//
// The pipeline in memory answers like the host's where a plugin reads, and where it adds or removes
// items. It does not check the config against the schema, nor grants, conflicts, limits or values: an
// edit that succeeds here may fail there, and a rejection here does not undo the edits before it.
// `wellhead plugin test` runs cases through the real host.
import type { Exports, Finding, Json } from "./index.js";

/** A pipeline in memory, as the host hands it to a plugin. */
export interface TestPipeline {
  readonly document: unknown;
}

/**
 * A pipeline with this document, in the form of a pipeline file. Where it says nothing, the pipeline
 * is called `pipeline` and has one container `main`.
 */
export declare function pipeline(document?: { metadata?: Json; spec?: Json }): TestPipeline;

/** The pipeline's document after the edits. */
export declare function document(pipeline: TestPipeline): Json;

/** The edits so far, in order, with what `because` said last. */
export declare function edits(pipeline: TestPipeline): { path: string; reason?: string }[];

/** What the operator tells plugins from now on: facts by their names. */
export declare function facts(facts?: Record<string, Json>): void;

/**
 * Runs a transformer: the module of the plugin, all of it. Throws a `Rejection` with what the host
 * would be told.
 */
export declare function transform(
  plugin: Pick<Exports, "transform">,
  pipeline: TestPipeline,
  config?: object,
): void;

/** Runs a validator. */
export declare function validate(
  plugin: Pick<Exports, "validate">,
  pipeline: TestPipeline,
  config?: object,
): Finding[];

/** What the last run logged. */
export declare function logged(): { level: "warn" | "info" | "debug"; message: string }[];
