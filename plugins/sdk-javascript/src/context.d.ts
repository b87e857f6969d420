import type { Json } from "./pipeline.js";

/** The value that a field had before any plugin ran. */
export declare function base(path: string): Json | undefined;
/** The name of the chain entry that set a field last; `undefined` when no plugin did. */
export declare function setBy(path: string): string | undefined;
/** The value that the field has in the cluster; `undefined` when it has none, or when the run knows no cluster. */
export declare function live(path: string): Json | undefined;
/**
 * Whether the run knows what is live. It never does while a plugin transforms: the same inputs give the same
 * pipeline, whatever is in the cluster.
 */
export declare function knowsLive(): boolean;
