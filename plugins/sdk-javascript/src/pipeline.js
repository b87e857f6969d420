// Made from the contract by `cargo xtask bindings`. Do not edit.
import * as convenience from "./convenience.js";
import * as check from "./check.js";

const protocol = (value, name) => check.oneOf(["tcp", "udp", "sctp"], value, name);

const containerPort = (value, name) => {
  const it = check.record(value, name);
  return {
    number: check.s32(it.number, `${name}.number`),
    protocol: protocol(it.protocol, `${name}.protocol`),
    name: check.optional(check.text, it.name, `${name}.name`),
  };
};

const volumeMount = (value, name) => {
  const it = check.record(value, name);
  return {
    volume: check.text(it.volume, `${name}.volume`),
    mountPath: check.text(it.mountPath, `${name}.mountPath`),
    subPath: check.optional(check.text, it.subPath, `${name}.subPath`),
    readOnly: check.flag(it.readOnly, `${name}.readOnly`),
  };
};

const servicePort = (value, name) => {
  const it = check.record(value, name);
  return {
    number: check.s32(it.number, `${name}.number`),
    protocol: protocol(it.protocol, `${name}.protocol`),
    name: check.optional(check.text, it.name, `${name}.name`),
    target: check.text(it.target, `${name}.target`),
  };
};

export class Container extends convenience.Container {
  name() {
    return this.call("name");
  }
  init() {
    return this.call("init");
  }
  image() {
    return this.call("image");
  }
  setImage(value) {
    this.edit("setImage", check.text(value, "value"));
  }
  imagePullPolicy() {
    return this.call("imagePullPolicy");
  }
  setImagePullPolicy(value) {
    this.edit("setImagePullPolicy", check.optional(check.text, value, "value"));
  }
  command() {
    return this.call("command");
  }
  setCommand(value) {
    this.edit("setCommand", check.texts(value, "value"));
  }
  args() {
    return this.call("args");
  }
  setArgs(value) {
    this.edit("setArgs", check.texts(value, "value"));
  }
  workingDir() {
    return this.call("workingDir");
  }
  setWorkingDir(value) {
    this.edit("setWorkingDir", check.optional(check.text, value, "value"));
  }
  envNames() {
    return this.call("envNames");
  }
  env(name) {
    return this.call("env", check.text(name, "name"));
  }
  setEnv(name, value) {
    this.edit("setEnv", check.text(name, "name"), check.text(value, "value"));
  }
  envSource(name) {
    return check.parsed(this.call("envSource", check.text(name, "name")));
  }
  setEnvSource(name, json) {
    this.edit("setEnvSource", check.text(name, "name"), check.json(json, "json"));
  }
  removeEnv(name) {
    this.edit("removeEnv", check.text(name, "name"));
  }
  envFrom() {
    return check.parsed(this.call("envFrom"));
  }
  setEnvFrom(json) {
    this.edit("setEnvFrom", check.optional(check.json, json, "json"));
  }
  ports() {
    return this.call("ports");
  }
  setPort(port) {
    this.edit("setPort", containerPort(port, "port"));
  }
  removePort(number, protocol) {
    this.edit("removePort", check.s32(number, "number"), protocol(protocol, "protocol"));
  }
  requests() {
    return new Map(this.call("requests"));
  }
  setRequest(name, quantity) {
    this.edit("setRequest", check.text(name, "name"), check.text(quantity, "quantity"));
  }
  removeRequest(name) {
    this.edit("removeRequest", check.text(name, "name"));
  }
  limits() {
    return new Map(this.call("limits"));
  }
  setLimit(name, quantity) {
    this.edit("setLimit", check.text(name, "name"), check.text(quantity, "quantity"));
  }
  removeLimit(name) {
    this.edit("removeLimit", check.text(name, "name"));
  }
  mounts() {
    return this.call("mounts");
  }
  setMount(mount) {
    this.edit("setMount", volumeMount(mount, "mount"));
  }
  removeMount(mountPath) {
    this.edit("removeMount", check.text(mountPath, "mountPath"));
  }
  livenessProbe() {
    return check.parsed(this.call("livenessProbe"));
  }
  setLivenessProbe(json) {
    this.edit("setLivenessProbe", check.optional(check.json, json, "json"));
  }
  readinessProbe() {
    return check.parsed(this.call("readinessProbe"));
  }
  setReadinessProbe(json) {
    this.edit("setReadinessProbe", check.optional(check.json, json, "json"));
  }
  startupProbe() {
    return check.parsed(this.call("startupProbe"));
  }
  setStartupProbe(json) {
    this.edit("setStartupProbe", check.optional(check.json, json, "json"));
  }
  lifecycle() {
    return check.parsed(this.call("lifecycle"));
  }
  setLifecycle(json) {
    this.edit("setLifecycle", check.optional(check.json, json, "json"));
  }
  securityContext() {
    return check.parsed(this.call("securityContext"));
  }
  setSecurityContext(json) {
    this.edit("setSecurityContext", check.optional(check.json, json, "json"));
  }
}

