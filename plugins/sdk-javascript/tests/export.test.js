// What becomes of a plugin's exceptions, values and config.
import assert from "node:assert/strict";
import { test } from "node:test";

import { plugin, log, Rejection } from "../src/index.js";
import { Pipeline } from "../src/pipeline.js";
import * as testing from "../src/testing.js";

const manifest = { name: "name", version: "1.0.0", description: "A description" };

const run = (transform, config) => {
  testing.transform(plugin({ manifest, schema: {}, transform }), testing.pipeline(), config);
};

test("a rejection crosses as it is", () => {
  const more = {
    path: "config.team", hint: "write one", code: "no-team", arguments: { a: "b" }, link: "https://example.com",
  };
  const refuse = () => {
    throw new Rejection("no team", more);
  };
  assert.throws(() => run(refuse), { message: "no team", ...more });
});

test("a failed edit crosses in its own words", () => {
  const fail = (pipeline) => pipeline.removeContainer("none");
  assert.throws(() => run(fail), { message: "there is no such item", path: "containers.none" });
});

test("any other exception names its line", () => {
  const fail = (pipeline, config) => config.team.name;
  assert.throws(() => run(fail), /TypeError: .*\(.*tests\/export\.test\.js:\d+\)$/);
});

test("the line is the plugin's when a value is wrong", () => {
  const fail = (pipeline) => pipeline.setReplicas("7");
  assert.throws(() => run(fail), /^.*`value` must be an integer.*export\.test\.js:\d+\)$/);
});

test("what is thrown without being an error crosses, too", () => {
  assert.throws(() => run(() => { throw "text"; }), { message: "text" });
  assert.throws(() => run(() => { throw undefined; }), { message: "undefined" });
});

test("an async plugin is told that nothing would wait for it", () => {
  assert.throws(() => run(async () => {}), /cannot be async/);
});

test("half of a character does not cross", () => {
  const refuse = () => { throw new Rejection("no \ud800"); };
  assert.throws(() => run(refuse), { message: "no \ufffd" });
});

test("what cannot cross throws", () => {
  const pipeline = new Pipeline(testing.pipeline());
  for (const wrong of [2 ** 31, -(2 ** 31) - 1, 1.5, "7", true, null, undefined, NaN, Infinity]) {
    assert.throws(() => pipeline.setReplicas(wrong), /TypeError|RangeError/, String(wrong));
  }
  for (const wrong of [7, null, undefined, {}, "\ud800"]) {
    assert.throws(() => pipeline.mainContainer().setImage(wrong), TypeError);
  }
  assert.throws(() => pipeline.setTerminationGracePeriodSeconds(2 ** 53), RangeError);
  assert.throws(() => pipeline.setAffinity({ weight: NaN }), TypeError);
  assert.throws(() => pipeline.mainContainer().setPort({ number: 1, protocol: "TCP" }), /one of "tcp"/);
});

test("the greatest and the least number cross as they are", () => {
  const pipeline = new Pipeline(testing.pipeline());
  for (const value of [2 ** 31 - 1, -(2 ** 31), 0]) {
    pipeline.setReplicas(value);
    assert.equal(pipeline.replicas(), value);
  }
  pipeline.setTerminationGracePeriodSeconds(2 ** 40);
  assert.equal(pipeline.terminationGracePeriodSeconds(), 2 ** 40);
});

test("a name of an object's prototype is an ordinary key", () => {
  const raw = testing.pipeline();
  const pipeline = new Pipeline(raw);
  for (const key of ["constructor", "__proto__", "toString"]) {
    pipeline.setLabel(key, "1");
  }
  assert.deepEqual([...pipeline.labels().keys()], ["constructor", "__proto__", "toString"]);
});

test("findings and messages cross", () => {
  const validate = () => {
    log.warn("look");
    return [{
      severity: "warning", message: "small", path: "claims.data", code: "small-claim", arguments: { claim: "data" },
    }];
  };
  const found = testing.validate(plugin({ manifest, schema: {}, validate }), testing.pipeline());
  assert.deepEqual(found, [
    {
      severity: "warning", code: "small-claim", message: "small", arguments: { claim: "data" },
      path: "claims.data", hint: undefined, link: undefined,
    },
  ]);
  assert.deepEqual(testing.logged(), [{ level: "warn", message: "look" }]);
});

test("a plugin is described by its package and its schema", () => {
  const schema = { type: "object" };
  const { describe, validate } = plugin({ manifest, schema, writes: ["replicas"], transform() {} });
  assert.equal(validate, undefined);
  const configSchema = '{\n  "type": "object"\n}\n';
  assert.deepEqual(describe.describe(), {
    ...manifest, configSchema, writes: ["replicas"], opens: [], facts: [], license: undefined,
    homepage: undefined, minHost: undefined, extra: [],
  });
});
