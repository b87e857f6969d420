// Any field of the pipeline in memory by its path: `get`, `set`, `remove`, `append` and `insert`.

/** Fields of a pipeline that stand in its `metadata`; all others stand in its `spec`. */
const METADATA = ["name", "namespace", "labels", "annotations"];
/** Lists that share the names of their items. */
const SHARED = [["containers", "initContainers"], ["claims", "volumes"]];

const port = (field) => ({
  said: `\`${field}\` and protocol, e.g. \`80/TCP\``,
  label: (item) => (item?.[field] === undefined ? undefined : `${item[field]}/${item.protocol ?? "TCP"}`),
});
const named = (field) => ({ field, said: `\`${field}\``, label: (item) => item?.[field] });

/** What the items of a list are known by, by the path of the list without names. */
const KEYS = {
  containers: named("name"),
  initContainers: named("name"),
  volumes: named("name"),
  claims: named("name"),
  imagePullSecrets: named("name"),
  resourceClaims: named("name"),
  hostAliases: named("ip"),
  "resources claims": named("name"),
  "service ports": port("port"),
  "containers * env": named("name"),
  "containers * resources claims": named("name"),
  "containers * ports": port("containerPort"),
  "containers * volumeMounts": named("mountPath"),
  "containers * volumeDevices": named("devicePath"),
};

const keyOf = (names) => {
  const plain = names.map((name, at) => (at === 1 && names[0].endsWith("ontainers") ? "*" : name));
  const path = plain.length > 1 ? plain.join(" ").replace(/^initContainers/, "containers") : plain[0];
  return Object.hasOwn(KEYS, path ?? "") ? KEYS[path] : undefined;
};

const failure = (tag, path, message) =>
  Object.assign(new Error(message), { payload: { tag, val: { path, message, hint: undefined } } });
const invalid = (path, message) => failure("invalid", path, message);

