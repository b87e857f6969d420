// The pipeline in memory has what the contract has, and what one writes there is what one reads.
import assert from "node:assert/strict";
import { test } from "node:test";

import * as context from "../src/context.js";
import { fact, plugin } from "../src/index.js";
import * as contract from "../src/pipeline.js";
import * as memory from "../src/memory.js";
import * as testing from "../src/testing.js";

const methods = (Class) => Object.getOwnPropertyNames(Class.prototype).filter((it) => it !== "constructor");

test("the memory has every method of the contract", () => {
  for (const name of ["Pipeline", "Container", "Claim", "Service"]) {
    const has = (method) => typeof memory[`Memory${name}`].prototype[method] === "function";
    assert.deepEqual(methods(contract[name]).filter((it) => !has(it)), [], name);
  }
});

test("what is set is read back", () => {
  const raw = testing.pipeline({ spec: { claims: [{ name: "data", size: "1Gi" }] } });
  const whole = new contract.Pipeline(raw);
  const parts = [whole, whole.mainContainer(), whole.claim("data"), whole.service()];
  let seen = 0;
  for (const part of parts) {
    for (const setter of methods(part.constructor).filter((it) => /^set./.test(it))) {
      const getter = setter[3].toLowerCase() + setter.slice(4);
      if (part[setter].length !== 1 || typeof part[getter] !== "function" || getter === "port") {
        continue;
      }
      const sample = ["text", 7, true, ["a", "b"], { a: [1, null] }].find((value) => {
        try {
          part[setter](value);
          return true;
        } catch {
          return false;
        }
      });
      assert.deepEqual(part[getter](), sample, `${setter} ${sample}`);
      seen += 1;
    }
  }
  assert.ok(seen > 30, String(seen));
  assert.equal(testing.edits(raw).length, seen);
});

test("items are added, changed and removed", () => {
  const raw = testing.pipeline();
  const whole = new contract.Pipeline(raw);
  whole.because("a reason");
  const helper = whole.addContainer("helper", "b:2");
  helper.setEnv("A", "1");
  helper.setPort({ number: 80, protocol: "udp" });
  assert.deepEqual(helper.ports(), [{ number: 80, protocol: "udp", name: undefined }]);
  assert.deepEqual(whole.allContainers().map((it) => it.name()), ["main", "helper"]);
  whole.removeContainer("helper");
  assert.equal(whole.container("helper"), undefined);
  const paths = testing.edits(raw).map(({ path }) => path);
  const helperPaths = ["", ".env.A", ".ports.80/UDP", ""].map((it) => `containers.helper${it}`);
  assert.deepEqual(paths, helperPaths);
  assert.equal(testing.edits(raw)[0].reason, "a reason");
  assert.throws(() => whole.removeContainer("helper"), { name: "EditError", kind: "not-found" });
});

test("any field goes by its path", () => {
  const containers = [{ name: "main", image: "a:1", args: ["x"], ports: [{ containerPort: 80 }] }];
  const raw = testing.pipeline({ metadata: { labels: { a: "b" } }, spec: { tolerations: [{ key: "gpu" }], containers } });
  const whole = new contract.Pipeline(raw);
  assert.equal(whole.get("labels.a"), "b");
  assert.equal(whole.get("hostAliases"), undefined);
  assert.equal(whole.append("tolerations", { key: "spot" }), "tolerations[1]");
  assert.equal(whole.insert("tolerations", { key: "first" }, "first"), "tolerations[0]");
  assert.equal(whole.insert("containers.main.args", "w", { before: "containers.main.args[0]" }), "containers.main.args[0]");
  assert.deepEqual(whole.mainContainer().args(), ["w", "x"]);
  assert.equal(whole.append("hostAliases", { ip: "10.0.0.1", hostnames: ["a"] }), 'hostAliases["10.0.0.1"]');
  whole.set("containers.main.ports.80/TCP.hostPort", 8080);
  whole.set("containers.proxy", { image: "proxy:1" });
  const after = { after: "containers.main" };
  assert.equal(whole.insert("containers", { name: "second", image: "b:1" }, after), "containers.second");
  assert.deepEqual(whole.containerNames(), ["main", "second", "proxy"]);
  whole.remove("tolerations[2]");
  whole.remove("containers.second");
  whole.remove('hostAliases["10.0.0.9"]');
  const { spec } = testing.document(raw);
  assert.deepEqual(spec.tolerations, [{ key: "first" }, { key: "gpu" }]);
  assert.deepEqual(spec.containers[0].ports, [{ containerPort: 80, hostPort: 8080 }]);
  assert.equal(testing.edits(raw).length, 9);
});

