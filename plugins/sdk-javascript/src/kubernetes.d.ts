import type { Json, Pipeline } from "./pipeline.js";

/**
 * An amount in Kubernetes' notation, e.g. `500m` or `10Gi`: exact, to a billionth.
 *
 *     if (Quantity.parse(claim.size()).compare(Quantity.parse("10Gi")) < 0) { ... }
 */
export declare class Quantity {
  private constructor();
  /** Reads a quantity. Throws a `Rejection` that names the text and what is wrong with it. */
  static parse(text: string): Quantity;
  /** So many whole units: bytes, cores. */
  static of(units: number | bigint): Quantity;
  /** Less than 0, 0 or more than 0, by the amount; `quantities.sort(Quantity.compare)` sorts. */
  static compare(a: Quantity, b: Quantity): number;
  /** The same. */
  compare(other: Quantity): number;
  /** The sum, written as this one is; as the other one where this one is 0. */
  plus(other: Quantity): Quantity;
  /** The difference, written likewise. */
  minus(other: Quantity): Quantity;
  /** The product with an integer, written as this one is. */
  times(by: number | bigint): Quantity;
  /** The amount in whole units, rounded up (away from zero). */
  whole(): bigint;
  /**
   * As Kubernetes prints it: without a fraction, with the largest suffix of the kind that it was read
   * with. Beyond `E` and `Ei` the number grows.
   */
  toString(): string;
  toJSON(): string;
}

/** Kubernetes' selector of labels: they must fit all that it says. */
export interface LabelSelector {
  /** Labels that must be there, with these values. */
  matchLabels?: Record<string, string>;
  /** What else must hold. */
  matchExpressions?: {
    key: string;
    operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
    /** The values of `In` and `NotIn`, one at least. */
    values?: string[];
  }[];
}

/** Whether a selector matches labels, such as `pipeline.labels()` returns. */
export declare function matchesLabels(
  selector: LabelSelector,
  labels: ReadonlyMap<string, string> | Record<string, string>,
): boolean;

/**
 * Which pipelines a rule of a plugin is about: those that match every list that is given. It has the
 * form of the `select` of a Customization, so that people write the same thing in both places.
 */
export interface PipelineSelector {
  /** Names, of which the pipeline must have one. `*` stands for any number of characters. */
  names?: string[];
  /** Labels, of which the pipeline must have all. */
  labels?: Record<string, string>;
  /** Namespaces, of which the pipeline must be in one. `*` stands for any number of characters. */
  namespaces?: string[];
}

/** Whether a selector selects the pipeline. */
export declare function matchesPipeline(selector: PipelineSelector, pipeline: Pipeline): boolean;

/** Kubernetes' `Toleration`: an item of the pipeline's `tolerations`. */
export interface Toleration {
  /** The taint's key; without it, all keys. */
  key?: string;
  /** `Equal` where it is not there. */
  operator?: "Exists" | "Equal" | "Lt" | "Gt";
  /** The taint's value, for `Equal`. */
  value?: string;
  /** Without it, all effects. */
  effect?: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
  /** How long the pod stays on a node with the taint, for `NoExecute`; without it, for ever. */
  tolerationSeconds?: number;
  /** What else Kubernetes has there. */
  [field: string]: Json;
}

/** Makes tolerations. */
export declare const toleration: {
  /** Tolerates taints with this key, whatever their value. */
  exists(key: string, more?: Partial<Toleration>): Toleration;
  /** Tolerates taints with this key and this value. */
  equal(key: string, value: string, more?: Partial<Toleration>): Toleration;
};

/** Kubernetes' `Probe`. */
export interface Probe {
  /** A command in the container; 0 is success. No shell reads it. */
  exec?: { command?: string[]; [field: string]: Json };
  /** An HTTP request; 200 to 399 is success. */
  httpGet?: {
    path?: string;
    /** Number or name. */
    port: number | string;
    host?: string;
    scheme?: "HTTP" | "HTTPS";
    httpHeaders?: { name: string; value: string }[];
    [field: string]: Json;
  };
  /** A connection. */
  tcpSocket?: { port: number | string; host?: string; [field: string]: Json };
  /** A call of the gRPC health service. */
  grpc?: { port: number; service?: string; [field: string]: Json };
  /** Seconds from the container's start to the first probe. */
  initialDelaySeconds?: number;
  /** Seconds that an answer may take. */
  timeoutSeconds?: number;
  /** Seconds from one probe to the next. */
  periodSeconds?: number;
  /** Successes in a row after a failure that are one. */
  successThreshold?: number;
  /** Failures in a row that are one. */
  failureThreshold?: number;
  /** Seconds that the container has to stop, when the probe stops it. */
  terminationGracePeriodSeconds?: number;
  /** What else Kubernetes has there. */
  [field: string]: Json;
}

/** Makes probes; `more` has their times, e.g. `{ periodSeconds: 10 }`. */
export declare const probe: {
  /** By a command in the container. */
  exec(command: string[], more?: Partial<Probe>): Probe;
  /** By a GET request to the pod. */
  httpGet(path: string, port: number | string, more?: Partial<Probe>): Probe;
  /** By a connection to the pod. */
  tcpSocket(port: number | string, more?: Partial<Probe>): Probe;
  /** By the gRPC health service of the pod. */
  grpc(port: number, more?: Partial<Probe>): Probe;
};