/** The steps of a path: texts, and numbers for indices. */
const steps = (text) => {
  const wrong = (reason) => invalid(text, `\`${text}\` is not a field path: ${reason}`);
  const step = /(?<dot>\.?)(?:(?<plain>[A-Za-z0-9_/-]+)|\[(?<index>[0-9]+)\]|\[(?<quoted>"(?:[^"\\]|\\.)*")\])/suy;
  const found = [];
  while (found.length === 0 || step.lastIndex < text.length) {
    const { dot, plain, index, quoted } = step.exec(text)?.groups ?? {};
    const isAfterDot = found.length > 0 && plain !== undefined;
    if (dot === undefined || (dot === ".") !== isAfterDot) {
      throw wrong("a step is missing, or has characters that are written [\"in quotes\"]");
    }
    try {
      found.push(plain ?? (quoted === undefined ? Number(index) : JSON.parse(quoted)));
    } catch {
      throw wrong("brackets hold a text in quotes or an index");
    }
  }
  return found;
};

const show = (path) =>
  path.reduce((text, step) => {
    if (typeof step === "number") {
      return `${text}[${step}]`;
    }
    return /^[\w/-]+$/.test(step) ? [text, step].filter(Boolean).join(".") : `${text}[${JSON.stringify(step)}]`;
  }, "");

/** Reads a path, and holds its steps to the lists that they lead through. */
const pathOf = (text) => {
  const path = steps(text);
  path.forEach((step, at) => {
    const key = keyOf(path.slice(0, at));
    if (key !== undefined && typeof step === "number") {
      throw invalid(text, `items of this list go by their ${key.said}`);
    }
  });
  return path;
};

/** Index of a step's item in a list; -1 where there is none. */
const indexIn = (list, key, step) =>
  key === undefined ? (step < list.length ? step : -1) : list.findIndex((item) => key.label(item) === step);

const find = (value, path, at = 0) => {
  if (at === path.length || value === undefined) {
    return value;
  }
  const key = keyOf(path.slice(0, at));
  if (Array.isArray(value)) {
    return find(value[indexIn(value, key, path[at])], path, at + 1);
  }
  return Object.hasOwn(value, path[at]) ? find(value[path[at]], path, at + 1) : undefined;
};

/** The value with another one at a path; `undefined` removes what is there. */
const changed = (value, path, change, at = 0) => {
  if (at === path.length) {
    return change(value);
  }
  const key = keyOf(path.slice(0, at));
  const step = path[at];
  if (key === undefined && typeof step === "string") {
    if (typeof (value ?? {}) !== "object" || Array.isArray(value)) {
      throw invalid(show(path), "it has another form");
    }
    const { [step]: old, ...rest } = value ?? {};
    const part = changed(value && Object.hasOwn(value, step) ? old : undefined, path, change, at + 1);
    return part === undefined ? rest : { ...value, [step]: part };
  }
  const list = value ?? [];
  const index = Array.isArray(list) ? indexIn(list, key, step) : -1;
  if (index < 0 && (at + 1 < path.length || key === undefined)) {
    throw failure("not-found", show(path), "the item that it belongs to is gone");
  }
  const item = changed(list[index], path, change, at + 1);
  const items = item === undefined ? [] : [item];
  return index < 0 ? [...list, ...items] : list.toSpliced(index, 1, ...items);
};

const parsed = (path, json) => {
  const value = JSON.parse(json);
  if (value === null) {
    throw invalid(show(path), "null is not a value: to remove a field, call `remove`");
  }
  return value;
};

const part = (path) => (METADATA.includes(path[0]) ? "metadata" : "spec");

/** The methods, over the `document` of their object. */
export const generic = {
  get(text) {
    const path = pathOf(text);
    const value = find(this.document.value[part(path)] ?? {}, path);
    return value === undefined ? undefined : JSON.stringify(value);
  },
  set(text, json) {
    const path = pathOf(text);
    let value = parsed(path, json);
    changeable(this, path);
    const key = keyOf(path.slice(0, -1));
    const name = path.at(-1);
    if (key?.field !== undefined && typeof value === "object") {
      value = { [key.field]: name, ...value };
    }
    if (key !== undefined && key.label(value) !== name) {
      throw invalid(show(path), `the item has another ${key.said} than its path`);
    }
    if (this.get(text) === undefined) {
      unused(this, path);
    }
    write(this, path, () => value);
  },
  remove(text) {
    const path = pathOf(text);
    changeable(this, path);
    if (path.length === 2 && path[0] === "claims") {
      throw invalid(show(path), "a claim cannot be removed, because its data goes by it");
    }
    if (this.get(text) !== undefined) {
      write(this, path, () => undefined);
    }
  },
  append(items, json) {
    return this.insert(items, json, { tag: "last" });
  },
  insert(items, json, at) {
    const list = pathOf(items);
    const value = parsed(list, json);
    const all = find(this.document.value[part(list)] ?? {}, list) ?? [];
    if (!Array.isArray(all)) {
      throw invalid(show(list), "it is not a list");
    }
    const index = placeIn(list, all, at);
    const key = keyOf(list);
    const name = key === undefined ? index : key.label(value);
    if (name === undefined) {
      throw invalid(show(list), `an item of this list has a ${key.said}`);
    }
    const path = [...list, name];
    if (key !== undefined && indexIn(all, key, name) >= 0) {
      throw invalid(show(path), `it is there already; to change it, set \`${show(path)}\``);
    }
    unused(this, path);
    if (list.length === 1 && list[0] === "containers" && index === 0) {
      throw invalid(show(path), "the first container is the main one, and stays first");
    }
    write(this, list, () => all.toSpliced(index, 0, value), path);
    return show(path);
  },
};

const write = ({ document }, path, change, edited = path) => {
  const of = part(path);
  document.value = { ...document.value, [of]: changed(document.value[of], path, change) };
  document.record(show(edited));
};

/** The index that a place in a list means. */
const placeIn = (list, all, { tag, val }) => {
  if (tag === "first" || tag === "last") {
    return tag === "first" ? 0 : all.length;
  }
  const beside = pathOf(val);
  const isIn = show(beside.slice(0, -1)) === show(list);
  const index = isIn ? indexIn(all, keyOf(list), beside.at(-1)) : -1;
  if (index < 0) {
    throw failure("not-found", show(beside), `\`${show(list)}\` has no such item`);
  }
  return tag === "before" ? index : index + 1;
};

/** Refuses what no edit may change. */
const changeable = (pipeline, path) => {
  if (path.length === 1 && ["containers", "initContainers", "claims"].includes(path[0])) {
    throw invalid(show(path), "it is not changed as a whole: change its items");
  }
  if (path.length === 2 && path[0] === "containers" && path[1] === pipeline.containerNames()[0]) {
    throw invalid(show(path), "the main container is not removed or replaced: change its fields");
  }
};

/** Refuses the name of a new item that an item of another list has, where both share their names. */
const unused = (pipeline, [list, name, ...rest]) => {
  const lists = rest.length > 0 ? undefined : SHARED.find((it) => it.includes(list));
  if (lists?.some((it) => pipeline.spec.names(it).includes(name))) {
    const what = lists[0] === "containers" ? "container" : "claim or volume";
    throw invalid(show([list, name]), `there is a ${what} of this name`);
  }
};
