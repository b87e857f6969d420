// Made from the contract by `cargo xtask bindings`. Do not edit.
import * as convenience from "./convenience.js";

/** A value in its Kubernetes form. */
export type Json = any;

/** Where an item is put in a list: at an end of it, or beside the item at a path. */
export type Place = "first" | "last" | { before: string } | { after: string };

/** The transport protocol of a port. */
export type Protocol = "tcp" | "udp" | "sctp";

/** A port that a container listens on. */
export interface ContainerPort {
  /** Port number, 1 to 65535. */
  number: number;
  /** Transport protocol. */
  protocol: Protocol;
  /** Name of the port, unique in the pod. */
  name?: string;
}

/** A volume or claim mounted into a container. */
export interface VolumeMount {
  /** Name of the claim or volume. */
  volume: string;
  /** Absolute path inside the container; unique in the container. */
  mountPath: string;
  /** Path inside the volume, when not its root. */
  subPath?: string;
  /** Whether the container cannot write to it. */
  readOnly?: boolean;
}

/** A port of the headless Service. */
export interface ServicePort {
  /** Port number of the Service, 1 to 65535. */
  number: number;
  /** Transport protocol. */
  protocol: Protocol;
  /** Name of the port; required when the Service has several. */
  name?: string;
  /** Number or name of the container's port. */
  target: string;
}

/** One container: main container, sidecar or init container. */
export declare class Container extends convenience.Container {
  private constructor();
  /** The container's name. */
  name(): string;
  /** Whether this is an init container. */
  init(): boolean;
  /** Path: `containers.NAME.image`. */
  image(): string;
  /**
   * Sets the image, as Kubernetes takes it: `postgres`, `postgres:17`, `ghcr.io/acme/app@sha256:...`.
   * Nothing is filled in; without tag and digest, the node pulls `latest`.
   */
  setImage(value: string): void;
  /** `Always`, `IfNotPresent` or `Never`. */
  imagePullPolicy(): string | undefined;
  /** Sets or removes the pull policy. */
  setImagePullPolicy(value: string | null | undefined): void;
  /** The entrypoint; empty for the image's own. */
  command(): string[];
  /** Replaces the entrypoint. */
  setCommand(value: string[]): void;
  /** The arguments; empty for the image's own. */
  args(): string[];
  /** Replaces the arguments. */
  setArgs(value: string[]): void;
  /** The working directory. */
  workingDir(): string | undefined;
  /** Sets or removes the working directory. */
  setWorkingDir(value: string | null | undefined): void;
  /** Names of the environment variables, in order. */
  envNames(): string[];
  /** The literal value of a variable; `undefined` when it is not set or comes from a reference. */
  env(name: string): string | undefined;
  /** Sets a variable to a literal value. Path: `containers.NAME.env.VARIABLE`. */
  setEnv(name: string, value: string): void;
  /** The source of a variable as JSON (`EnvVarSource`), e.g. a Secret's key. */
  envSource(name: string): Json | undefined;
  /** Sets a variable from a source, as JSON (`EnvVarSource`). */
  setEnvSource(name: string, json: Json): void;
  /** Removes a variable. */
  removeEnv(name: string): void;
  /** Sources of whole sets of variables as JSON (a list of `EnvFromSource`). */
  envFrom(): Json | undefined;
  /** Replaces them. */
  setEnvFrom(json: Json | null | undefined): void;
  /** The ports, in order. */
  ports(): ContainerPort[];
  /**
   * Adds a port, or changes the name of the one with the same number and protocol.
   * Path: `containers.NAME.ports.NUMBER/PROTOCOL`.
   */
  setPort(port: ContainerPort): void;
  /** Removes a port. */
  removePort(number: number, protocol: Protocol): void;
  /** What the container asks the scheduler for, e.g. `cpu`, `memory`, `nvidia.com/gpu`. */
  requests(): Map<string, string>;
  /** Sets one request. Path: `containers.NAME.resources.requests.RESOURCE`. */
  setRequest(name: string, quantity: string): void;
  /** Removes one request. */
  removeRequest(name: string): void;
  /** What the container may use at most. */
  limits(): Map<string, string>;
  /** Sets one limit. Path: `containers.NAME.resources.limits.RESOURCE`. */
  setLimit(name: string, quantity: string): void;
  /** Removes one limit. */
  removeLimit(name: string): void;
  /** The mounts, in order. */
  mounts(): VolumeMount[];
  /** Adds a mount, or replaces the one at the same path. Path: `containers.NAME.volumeMounts["PATH"]`. */
  setMount(mount: VolumeMount): void;
  /** Removes the mount at a path. */
  removeMount(mountPath: string): void;
  /** JSON (`Probe`). */
  livenessProbe(): Json | undefined;
  /** JSON (`Probe`). */
  setLivenessProbe(json: Json | null | undefined): void;
  /** JSON (`Probe`). */
  readinessProbe(): Json | undefined;
  /** JSON (`Probe`). */
  setReadinessProbe(json: Json | null | undefined): void;
  /** JSON (`Probe`). */
  startupProbe(): Json | undefined;
  /** JSON (`Probe`). */
  setStartupProbe(json: Json | null | undefined): void;
  /** JSON (`Lifecycle`). */
  lifecycle(): Json | undefined;
  /** JSON (`Lifecycle`). */
  setLifecycle(json: Json | null | undefined): void;
  /** JSON (`SecurityContext`). */
  securityContext(): Json | undefined;
  /** JSON (`SecurityContext`). */
  setSecurityContext(json: Json | null | undefined): void;
}

