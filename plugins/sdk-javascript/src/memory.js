// A pipeline in memory: what the host offers, for native tests. It answers like the host where a
// plugin reads, and where it adds or removes items; it checks no grants, conflicts, limits or values.
import { generic } from "./generic.js";

/** An edit that did not happen, in the form in which the contract throws it. */
const failure = (tag, path, message) =>
  Object.assign(new Error(message), { payload: { tag, val: { path, message, hint: undefined } } });

const join = (path, label) =>
  /^[\w/-]+$/.test(label)
    ? [path, label].filter(Boolean).join(".")
    : `${path}[${JSON.stringify(label)}]`;

/** What tells the items of a list apart. A port without a protocol is a TCP port. */
const keyOf = {
  name: (item) => item.name,
  mountPath: (item) => item.mountPath,
  containerPort: (item) => `${item.containerPort}/${item.protocol ?? "TCP"}`,
  port: (item) => `${item.port}/${item.protocol ?? "TCP"}`,
};

/** The document, and what happened to it. */
class Document {
  edits = [];
  reason = undefined;

  constructor(value) {
    this.value = value;
  }

  record(path) {
    this.edits.push(this.reason === undefined ? { path } : { path, reason: this.reason });
  }
}

/** A map in the document; it is made when something is written to it. */
class Node {
  constructor(document, find, path) {
    this.document = document;
    this.find = find;
    this.path = path;
  }

  get map() {
    const found = this.find(false);
    if (found === undefined && this.path !== "") {
      return {};
    }
    return found ?? {};
  }

  get(field) {
    const map = this.map;
    return Object.hasOwn(map, field) ? map[field] : undefined;
  }

  put(field, value, path = join(this.path, field)) {
    const map = this.find(true);
    if (map === undefined) {
      throw failure("not-found", path, "the item that it belongs to is gone");
    }
    if (value === undefined || value === null) {
      delete map[field];
    } else {
      // Assigning to `__proto__` would do something else.
      Object.defineProperty(map, field, { value, configurable: true, enumerable: true, writable: true });
    }
    this.document.record(path);
  }

  child(field) {
    const find = (make) => {
      const map = this.find(make);
      if (make && map !== undefined && !Object.hasOwn(map, field)) {
        map[field] = {};
      }
      return map?.[field];
    };
    return new Node(this.document, find, join(this.path, field));
  }

  /** An item of a list, whether it is there or not. */
  item(list, by, key) {
    const find = () => (this.get(list) ?? []).find((item) => keyOf[by](item) === key);
    return new Node(this.document, find, join(join(this.path, list), key));
  }

  /** Adds, replaces or removes an item. */
  putItem(list, by, key, value) {
    const items = this.get(list) ?? [];
    const at = items.findIndex((item) => keyOf[by](item) === key);
    const rest = value === undefined ? [] : [value];
    const changed = at < 0 ? [...items, ...rest] : items.toSpliced(at, 1, ...rest);
    this.put(list, changed, join(join(this.path, list), key));
  }

  addItem(list, value) {
    const { path } = this.item(list, "name", value.name);
    if (this.item(list, "name", value.name).find() !== undefined) {
      throw failure("invalid", path, "it is there already");
    }
    this.putItem(list, "name", value.name, value);
  }

  removeItem(list, by, key) {
    const item = this.item(list, by, key);
    if (item.find() === undefined) {
      throw failure("not-found", item.path, "there is no such item");
    }
    this.putItem(list, by, key, undefined);
  }

  entries(field) {
    return Object.entries(this.get(field) ?? {});
  }

  names(list) {
    return (this.get(list) ?? []).map((item) => item.name);
  }
}

const capital = (name) => name[0].toUpperCase() + name.slice(1);

/** Getter and setter of a field. */
const field = (of, name, { read = (it) => it, write = (it) => it, method = name } = {}) => ({
  [method]() {
    return read(of(this).get(name));
  },
  [`set${capital(method)}`](value) {
    of(this).put(name, write(value));
  },
});

const json = (of, name, method = name) =>
  field(of, name, {
    method,
    read: (it) => (it === undefined ? undefined : JSON.stringify(it)),
    write: (it) => (it === undefined ? undefined : JSON.parse(it)),
  });