export class Claim extends convenience.Claim {
  name() {
    return this.call("name");
  }
  size() {
    return this.call("size");
  }
  setSize(quantity) {
    this.edit("setSize", check.text(quantity, "quantity"));
  }
  storageClass() {
    return this.call("storageClass");
  }
  setStorageClass(value) {
    this.edit("setStorageClass", check.optional(check.text, value, "value"));
  }
  accessModes() {
    return this.call("accessModes");
  }
  setAccessModes(value) {
    this.edit("setAccessModes", check.texts(value, "value"));
  }
  volumeMode() {
    return this.call("volumeMode");
  }
  setVolumeMode(value) {
    this.edit("setVolumeMode", check.optional(check.text, value, "value"));
  }
  volumeAttributesClass() {
    return this.call("volumeAttributesClass");
  }
  setVolumeAttributesClass(value) {
    this.edit("setVolumeAttributesClass", check.optional(check.text, value, "value"));
  }
  mountPath() {
    return this.call("mountPath");
  }
  setMountPath(value) {
    this.edit("setMountPath", check.optional(check.text, value, "value"));
  }
  labels() {
    return new Map(this.call("labels"));
  }
  setLabel(key, value) {
    this.edit("setLabel", check.text(key, "key"), check.text(value, "value"));
  }
  removeLabel(key) {
    this.edit("removeLabel", check.text(key, "key"));
  }
  annotations() {
    return new Map(this.call("annotations"));
  }
  setAnnotation(key, value) {
    this.edit("setAnnotation", check.text(key, "key"), check.text(value, "value"));
  }
  removeAnnotation(key) {
    this.edit("removeAnnotation", check.text(key, "key"));
  }
  selector() {
    return check.parsed(this.call("selector"));
  }
  setSelector(json) {
    this.edit("setSelector", check.optional(check.json, json, "json"));
  }
  dataSourceRef() {
    return check.parsed(this.call("dataSourceRef"));
  }
  setDataSourceRef(json) {
    this.edit("setDataSourceRef", check.optional(check.json, json, "json"));
  }
}

export class Service extends convenience.Service {
  name() {
    return this.call("name");
  }
  ports() {
    return this.call("ports");
  }
  setPort(port) {
    this.edit("setPort", servicePort(port, "port"));
  }
  removePort(number, protocol) {
    this.edit("removePort", check.s32(number, "number"), protocol(protocol, "protocol"));
  }
  publishNotReadyAddresses() {
    return this.call("publishNotReadyAddresses");
  }
  setPublishNotReadyAddresses(value) {
    this.edit("setPublishNotReadyAddresses", check.flag(value, "value"));
  }
  labels() {
    return new Map(this.call("labels"));
  }
  setLabel(key, value) {
    this.edit("setLabel", check.text(key, "key"), check.text(value, "value"));
  }
  removeLabel(key) {
    this.edit("removeLabel", check.text(key, "key"));
  }
  annotations() {
    return new Map(this.call("annotations"));
  }
  setAnnotation(key, value) {
    this.edit("setAnnotation", check.text(key, "key"), check.text(value, "value"));
  }
  removeAnnotation(key) {
    this.edit("removeAnnotation", check.text(key, "key"));
  }
}