/** One claim: a PersistentVolumeClaim for each replica. */
export declare class Claim extends convenience.Claim {
  private constructor();
  /** The claim's name. */
  name(): string;
  /** Size of each volume. Path: `claims.NAME.size`. */
  size(): string;
  /** Sets the size. */
  setSize(quantity: string): void;
  /** The storage class; `undefined` for the cluster's default, an empty text for no class at all. */
  storageClass(): string | undefined;
  /** Sets the storage class, or removes it. Path: `claims.NAME.storageClass`. */
  setStorageClass(value: string | null | undefined): void;
  /** `ReadWriteOnce`, `ReadWriteOncePod`, `ReadWriteMany`, `ReadOnlyMany`. */
  accessModes(): string[];
  /** Replaces the access modes. */
  setAccessModes(value: string[]): void;
  /** `Filesystem` or `Block`. */
  volumeMode(): string | undefined;
  /** Sets or removes the volume mode. */
  setVolumeMode(value: string | null | undefined): void;
  /** The VolumeAttributesClass. */
  volumeAttributesClass(): string | undefined;
  /** Sets or removes the VolumeAttributesClass. */
  setVolumeAttributesClass(value: string | null | undefined): void;
  /** Where the main container mounts it. */
  mountPath(): string | undefined;
  /** Sets or removes the mount in the main container. */
  setMountPath(value: string | null | undefined): void;
  /** Labels of the claims. */
  labels(): Map<string, string>;
  /** Sets one label. Path: `claims.NAME.labels.KEY`. */
  setLabel(key: string, value: string): void;
  /** Removes one label. */
  removeLabel(key: string): void;
  /** Annotations of the claims. */
  annotations(): Map<string, string>;
  /** Sets one annotation. */
  setAnnotation(key: string, value: string): void;
  /** Removes one annotation. */
  removeAnnotation(key: string): void;
  /** JSON (`LabelSelector`) over volumes. */
  selector(): Json | undefined;
  /** JSON (`LabelSelector`). */
  setSelector(json: Json | null | undefined): void;
  /** JSON (`TypedObjectReference`): what the volumes are filled from. */
  dataSourceRef(): Json | undefined;
  /** JSON (`TypedObjectReference`). */
  setDataSourceRef(json: Json | null | undefined): void;
}