const texts = (of, name) => field(of, name, { read: (it) => it ?? [] });

/** Getter, setter and remover of keys. */
const entries = (of, name, list, one) => ({
  [list]() {
    return of(this).entries(name);
  },
  [`set${one}`](key, value) {
    of(this).child(name).put(key, value);
  },
  [`remove${one}`](key) {
    of(this).child(name).put(key, undefined);
  },
});

/** Getter, setter and remover of ports. */
const ports = (by, write, read) => ({
  ports() {
    return (this.node.get("ports") ?? []).map((it) => ({
      ...read(it),
      protocol: (it.protocol ?? "TCP").toLowerCase(),
      name: it.name,
    }));
  },
  setPort(port) {
    const protocol = port.protocol.toUpperCase();
    const name = port.name === undefined ? {} : { name: port.name };
    const value = { ...write(port), protocol, ...name };
    this.node.putItem("ports", by, `${port.number}/${protocol}`, value);
  },
  removePort(number, protocol) {
    this.node.removeItem("ports", by, `${number}/${protocol.toUpperCase()}`);
  },
});

class InMemory {
  constructor(node, more = {}) {
    this.node = node;
    Object.assign(this, more);
  }

  name() {
    return this.node.get("name");
  }
}

const own = (it) => it.node;
const resources = (it) => it.node.child("resources");

