import type { Json, Pipeline } from "./pipeline.js";

export * from "./kubernetes.js";
export * from "./pipeline.js";

/** Why a plugin refuses to do its work. Thrown, it ends the plugin; nothing that it edited is kept. */
export declare class Rejection extends Error {
  /**
   * @param message What is wrong, in one sentence, for the person who wrote the pipeline or the config.
   * @param more The field that is the reason, e.g. `config.team`, and what to change; the plugin's own name
   *   for this reason, what the message was filled with, and a page that tells more.
   */
  constructor(message: string, more?: Told);
  readonly path?: string;
  readonly hint?: string;
  readonly code?: string;
  readonly arguments?: Record<string, string>;
  readonly link?: string;
}

/** What a rejection and a finding may tell beside their message. */
export interface Told {
  /** Path of the field, when it is about one. */
  path?: string;
  /** What to change. */
  hint?: string;
  /**
   * The plugin's own name for it, e.g. `tag-missing`, by which operators waive findings and count them: 1 to
   * 64 lowercase letters, digits and single `-`, beginning with a letter.
   */
  code?: string;
  /** What the message was filled with, so that it can be said in another language. */
  arguments?: Record<string, string>;
  /** A page that tells more, an `https` URL. */
  link?: string;
}

/**
 * A fact that the operator tells, e.g. `storageClasses`; `undefined` when nothing is told of this name. `facts` of the
 * definition lists those that the plugin reads; one that the chain entry does not grant is denied, which
 * ends the run.
 */
export declare function fact(name: string): Json | undefined;


/**
 * Why an edit did not happen. Nothing is changed in any of these cases. Uncaught, it becomes the
 * rejection of the plugin, in its own words.
 */
export declare class EditError extends Error {
  private constructor();
  /**
   * `denied`, `conflict` and `over-limit` end the run even when they are caught: they are decisions
   * of the operator.
   */
  readonly kind: "denied" | "conflict" | "invalid" | "not-found" | "read-only" | "over-limit";
  /** Path of the field, e.g. `containers.nginx.image`. */
  readonly path: string;
  /** What to do about it, when the host knows. */
  readonly hint?: string;
}

/** Something that a validator noticed. */
export interface Finding extends Told {
  /** `error` stops everything, `warning` is shown. */
  severity: "error" | "warning";
  /** What is wrong, in one sentence. */
  message: string;
}

/** Messages for the person who runs the host. `console` writes to it, too. */
export declare const log: {
  /** Something that the person should look at although the run goes on. */
  warn(message: string): void;
  /** What the plugin did. */
  info(message: string): void;
  /** Details for the author of the plugin. */
  debug(message: string): void;
};

/** What makes a module a plugin. */
export interface Definition<Config> {
  /** The `package.json`: name, version, description, licence and homepage are those of the package. */
  manifest: { name: string; version: string; description: string; license?: string; homepage?: string };
  /** The JSON Schema of the config. The host checks the config against it before the plugin runs. */
  schema: object | string;
  /**
   * Patterns of the fields that the plugin writes, e.g. `containers.*.image`, or `tolerations[+]` for items
   * that it adds. The operator grants them.
   */
  writes?: string[];
  /** Patterns of the protected fields that it writes, e.g. `serviceAccountName`. The operator opens them. */
  opens?: string[];
  /** Names of the facts that it reads, e.g. `storageClasses`. The operator grants them. */
  facts?: string[];
  /** The oldest version of Wellhead that it works with, e.g. `0.2.0`. */
  minHost?: string;
  /** Edits the pipeline. Whatever it throws undoes every edit. */
  transform?(pipeline: Pipeline, config: Config): void;
  /** Judges the pipeline after all edits; it cannot write. */
  validate?(pipeline: Pipeline, config: Config): Finding[] | void;
}

/** What the host calls. A module exports those of them that its definition has. */
export interface Exports {
  describe: { describe(): object };
  transform: { transform(target: unknown, config: string): void };
  validate: { validate(target: unknown, config: string): object[] };
}

/** Makes the exports of a plugin: `export const { describe, transform } = plugin({ ... })`. */
export declare function plugin<Config>(definition: Definition<Config>): Exports;
