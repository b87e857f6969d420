// What the plugin does, natively: `npm test`.
import assert from "node:assert/strict";
import { test } from "node:test";

import * as testing from "wellhead-plugin/testing";

import * as plugin from "../src/plugin.js";

test("pods are labelled with the team", () => {
  const pipeline = testing.pipeline();
  testing.transform(plugin, pipeline, { team: "search" });
  assert.equal(testing.document(pipeline).spec.podLabels.team, "search");
});

test("nothing else is edited", () => {
  const pipeline = testing.pipeline();
  testing.transform(plugin, pipeline, { team: "search" });
  assert.deepEqual(testing.edits(pipeline).map(({ path }) => path), ["podLabels.team"]);
});

test("a team without a name is refused with its path", () => {
  const run = () => testing.transform(plugin, testing.pipeline(), { team: "" });
  assert.throws(run, { message: "the team has no name", path: "config.team" });
});
