// @ts-check
// What the plugin has to say about a pipeline after all edits.
import { base, setBy } from "wellhead-plugin/context";

/** @import { Finding, Pipeline } from "wellhead-plugin" */

/**
 * @param {Pipeline} pipeline
 * @param {number} most
 * @returns {Finding[]}
 */
export const judge = (pipeline, most) => {
  /** @type {Finding[]} */
  const findings = [];
  const replicas = pipeline.replicas();
  if (replicas > most) {
    findings.push({
      severity: "error",
      code: "too-many-replicas",
      message: `${replicas} replicas are more than ${most}`,
      arguments: { replicas: `${replicas}`, most: `${most}` },
      path: "replicas",
      hint: "lower the number, or ask the platform team for more",
      link: "https://platform.example.com/replicas",
    });
  }
  const by = setBy("replicas");
  if (by !== undefined) {
    const before = `${base("replicas") ?? "none"}`;
    findings.push({
      severity: "warning",
      code: "replicas-changed",
      message: `\`${by}\` set the replicas; the base has ${before}`,
      arguments: { by, base: before },
      path: "replicas",
    });
  }
  return findings;
};
