// @ts-check
// The example of `examples/languages` in JavaScript. The README.md there says what it does.
import { log, plugin, Rejection } from "wellhead-plugin";

import schema from "../config.schema.json" with { type: "json" };
import manifest from "../package.json" with { type: "json" };
import { makeEdit } from "./edits.js";
import { mirrored } from "./image.js";
import { judge } from "./judge.js";
import { list, own, sortedKeys } from "./names.js";

/** @import { Pipeline } from "wellhead-plugin" */

/**
 * The config. A field that is `null` is there: it differs from one that is left out.
 *
 * @typedef {object} Config
 * @property {Record<string, string>} [mirrors]
 * @property {Record<string, string | null>} [storageClasses]
 * @property {string | null} [defaultStorageClass]
 * @property {Record<string, number>} [replicas]
 * @property {Record<string, string | null>} [labels]
 * @property {string} [contact]
 * @property {import("./edits.js").Edit[]} [edits]
 * @property {number} [mostReplicas]
 */

export const { describe, transform, validate } = plugin({
  manifest,
  schema,
  writes: [
    "containers.*.image",
    "initContainers.*.image",
    "claims.*.storageClass",
    "replicas",
    "labels.*",
    "podLabels.*",
    "annotations.contact",
  ],
  facts: ["storageClasses"],
  minHost: "0.1.0",

  /** @param {Config} config */
  transform(pipeline, config) {
    refuseUnknownClaims(pipeline, config);
    refuseUncoveredClaims(pipeline, config);
    const chosen = chooseReplicas(pipeline, config);

    mirrorImages(pipeline, config);
    setStorageClasses(pipeline, config);
    if (chosen !== undefined) {
      pipeline.because(`the environment is \`${chosen.environment}\``);
      pipeline.setReplicas(chosen.replicas);
    }
    setLabels(pipeline, config);
    if (config.contact !== undefined) {
      pipeline.because(`questions go to ${config.contact}`);
      pipeline.setAnnotation("contact", config.contact);
    }
    for (const edit of config.edits ?? []) {
      makeEdit(pipeline, edit);
    }
    log.info("done");
  },

  /** @param {Config} config */
  validate: (pipeline, { mostReplicas }) => (mostReplicas === undefined ? [] : judge(pipeline, mostReplicas)),
});

/**
 * Refuses names of claims that are not there: most often one is misspelt, and its claim would get
 * another class without anybody noticing.
 *
 * @param {Pipeline} pipeline
 * @param {Config} config
 */
const refuseUnknownClaims = (pipeline, { storageClasses = {} }) => {
  const claims = pipeline.claimNames();
  const unknown = sortedKeys(storageClasses).filter((name) => !claims.includes(name));
  if (unknown.length > 0) {
    throw new Rejection(`the config names claims that the pipeline does not have: ${list(unknown)}`, {
      code: "unknown-claims",
      arguments: { claims: list(unknown) },
      path: "config.storageClasses",
      hint:
        claims.length === 0
          ? "remove the names: the pipeline has no claims"
          : `write one of ${list(claims)}`,
    });
  }
};

/**
 * Refuses claims whose class nobody decided.
 *
 * @param {Pipeline} pipeline
 * @param {Config} config
 */
const refuseUncoveredClaims = (pipeline, { storageClasses, defaultStorageClass }) => {
  if (storageClasses === undefined || defaultStorageClass !== undefined) {
    return;
  }
  const uncovered = pipeline.claimNames().filter((name) => !Object.hasOwn(storageClasses, name));
  if (uncovered.length > 0) {
    throw new Rejection(`no storage class is set for these claims: ${list(uncovered)}`, {
      code: "uncovered-claims",
      arguments: { claims: list(uncovered) },
      path: `claims.${uncovered[0]}`,
      hint: "add them to `storageClasses`, or set `defaultStorageClass`",
    });
  }
};

/**
 * The pipeline's environment and its number of replicas, if the config has such numbers.
 *
 * @param {Pipeline} pipeline
 * @param {Config} config
 */
const chooseReplicas = (pipeline, { replicas }) => {
  if (replicas === undefined) {
    return undefined;
  }
  const known = list(sortedKeys(replicas));
  const environment = pipeline.labels().get("environment");
  if (environment === undefined) {
    throw new Rejection("the pipeline does not say its environment", {
      code: "no-environment",
      path: "labels.environment",
      hint: `add the label \`environment\`: one of ${known}`,
    });
  }
  const number = own(replicas, environment);
  if (number === undefined) {
    throw new Rejection(`no replicas are set for the environment \`${environment}\``, {
      code: "unknown-environment",
      arguments: { environment },
      path: "config.replicas",
      hint: `add it, or change the label to one of ${known}`,
    });
  }
  return { environment, replicas: number };
};

/**
 * @param {Pipeline} pipeline
 * @param {Config} config
 */
const mirrorImages = (pipeline, { mirrors = {} }) => {
  if (Object.keys(mirrors).length === 0) {
    return;
  }
  for (const container of pipeline.allContainers()) {
    const image = container.image();
    const found = mirrored(image, mirrors);
    if (found === undefined) {
      log.warn(`no mirror covers \`${image}\` of container \`${container.name()}\``);
    } else {
      pipeline.because(`images of \`${found.prefix}\` come from a mirror`);
      container.setImage(found.image);
    }
  }
};

/**
 * @param {Pipeline} pipeline
 * @param {Config} config
 */
const setStorageClasses = (pipeline, { storageClasses = {}, defaultStorageClass }) => {
  for (const claim of pipeline.claims()) {
    const name = claim.name();
    if (Object.hasOwn(storageClasses, name)) {
      pipeline.because(`\`storageClasses\` names the claim \`${name}\``);
      claim.setStorageClass(storageClasses[name]);
    } else if (defaultStorageClass !== undefined) {
      pipeline.because("the default storage class");
      claim.setStorageClass(defaultStorageClass);
    }
  }
};

/**
 * @param {Pipeline} pipeline
 * @param {Config} config
 */
const setLabels = (pipeline, { labels }) => {
  if (labels === undefined) {
    return;
  }
  pipeline.because("labels of the platform");
  for (const key of sortedKeys(labels)) {
    const value = labels[key];
    if (value === null) {
      pipeline.removeLabel(key);
      pipeline.removePodLabel(key);
    } else {
      pipeline.setLabel(key, value);
      pipeline.setPodLabel(key, value);
    }
  }
};
