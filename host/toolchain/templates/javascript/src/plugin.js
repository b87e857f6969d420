// @ts-check
// Labels the pods with the team that owns them. README.md explains the config.
import { plugin, Rejection } from "wellhead-plugin";

import schema from "../config.schema.json" with { type: "json" };
import manifest from "../package.json" with { type: "json" };

/**
 * What an operator configures; `config.schema.json` says the same.
 *
 * @typedef {object} Config
 * @property {string} team Name of the team.
 */

export const { describe, transform } = plugin({
  manifest,
  schema,
  writes: ["podLabels.team"],

  /** @param {Config} config */
  transform(pipeline, config) {
    if (config.team === "") {
      throw new Rejection("the team has no name", {
        path: "config.team",
        hint: "write the name of the team",
      });
    }
    pipeline.because("each pod names its team");
    pipeline.setPodLabel("team", config.team);
  },
});