/** The headless Service. */
export declare class Service extends convenience.Service {
  private constructor();
  /** Name of the Service. */
  name(): string;
  /** The ports, in order. */
  ports(): ServicePort[];
  /**
   * Adds a port, or changes the one with the same number and protocol.
   * Path: `service.ports.NUMBER/PROTOCOL`.
   */
  setPort(port: ServicePort): void;
  /** Removes a port. */
  removePort(number: number, protocol: Protocol): void;
  /** Whether DNS lists pods that are not ready. */
  publishNotReadyAddresses(): boolean;
  /** Path: `service.publishNotReadyAddresses`. */
  setPublishNotReadyAddresses(value: boolean): void;
  /** Labels of the Service. */
  labels(): Map<string, string>;
  /** Sets one label. Path: `service.labels.KEY`. */
  setLabel(key: string, value: string): void;
  /** Removes one label. */
  removeLabel(key: string): void;
  /** Annotations of the Service. */
  annotations(): Map<string, string>;
  /** Sets one annotation. */
  setAnnotation(key: string, value: string): void;
  /** Removes one annotation. */
  removeAnnotation(key: string): void;
}

/** The pipeline. */
export declare class Pipeline extends convenience.Pipeline {
  private constructor();
  /** Name of the pipeline and of its StatefulSet. */
  name(): string;
  /** The namespace, when the pipeline or the command line names one. */
  namespace(): string | undefined;
  /** Says why the edits that follow are made; recorded with each of them until the next call. */
  because(reason: string): void;
  /**
   * The value at any path as JSON, e.g. of `hostAliases` or `containers.db.restartPolicy`; `undefined` where it is
   * not set. A text that is no path is `invalid`.
   */
  get(path: string): Json | undefined;
  /**
   * Sets the value at any path from JSON. What stands in it and is not in the JSON goes. Lists of containers and of
   * claims are not set as a whole: set, insert and remove their items.
   */
  set(path: string, json: Json): void;
  /** Removes the value at any path. What is not there stays so. A claim and the main container cannot be removed. */
  remove(path: string): void;
  /**
   * Puts an item at the end of any list, e.g. of `tolerations` or `containers.db.args`, which is made when it is not
   * there; gives the path of the item. Items that other plugins put there stay. `invalid` when the list
   * has names and an item of this name.
   */
  append(items: string, json: Json): string;
  /**
   * Puts an item at a place of any list, as `append` does at the end. In a list without names, the items after it have another
   * index then.
   */
  insert(items: string, json: Json, at: Place): string;
  /** Labels of the pipeline and of its StatefulSet. */
  labels(): Map<string, string>;
  /** Sets one label. Path: `labels.KEY`. */
  setLabel(key: string, value: string): void;
  /** Removes one label. */
  removeLabel(key: string): void;
  /** Annotations of the StatefulSet. */
  annotations(): Map<string, string>;
  /** Sets one annotation. Path: `annotations.KEY`. */
  setAnnotation(key: string, value: string): void;
  /** Removes one annotation. */
  removeAnnotation(key: string): void;
  /** The labels that select the pods. No plugin can change them. */
  selector(): Map<string, string>;
  /** Labels of the pods beside the selector's. */
  podLabels(): Map<string, string>;
  /** Sets one label of the pods. Path: `podLabels.KEY`. */
  setPodLabel(key: string, value: string): void;
  /** Removes one label of the pods. */
  removePodLabel(key: string): void;
  /** Annotations of the pods. */
  podAnnotations(): Map<string, string>;
  /** Sets one annotation of the pods. Path: `podAnnotations.KEY`. */
  setPodAnnotation(key: string, value: string): void;
  /** Removes one annotation of the pods. */
  removePodAnnotation(key: string): void;
  /** Number of replicas. */
  replicas(): number;
  /** Sets the number of replicas, 0 or more. Path: `replicas`. */
  setReplicas(value: number): void;
  /** Names of the containers, in order: the first is the main container, the others are sidecars. */
  containerNames(): string[];
  /** A container by name. */
  container(name: string): Container | undefined;
  /** The first container. */
  mainContainer(): Container;
  /** Adds a sidecar. Path: `containers.NAME`. */
  addContainer(name: string, image: string): Container;
  /** Removes a sidecar; the main container stays. */
  removeContainer(name: string): void;
  /** Names of the init containers, in the order in which they run. */
  initContainerNames(): string[];
  /** An init container by name. */
  initContainer(name: string): Container | undefined;
  /** Adds an init container after the others. Path: `initContainers.NAME`. */
  addInitContainer(name: string, image: string): Container;
  /** Removes an init container. */
  removeInitContainer(name: string): void;
  /** Names of the claims, in order. */
  claimNames(): string[];
  /** A claim by name. */
  claim(name: string): Claim | undefined;
  /** Adds a claim that is ReadWriteOnce. Path: `claims.NAME`. There is no way to remove one. */
  addClaim(name: string, size: string): Claim;
  /** The headless Service. */
  service(): Service;
  /** Names of the volumes that are not claims, in order. */
  volumeNames(): string[];
  /** A volume as JSON (`Volume`). */
  volume(name: string): Json | undefined;
  /** Adds or replaces a volume, as JSON (`Volume`; its name may be left out). Path: `volumes.NAME`. */
  setVolume(name: string, json: Json): void;
  /** Removes a volume. */
  removeVolume(name: string): void;
  /** The pods' service account. */
  serviceAccountName(): string | undefined;
  /** Sets or removes it. Path: `serviceAccountName`. */
  setServiceAccountName(value: string | null | undefined): void;
  /** Names of the Secrets that pull images. */
  imagePullSecrets(): string[];
  /** Replaces them. Path: `imagePullSecrets`. */
  setImagePullSecrets(value: string[]): void;
  /** Labels that a node must have. */
  nodeSelector(): Map<string, string>;
  /** Sets one of them. Path: `nodeSelector.KEY`. */
  setNodeSelector(key: string, value: string): void;
  /** Removes one of them. */
  removeNodeSelector(key: string): void;
  /** The PriorityClass. */
  priorityClassName(): string | undefined;
  /** Sets or removes it. Path: `priorityClassName`. */
  setPriorityClassName(value: string | null | undefined): void;
  /** The RuntimeClass. */
  runtimeClassName(): string | undefined;
  /** Sets or removes it. Path: `runtimeClassName`. */
  setRuntimeClassName(value: string | null | undefined): void;
  /** The scheduler. */
  schedulerName(): string | undefined;
  /** Sets or removes it. Path: `schedulerName`. */
  setSchedulerName(value: string | null | undefined): void;
  /** Seconds that a pod has to stop. */
  terminationGracePeriodSeconds(): number | undefined;
  /** Sets or removes it. Path: `terminationGracePeriodSeconds`. */
  setTerminationGracePeriodSeconds(value: number | null | undefined): void;
  /** Seconds that a pod must be ready to count as available. */
  minReadySeconds(): number | undefined;
  /** Sets or removes it. Path: `minReadySeconds`. */
  setMinReadySeconds(value: number | null | undefined): void;
  /** JSON (`Affinity`). */
  affinity(): Json | undefined;
  /** JSON (`Affinity`). */
  setAffinity(json: Json | null | undefined): void;
  /** JSON (a list of `Toleration`). */
  tolerations(): Json | undefined;
  /** JSON (a list of `Toleration`). */
  setTolerations(json: Json | null | undefined): void;
  /** JSON (a list of `TopologySpreadConstraint`). */
  topologySpreadConstraints(): Json | undefined;
  /** JSON (a list of `TopologySpreadConstraint`). */
  setTopologySpreadConstraints(json: Json | null | undefined): void;
  /** JSON (`PodSecurityContext`). */
  securityContext(): Json | undefined;
  /** JSON (`PodSecurityContext`). */
  setSecurityContext(json: Json | null | undefined): void;
  /** JSON (`PodDNSConfig`). */
  dnsConfig(): Json | undefined;
  /** JSON (`PodDNSConfig`). */
  setDnsConfig(json: Json | null | undefined): void;
  /** JSON (`StatefulSetUpdateStrategy`). */
  updateStrategy(): Json | undefined;
  /** JSON (`StatefulSetUpdateStrategy`). */
  setUpdateStrategy(json: Json | null | undefined): void;
}
