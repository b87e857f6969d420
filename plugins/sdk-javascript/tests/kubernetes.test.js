// What Kubernetes makes of quantities and selectors; tests/kubernetes of this repository made the vectors.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { matchesLabels, matchesPipeline, probe, Quantity, Rejection, toleration } from "../src/index.js";
import { Pipeline } from "../src/pipeline.js";
import * as testing from "../src/testing.js";

const vectors = JSON.parse(readFileSync(new URL("../../kubernetes.json", import.meta.url), "utf8"));
const parse = (text) => Quantity.parse(text);

test("quantities are read and printed as Kubernetes does", () => {
  for (const { text, canonical, whole } of vectors.read) {
    assert.equal(`${parse(text)}`, canonical, text);
    assert.equal(`${parse(text).whole()}`, whole, text);
    assert.equal(parse(canonical).compare(parse(text)), 0, text);
  }
});

test("other texts are refused with the reason", () => {
  for (const { text, message } of vectors.refused) {
    assert.throws(() => parse(text), { name: "Rejection", message });
  }
});

test("quantities are compared and calculated as Kubernetes does", () => {
  for (const { a, b, order } of vectors.compared) {
    assert.equal(parse(a).compare(parse(b)), order, `${a} ${b}`);
  }
  for (const { a, b, sum, difference } of vectors.calculated) {
    assert.equal(`${parse(a).plus(parse(b))}`, sum, `${a} ${b}`);
    assert.equal(`${parse(a).minus(parse(b))}`, difference, `${a} ${b}`);
  }
  for (const { text, by, product } of vectors.multiplied) {
    // Read as a number, the least one is rounded to itself.
    assert.equal(`${parse(text).times(by)}`, product, `${text} ${by}`);
  }
});

test("what is too large is refused", () => {
  const most = parse("170141183460469231731687303715");
  assert.throws(() => most.plus(Quantity.of(1)), Rejection);
  assert.throws(() => most.times(-2), Rejection);
});

test("a quantity is a text in JSON", () => {
  assert.equal(JSON.stringify({ size: parse("1.5Gi") }), '{"size":"1536Mi"}');
});

test("labels are selected as Kubernetes does", () => {
  for (const { selector, labels, matches } of vectors.selected) {
    const said = JSON.stringify([selector, labels]);
    assert.equal(matchesLabels(selector, labels), matches, said);
    assert.equal(matchesLabels(selector, new Map(Object.entries(labels))), matches, said);
  }
  assert.equal(matchesLabels({ matchExpressions: [{ key: "a", operator: "toString" }] }, {}), false);
});

test("pipelines are selected by names, labels and namespaces", () => {
  const metadata = { name: "search", namespace: "team-a", labels: { env: "prod", tier: "1" } };
  const search = new Pipeline(testing.pipeline({ metadata }));
  for (const [selector, expected] of [
    [{}, true],
    [{ names: ["search"], namespaces: ["x", "team-*"] }, true],
    [{ names: ["search"], namespaces: ["x"] }, false],
    [{ names: ["sea"] }, false],
    [{ names: ["s*r*h"] }, true],
    [{ names: ["*"] }, true],
    [{ names: ["*ch*"] }, true],
    [{ names: ["*chx*"] }, false],
    [{ names: ["search*search"] }, false],
    [{ labels: { env: "prod", tier: "1" } }, true],
    [{ labels: { env: "prod", tier: "2" } }, false],
    [{ labels: { zone: "" } }, false],
  ]) {
    assert.equal(matchesPipeline(selector, search), expected, JSON.stringify(selector));
  }
});

test("tolerations and probes are made in their form", () => {
  assert.deepEqual(toleration.exists("gpu", { effect: "NoSchedule" }), {
    key: "gpu", operator: "Exists", effect: "NoSchedule",
  });
  assert.deepEqual(toleration.equal("spot", "true"), { key: "spot", operator: "Equal", value: "true" });
  assert.deepEqual(probe.httpGet("/", 80, { periodSeconds: 10 }), { httpGet: { path: "/", port: 80 }, periodSeconds: 10 });
  assert.deepEqual(probe.exec(["a"]), { exec: { command: ["a"] } });
  assert.deepEqual(probe.tcpSocket("web"), { tcpSocket: { port: "web" } });
  assert.deepEqual(probe.grpc(1), { grpc: { port: 1 } });
});
