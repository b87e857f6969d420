// The pipeline in memory has what the contract has, and what one writes there is what one reads.
import assert from "node:assert/strict";
import { test } from "node:test";

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
    for (const setter of methods(part.constructor).filter((it) => it.startsWith("set"))) {
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