test("what no path leads to is refused", () => {
  const whole = new contract.Pipeline(testing.pipeline());
  whole.append("claims", { name: "data", size: "1Gi" });
  whole.setReplicas(1);
  for (const refused of [
    ...["", "a..b", ".a", "a.*", "a[", "a[1", "a[x]", 'a["x]', "a b", "a."].map((path) => () => whole.set(path, 1)),
    () => whole.set("replicas", null),
    () => whole.set("containers", []),
    () => whole.set("containers.main", { image: "b:1" }),
    () => whole.set("containers[0].image", "b:1"),
    () => whole.set("claims.data", { name: "other", size: "1Gi" }),
    () => whole.set("volumes.data", { emptyDir: {} }),
    () => whole.remove("claims.data"),
    () => whole.remove("containers.main"),
    () => whole.append("claims", { name: "data", size: "1Gi" }),
    () => whole.append("claims", { size: "1Gi" }),
    () => whole.append("replicas", 1),
    () => whole.insert("containers", { name: "a", image: "a:1" }, "first"),
  ]) {
    assert.throws(refused, { name: "EditError", kind: "invalid" }, String(refused));
  }
  const beside = { before: "tolerations[3]" };
  assert.throws(() => whole.insert("tolerations", {}, beside), { kind: "not-found" });
  for (const wrong of ["middle", undefined, {}, { before: 1 }, { before: "a", after: "b" }]) {
    assert.throws(() => whole.insert("tolerations", {}, wrong), TypeError);
  }
});

test("a mount keeps what its record does not have", () => {
  const volumeMounts = [{ name: "data", mountPath: "/d", subPathExpr: "$(POD)", mountPropagation: "None" }];
  const raw = testing.pipeline({ spec: { containers: [{ name: "main", image: "a:1", volumeMounts }] } });
  const [mount] = new contract.Pipeline(raw).mainContainer().mounts();
  new contract.Pipeline(raw).mainContainer().setMount({ ...mount, readOnly: true });
  assert.deepEqual(testing.document(raw).spec.containers[0].volumeMounts, [{ ...volumeMounts[0], readOnly: true }]);
});

test("a validator knows facts, the base and who set a field", () => {
  const raw = testing.pipeline({ spec: { replicas: 2 } });
  new contract.Pipeline(raw).setReplicas(3);
  testing.facts({ storageClasses: ["fast"] });
  const validate = () => {
    assert.deepEqual(fact("storageClasses"), ["fast"]);
    assert.equal(fact("nodes"), undefined);
    assert.equal(context.base("replicas"), 2);
    assert.equal(context.setBy("replicas"), "plugin");
    assert.equal(context.setBy("labels.a"), undefined);
    assert.equal(context.live("replicas"), undefined);
    assert.equal(context.knowsLive(), false);
  };
  const manifest = { name: "name", version: "1.0.0", description: "A description" };
  testing.validate(plugin({ manifest, schema: {}, validate }), raw);
});

test("one handle is held for each name, however often it is asked for", () => {
  let held = 0;
  const handle = () => {
    held += 1;
    return { name: () => "main", [Symbol.dispose]: () => { held -= 1; } };
  };
  const pipeline = new contract.Pipeline({ container: handle, mainContainer: handle });
  for (let round = 0; round < 100; round += 1) {
    pipeline.container("main").name();
    pipeline.mainContainer().name();
  }
  assert.equal(held, 2);
});