export class MemoryContainer extends InMemory {
  init() {
    return this.isInit;
  }
  envNames() {
    return this.node.names("env");
  }
  env(name) {
    return this.node.item("env", "name", name).get("value");
  }
  setEnv(name, value) {
    this.node.putItem("env", "name", name, { name, value });
  }
  envSource(name) {
    const source = this.node.item("env", "name", name).get("valueFrom");
    return source === undefined ? undefined : JSON.stringify(source);
  }
  setEnvSource(name, source) {
    this.node.putItem("env", "name", name, { name, valueFrom: JSON.parse(source) });
  }
  removeEnv(name) {
    this.node.removeItem("env", "name", name);
  }
  mounts() {
    return (this.node.get("volumeMounts") ?? []).map((it) => ({
      volume: it.name,
      mountPath: it.mountPath,
      subPath: it.subPath,
      readOnly: it.readOnly ?? false,
    }));
  }
  setMount({ volume, mountPath, subPath, readOnly }) {
    const { subPath: _, readOnly: __, ...kept } = this.node.item("volumeMounts", "mountPath", mountPath).find() ?? {};
    const value = { ...kept, name: volume, mountPath };
    if (subPath !== undefined) {
      value.subPath = subPath;
    }
    if (readOnly) {
      value.readOnly = true;
    }
    this.node.putItem("volumeMounts", "mountPath", mountPath, value);
  }
  removeMount(mountPath) {
    this.node.removeItem("volumeMounts", "mountPath", mountPath);
  }
}
Object.assign(
  MemoryContainer.prototype,
  ...["image", "imagePullPolicy", "workingDir"].map((it) => field(own, it)),
  ...["command", "args"].map((it) => texts(own, it)),
  ...["envFrom", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle", "securityContext"]
    .map((it) => json(own, it)),
  entries(resources, "requests", "requests", "Request"),
  entries(resources, "limits", "limits", "Limit"),
  ports("containerPort", ({ number }) => ({ containerPort: number }), (it) => ({ number: it.containerPort })),
);

export class MemoryClaim extends InMemory {}
Object.assign(
  MemoryClaim.prototype,
  ...["size", "storageClass", "volumeMode", "mountPath"].map((it) => field(own, it)),
  field(own, "volumeAttributesClassName", { method: "volumeAttributesClass" }),
  field(own, "accessModes", { read: (it) => it ?? ["ReadWriteOnce"] }),
  entries(own, "labels", "labels", "Label"),
  entries(own, "annotations", "annotations", "Annotation"),
  ...["selector", "dataSourceRef"].map((it) => json(own, it)),
);

export class MemoryService extends InMemory {
  name() {
    return this.node.get("name") ?? this.pipelineName;
  }
}
Object.assign(
  MemoryService.prototype,
  field(own, "publishNotReadyAddresses", { read: (it) => it ?? false }),
  entries(own, "labels", "labels", "Label"),
  entries(own, "annotations", "annotations", "Annotation"),
  ports(
    "port",
    ({ number, target }) => ({ port: number, targetPort: /^\d+$/.test(target) ? Number(target) : target }),
    (it) => ({ number: it.port, target: String(it.targetPort ?? it.port) }),
  ),
);

export class MemoryPipeline {
  constructor(value) {
    this.document = new Document(value);
    /** The pipeline before any edit. */
    this.first = structuredClone(value);
    const part = (name) => new Node(this.document, () => (this.document.value[name] ??= {}), "");
    this.metadata = part("metadata");
    this.spec = part("spec");
  }

  name() {
    return this.metadata.get("name");
  }
  namespace() {
    return this.metadata.get("namespace");
  }
  because(reason) {
    this.document.reason = reason;
  }
  selector() {
    const selector = this.spec.entries("selector");
    return selector.length > 0 ? selector : [["app.kubernetes.io/name", this.name()]];
  }
  containerNames() {
    return this.spec.names("containers");
  }
  container(name) {
    return this.#find(MemoryContainer, "containers", name, { isInit: false });
  }
  mainContainer() {
    return this.container(this.containerNames()[0]);
  }
  addContainer(name, image) {
    this.spec.addItem("containers", { name, image });
    return this.container(name);
  }
  removeContainer(name) {
    if (this.containerNames()[0] === name) {
      throw failure("invalid", join("containers", name), "the main container stays");
    }
    this.spec.removeItem("containers", "name", name);
  }
  initContainerNames() {
    return this.spec.names("initContainers");
  }
  initContainer(name) {
    return this.#find(MemoryContainer, "initContainers", name, { isInit: true });
  }
  addInitContainer(name, image) {
    this.spec.addItem("initContainers", { name, image });
    return this.initContainer(name);
  }
  removeInitContainer(name) {
    this.spec.removeItem("initContainers", "name", name);
  }
  claimNames() {
    return this.spec.names("claims");
  }
  claim(name) {
    return this.#find(MemoryClaim, "claims", name);
  }
  addClaim(name, size) {
    this.spec.addItem("claims", { name, size });
    return this.claim(name);
  }
  service() {
    return new MemoryService(this.spec.child("service"), { pipelineName: this.name() });
  }
  volumeNames() {
    return this.spec.names("volumes");
  }
  volume(name) {
    const volume = this.spec.item("volumes", "name", name).find();
    return volume === undefined ? undefined : JSON.stringify(volume);
  }
  setVolume(name, source) {
    this.spec.putItem("volumes", "name", name, { ...JSON.parse(source), name });
  }
  removeVolume(name) {
    this.spec.removeItem("volumes", "name", name);
  }

  #find(Class, list, name, more) {
    const node = this.spec.item(list, "name", name);
    return node.find() === undefined ? undefined : new Class(node, more);
  }
}
const metadata = (it) => it.metadata;
const spec = (it) => it.spec;
const seconds = { read: (it) => (it === undefined ? undefined : BigInt(it)), write: (it) => it && Number(it) };
Object.assign(
  MemoryPipeline.prototype,
  generic,
  entries(metadata, "labels", "labels", "Label"),
  entries(metadata, "annotations", "annotations", "Annotation"),
  entries(spec, "podLabels", "podLabels", "PodLabel"),
  entries(spec, "podAnnotations", "podAnnotations", "PodAnnotation"),
  entries(spec, "nodeSelector", "nodeSelector", "NodeSelector"),
  field(spec, "replicas", { read: (it) => it ?? 1 }),
  field(spec, "imagePullSecrets", {
    read: (it) => (it ?? []).map(({ name }) => name),
    write: (it) => it.map((name) => ({ name })),
  }),
  ...["serviceAccountName", "priorityClassName", "runtimeClassName", "schedulerName", "minReadySeconds"]
    .map((it) => field(spec, it)),
  field(spec, "terminationGracePeriodSeconds", seconds),
  ...["affinity", "tolerations", "topologySpreadConstraints", "securityContext", "dnsConfig", "updateStrategy"]
    .map((it) => json(spec, it)),
);
