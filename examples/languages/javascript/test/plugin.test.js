// The parts that the shared vectors reach only together: `npm test`.
import assert from "node:assert/strict";
import { test } from "node:test";

import { fullName, mirrored } from "../src/image.js";
import { sortedKeys } from "../src/names.js";

test("an image without a registry is one of docker.io", () => {
  for (const [image, full] of [
    ["nginx:1", "docker.io/library/nginx:1"],
    ["team/nginx:1", "docker.io/team/nginx:1"],
    ["docker.io/nginx", "docker.io/library/nginx"],
    ["localhost/nginx", "localhost/nginx"],
    ["registry:5000/nginx", "registry:5000/nginx"],
    ["ghcr.io/a/b@sha256:0", "ghcr.io/a/b@sha256:0"],
  ]) {
    assert.equal(fullName(image), full);
  }
});

test("the longest prefix wins, and a part of a name is none", () => {
  const mirrors = { "docker.io": "a", "docker.io/library": "b", "docker.io/libr": "c" };
  assert.deepEqual(mirrored("nginx:1", mirrors), { prefix: "docker.io/library", image: "b/nginx:1" });
  assert.equal(mirrored("ghcr.io/a/b", mirrors), undefined);
});

test("names are sorted by code point", () => {
  assert.deepEqual(sortedKeys({ "\u{1f980}": 1, "\uff5e": 1, 2: 1, 10: 1, a: 1 }), ["10", "2", "a", "\uff5e", "\u{1f980}"]);
});