export class Pipeline extends convenience.Pipeline {
  name() {
    return this.call("name");
  }
  namespace() {
    return this.call("namespace");
  }
  because(reason) {
    this.call("because", check.text(reason, "reason"));
  }
  get(path) {
    return check.parsed(this.edit("get", check.text(path, "path")));
  }
  set(path, json) {
    this.edit("set", check.text(path, "path"), check.json(json, "json"));
  }
  remove(path) {
    this.edit("remove", check.text(path, "path"));
  }
  append(items, json) {
    return this.edit("append", check.text(items, "items"), check.json(json, "json"));
  }
  insert(items, json, at) {
    return this.edit("insert", check.text(items, "items"), check.json(json, "json"), check.place(at, "at"));
  }
  labels() {
    return new Map(this.call("labels"));
  }
  setLabel(key, value) {
    this.edit("setLabel", check.text(key, "key"), check.text(value, "value"));
  }
  removeLabel(key) {
    this.edit("removeLabel", check.text(key, "key"));
  }
  annotations() {
    return new Map(this.call("annotations"));
  }
  setAnnotation(key, value) {
    this.edit("setAnnotation", check.text(key, "key"), check.text(value, "value"));
  }
  removeAnnotation(key) {
    this.edit("removeAnnotation", check.text(key, "key"));
  }
  selector() {
    return new Map(this.call("selector"));
  }
  podLabels() {
    return new Map(this.call("podLabels"));
  }
  setPodLabel(key, value) {
    this.edit("setPodLabel", check.text(key, "key"), check.text(value, "value"));
  }
  removePodLabel(key) {
    this.edit("removePodLabel", check.text(key, "key"));
  }
  podAnnotations() {
    return new Map(this.call("podAnnotations"));
  }
  setPodAnnotation(key, value) {
    this.edit("setPodAnnotation", check.text(key, "key"), check.text(value, "value"));
  }
  removePodAnnotation(key) {
    this.edit("removePodAnnotation", check.text(key, "key"));
  }
  replicas() {
    return this.call("replicas");
  }
  setReplicas(value) {
    this.edit("setReplicas", check.s32(value, "value"));
  }
  containerNames() {
    return this.call("containerNames");
  }
  container(name) {
    return this.child(Container, "call", "container", check.text(name, "name"));
  }
  mainContainer() {
    return this.child(Container, "call", "mainContainer");
  }
  addContainer(name, image) {
    return this.child(Container, "edit", "addContainer", check.text(name, "name"), check.text(image, "image"));
  }
  removeContainer(name) {
    this.edit("removeContainer", check.text(name, "name"));
  }
  initContainerNames() {
    return this.call("initContainerNames");
  }
  initContainer(name) {
    return this.child(Container, "call", "initContainer", check.text(name, "name"));
  }
  addInitContainer(name, image) {
    return this.child(Container, "edit", "addInitContainer", check.text(name, "name"), check.text(image, "image"));
  }
  removeInitContainer(name) {
    this.edit("removeInitContainer", check.text(name, "name"));
  }
  claimNames() {
    return this.call("claimNames");
  }
  claim(name) {
    return this.child(Claim, "call", "claim", check.text(name, "name"));
  }
  addClaim(name, size) {
    return this.child(Claim, "edit", "addClaim", check.text(name, "name"), check.text(size, "size"));
  }
  service() {
    return this.child(Service, "call", "service");
  }
  volumeNames() {
    return this.call("volumeNames");
  }
  volume(name) {
    return check.parsed(this.call("volume", check.text(name, "name")));
  }
  setVolume(name, json) {
    this.edit("setVolume", check.text(name, "name"), check.json(json, "json"));
  }
  removeVolume(name) {
    this.edit("removeVolume", check.text(name, "name"));
  }
  serviceAccountName() {
    return this.call("serviceAccountName");
  }
  setServiceAccountName(value) {
    this.edit("setServiceAccountName", check.optional(check.text, value, "value"));
  }
  imagePullSecrets() {
    return this.call("imagePullSecrets");
  }
  setImagePullSecrets(value) {
    this.edit("setImagePullSecrets", check.texts(value, "value"));
  }
  nodeSelector() {
    return new Map(this.call("nodeSelector"));
  }
  setNodeSelector(key, value) {
    this.edit("setNodeSelector", check.text(key, "key"), check.text(value, "value"));
  }
  removeNodeSelector(key) {
    this.edit("removeNodeSelector", check.text(key, "key"));
  }
  priorityClassName() {
    return this.call("priorityClassName");
  }
  setPriorityClassName(value) {
    this.edit("setPriorityClassName", check.optional(check.text, value, "value"));
  }
  runtimeClassName() {
    return this.call("runtimeClassName");
  }
  setRuntimeClassName(value) {
    this.edit("setRuntimeClassName", check.optional(check.text, value, "value"));
  }
  schedulerName() {
    return this.call("schedulerName");
  }
  setSchedulerName(value) {
    this.edit("setSchedulerName", check.optional(check.text, value, "value"));
  }
  terminationGracePeriodSeconds() {
    return check.number(this.call("terminationGracePeriodSeconds"));
  }
  setTerminationGracePeriodSeconds(value) {
    this.edit("setTerminationGracePeriodSeconds", check.optional(check.s64, value, "value"));
  }
  minReadySeconds() {
    return this.call("minReadySeconds");
  }
  setMinReadySeconds(value) {
    this.edit("setMinReadySeconds", check.optional(check.s32, value, "value"));
  }
  affinity() {
    return check.parsed(this.call("affinity"));
  }
  setAffinity(json) {
    this.edit("setAffinity", check.optional(check.json, json, "json"));
  }
  tolerations() {
    return check.parsed(this.call("tolerations"));
  }
  setTolerations(json) {
    this.edit("setTolerations", check.optional(check.json, json, "json"));
  }
  topologySpreadConstraints() {
    return check.parsed(this.call("topologySpreadConstraints"));
  }
  setTopologySpreadConstraints(json) {
    this.edit("setTopologySpreadConstraints", check.optional(check.json, json, "json"));
  }
  securityContext() {
    return check.parsed(this.call("securityContext"));
  }
  setSecurityContext(json) {
    this.edit("setSecurityContext", check.optional(check.json, json, "json"));
  }
  dnsConfig() {
    return check.parsed(this.call("dnsConfig"));
  }
  setDnsConfig(json) {
    this.edit("setDnsConfig", check.optional(check.json, json, "json"));
  }
  updateStrategy() {
    return check.parsed(this.call("updateStrategy"));
  }
  setUpdateStrategy(json) {
    this.edit("setUpdateStrategy", check.optional(check.json, json, "json"));
  }
}
