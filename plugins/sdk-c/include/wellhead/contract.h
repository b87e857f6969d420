// Generated from the contract by `cargo xtask bindings`. Do not edit.

#ifndef WELLHEAD_CONTRACT_H
#define WELLHEAD_CONTRACT_H

#include <wellhead/types.h>

/// The transport protocol of a port.
typedef uint8_t wh_protocol;
enum {
  /// TCP.
  WH_PROTOCOL_TCP,
  /// UDP.
  WH_PROTOCOL_UDP,
  /// SCTP.
  WH_PROTOCOL_SCTP,
};

/// A port that a container listens on.
typedef struct wh_container_port {
  /// Port number, 1 to 65535.
  int32_t number;
  /// Transport protocol.
  wh_protocol protocol;
  /// Name of the port, unique in the pod.
  wh_optional_str name;
} wh_container_port;

/// A list of them.
typedef struct wh_container_port_list {
  wh_container_port *items;
  size_t len;
} wh_container_port_list;

/// A volume or claim mounted into a container.
typedef struct wh_volume_mount {
  /// Name of the claim or volume.
  wh_str volume;
  /// Absolute path inside the container; unique in the container.
  wh_str mount_path;
  /// Path inside the volume, when not its root.
  wh_optional_str sub_path;
  /// Whether the container cannot write to it.
  bool read_only;
} wh_volume_mount;

/// A list of them.
typedef struct wh_volume_mount_list {
  wh_volume_mount *items;
  size_t len;
} wh_volume_mount_list;

/// A port of the headless Service.
typedef struct wh_service_port {
  /// Port number of the Service, 1 to 65535.
  int32_t number;
  /// Transport protocol.
  wh_protocol protocol;
  /// Name of the port; required when the Service has several.
  wh_optional_str name;
  /// Number or name of the container's port.
  wh_str target;
} wh_service_port;

/// A list of them.
typedef struct wh_service_port_list {
  wh_service_port *items;
  size_t len;
} wh_service_port_list;

/// One container: main container, sidecar or init container.
typedef struct wh_container {
  int32_t handle;
} wh_container;

/// One claim: a PersistentVolumeClaim for each replica.
typedef struct wh_claim {
  int32_t handle;
} wh_claim;

/// The headless Service.
typedef struct wh_service {
  int32_t handle;
} wh_service;

/// The pipeline.
typedef struct wh_pipeline {
  int32_t handle;
} wh_pipeline;

/// The container's name.
wh_str wh_container_name(wh_container self);

/// Whether this is an init container.
bool wh_container_init(wh_container self);

/// Path: `containers.NAME.image`.
wh_str wh_container_image(wh_container self);

/// Sets the image, as Kubernetes takes it: `postgres`, `postgres:17`, `ghcr.io/acme/app@sha256:...`.
/// Nothing is filled in; without tag and digest, the node pulls `latest`.
wh_error *wh_container_set_image(wh_container self, wh_str value);

/// `Always`, `IfNotPresent` or `Never`.
/// Returns false for none, and leaves `found` as it is.
bool wh_container_image_pull_policy(wh_container self, wh_str *found);

/// Sets or removes the pull policy.
/// NULL stands for none.
wh_error *wh_container_set_image_pull_policy(wh_container self, const wh_str *value);

/// The entrypoint; empty for the image's own.
wh_strs wh_container_command(wh_container self);

/// Replaces the entrypoint.
wh_error *wh_container_set_command(wh_container self, wh_strs value);

/// The arguments; empty for the image's own.
wh_strs wh_container_args(wh_container self);

/// Replaces the arguments.
wh_error *wh_container_set_args(wh_container self, wh_strs value);

/// The working directory.
/// Returns false for none, and leaves `found` as it is.
bool wh_container_working_dir(wh_container self, wh_str *found);

/// Sets or removes the working directory.
/// NULL stands for none.
wh_error *wh_container_set_working_dir(wh_container self, const wh_str *value);

/// Names of the environment variables, in order.
wh_strs wh_container_env_names(wh_container self);

/// The literal value of a variable; `none` when it is not set or comes from a reference.
/// Returns false for none, and leaves `found` as it is.
bool wh_container_env(wh_container self, wh_str name, wh_str *found);

/// Sets a variable to a literal value. Path: `containers.NAME.env.VARIABLE`.
wh_error *wh_container_set_env(wh_container self, wh_str name, wh_str value);

/// The source of a variable as JSON (`EnvVarSource`), e.g. a Secret's key.
/// Returns false for none, and leaves `found` as it is.
bool wh_container_env_source(wh_container self, wh_str name, wh_str *found);

/// Sets a variable from a source, as JSON (`EnvVarSource`).
wh_error *wh_container_set_env_source(wh_container self, wh_str name, wh_str json);

/// Removes a variable.
wh_error *wh_container_remove_env(wh_container self, wh_str name);

/// Sources of whole sets of variables as JSON (a list of `EnvFromSource`).
/// Returns false for none, and leaves `found` as it is.
bool wh_container_env_from(wh_container self, wh_str *found);

/// Replaces them.
/// NULL stands for none.
wh_error *wh_container_set_env_from(wh_container self, const wh_str *json);

/// The ports, in order.
wh_container_port_list wh_container_ports(wh_container self);

/// Adds a port, or changes the name of the one with the same number and protocol.
/// Path: `containers.NAME.ports.NUMBER/PROTOCOL`.
wh_error *wh_container_set_port(wh_container self, wh_container_port port);

/// Removes a port.
wh_error *wh_container_remove_port(wh_container self, int32_t number, wh_protocol protocol);

/// What the container asks the scheduler for, e.g. `cpu`, `memory`, `nvidia.com/gpu`.
wh_entries wh_container_requests(wh_container self);

/// Sets one request. Path: `containers.NAME.resources.requests.RESOURCE`.
wh_error *wh_container_set_request(wh_container self, wh_str name, wh_str quantity);

/// Removes one request.
wh_error *wh_container_remove_request(wh_container self, wh_str name);

/// What the container may use at most.
wh_entries wh_container_limits(wh_container self);

/// Sets one limit. Path: `containers.NAME.resources.limits.RESOURCE`.
wh_error *wh_container_set_limit(wh_container self, wh_str name, wh_str quantity);

/// Removes one limit.
wh_error *wh_container_remove_limit(wh_container self, wh_str name);

/// The mounts, in order.
wh_volume_mount_list wh_container_mounts(wh_container self);

/// Adds a mount, or replaces the one at the same path. Path: `containers.NAME.volumeMounts["PATH"]`.
wh_error *wh_container_set_mount(wh_container self, wh_volume_mount mount);

/// Removes the mount at a path.
wh_error *wh_container_remove_mount(wh_container self, wh_str mount_path);

/// JSON (`Probe`).
/// Returns false for none, and leaves `found` as it is.
bool wh_container_liveness_probe(wh_container self, wh_str *found);

/// JSON (`Probe`).
/// NULL stands for none.
wh_error *wh_container_set_liveness_probe(wh_container self, const wh_str *json);

/// JSON (`Probe`).
/// Returns false for none, and leaves `found` as it is.
bool wh_container_readiness_probe(wh_container self, wh_str *found);

/// JSON (`Probe`).
/// NULL stands for none.
wh_error *wh_container_set_readiness_probe(wh_container self, const wh_str *json);

/// JSON (`Probe`).
/// Returns false for none, and leaves `found` as it is.
bool wh_container_startup_probe(wh_container self, wh_str *found);

/// JSON (`Probe`).
/// NULL stands for none.
wh_error *wh_container_set_startup_probe(wh_container self, const wh_str *json);

/// JSON (`Lifecycle`).
/// Returns false for none, and leaves `found` as it is.
bool wh_container_lifecycle(wh_container self, wh_str *found);

/// JSON (`Lifecycle`).
/// NULL stands for none.
wh_error *wh_container_set_lifecycle(wh_container self, const wh_str *json);

/// JSON (`SecurityContext`).
/// Returns false for none, and leaves `found` as it is.
bool wh_container_security_context(wh_container self, wh_str *found);

/// JSON (`SecurityContext`).
/// NULL stands for none.
wh_error *wh_container_set_security_context(wh_container self, const wh_str *json);

/// The claim's name.
wh_str wh_claim_name(wh_claim self);

/// Size of each volume. Path: `claims.NAME.size`.
wh_str wh_claim_size(wh_claim self);

/// Sets the size.
wh_error *wh_claim_set_size(wh_claim self, wh_str quantity);

/// The storage class; `none` for the cluster's default, an empty text for no class at all.
/// Returns false for none, and leaves `found` as it is.
bool wh_claim_storage_class(wh_claim self, wh_str *found);

/// Sets the storage class, or removes it. Path: `claims.NAME.storageClass`.
/// NULL stands for none.
wh_error *wh_claim_set_storage_class(wh_claim self, const wh_str *value);

/// `ReadWriteOnce`, `ReadWriteOncePod`, `ReadWriteMany`, `ReadOnlyMany`.
wh_strs wh_claim_access_modes(wh_claim self);

/// Replaces the access modes.
wh_error *wh_claim_set_access_modes(wh_claim self, wh_strs value);

/// `Filesystem` or `Block`.
/// Returns false for none, and leaves `found` as it is.
bool wh_claim_volume_mode(wh_claim self, wh_str *found);

/// Sets or removes the volume mode.
/// NULL stands for none.
wh_error *wh_claim_set_volume_mode(wh_claim self, const wh_str *value);

/// The VolumeAttributesClass.
/// Returns false for none, and leaves `found` as it is.
bool wh_claim_volume_attributes_class(wh_claim self, wh_str *found);

/// Sets or removes the VolumeAttributesClass.
/// NULL stands for none.
wh_error *wh_claim_set_volume_attributes_class(wh_claim self, const wh_str *value);

/// Where the main container mounts it.
/// Returns false for none, and leaves `found` as it is.
bool wh_claim_mount_path(wh_claim self, wh_str *found);

/// Sets or removes the mount in the main container.
/// NULL stands for none.
wh_error *wh_claim_set_mount_path(wh_claim self, const wh_str *value);

/// Labels of the claims.
wh_entries wh_claim_labels(wh_claim self);

/// Sets one label. Path: `claims.NAME.labels.KEY`.
wh_error *wh_claim_set_label(wh_claim self, wh_str key, wh_str value);

/// Removes one label.
wh_error *wh_claim_remove_label(wh_claim self, wh_str key);

/// Annotations of the claims.
wh_entries wh_claim_annotations(wh_claim self);

/// Sets one annotation.
wh_error *wh_claim_set_annotation(wh_claim self, wh_str key, wh_str value);

/// Removes one annotation.
wh_error *wh_claim_remove_annotation(wh_claim self, wh_str key);

/// JSON (`LabelSelector`) over volumes.
/// Returns false for none, and leaves `found` as it is.
bool wh_claim_selector(wh_claim self, wh_str *found);

/// JSON (`LabelSelector`).
/// NULL stands for none.
wh_error *wh_claim_set_selector(wh_claim self, const wh_str *json);

/// JSON (`TypedObjectReference`): what the volumes are filled from.
/// Returns false for none, and leaves `found` as it is.
bool wh_claim_data_source_ref(wh_claim self, wh_str *found);

/// JSON (`TypedObjectReference`).
/// NULL stands for none.
wh_error *wh_claim_set_data_source_ref(wh_claim self, const wh_str *json);

/// Name of the Service.
wh_str wh_service_name(wh_service self);

/// The ports, in order.
wh_service_port_list wh_service_ports(wh_service self);

/// Adds a port, or changes the one with the same number and protocol.
/// Path: `service.ports.NUMBER/PROTOCOL`.
wh_error *wh_service_set_port(wh_service self, wh_service_port port);

/// Removes a port.
wh_error *wh_service_remove_port(wh_service self, int32_t number, wh_protocol protocol);

/// Whether DNS lists pods that are not ready.
bool wh_service_publish_not_ready_addresses(wh_service self);

/// Path: `service.publishNotReadyAddresses`.
wh_error *wh_service_set_publish_not_ready_addresses(wh_service self, bool value);

/// Labels of the Service.
wh_entries wh_service_labels(wh_service self);

/// Sets one label. Path: `service.labels.KEY`.
wh_error *wh_service_set_label(wh_service self, wh_str key, wh_str value);

/// Removes one label.
wh_error *wh_service_remove_label(wh_service self, wh_str key);

/// Annotations of the Service.
wh_entries wh_service_annotations(wh_service self);

/// Sets one annotation.
wh_error *wh_service_set_annotation(wh_service self, wh_str key, wh_str value);

/// Removes one annotation.
wh_error *wh_service_remove_annotation(wh_service self, wh_str key);

/// Name of the pipeline and of its StatefulSet.
wh_str wh_pipeline_name(wh_pipeline self);

/// The namespace, when the pipeline or the command line names one.
/// Returns false for none, and leaves `found` as it is.
bool wh_pipeline_namespace(wh_pipeline self, wh_str *found);

/// Says why the edits that follow are made; recorded with each of them until the next call.
void wh_pipeline_because(wh_pipeline self, wh_str reason);

/// The value at any path as JSON, e.g. of `hostAliases` or `containers.db.restartPolicy`; `none` where it is
/// not set. A text that is no path is `invalid`.
wh_error *wh_pipeline_get(wh_pipeline self, wh_str path, wh_optional_str *found);

/// Sets the value at any path from JSON. What stands in it and is not in the JSON goes. Lists of containers and of
/// claims are not set as a whole: set, insert and remove their items.
wh_error *wh_pipeline_set(wh_pipeline self, wh_str path, wh_str json);

/// Removes the value at any path. What is not there stays so. A claim and the main container cannot be removed.
wh_error *wh_pipeline_remove(wh_pipeline self, wh_str path);

/// Puts an item at the end of any list, e.g. of `tolerations` or `containers.db.args`, which is made when it is not
/// there; gives the path of the item. Items that other plugins put there stay. `invalid` when the list
/// has names and an item of this name.
wh_error *wh_pipeline_append(wh_pipeline self, wh_str items, wh_str json, wh_str *added);

/// Puts an item at a place of any list, as `append` does at the end. In a list without names, the items after it have another
/// index then.
wh_error *wh_pipeline_insert(wh_pipeline self, wh_str items, wh_str json, wh_place at, wh_str *added);

/// Labels of the pipeline and of its StatefulSet.
wh_entries wh_pipeline_labels(wh_pipeline self);

/// Sets one label. Path: `labels.KEY`.
wh_error *wh_pipeline_set_label(wh_pipeline self, wh_str key, wh_str value);

/// Removes one label.
wh_error *wh_pipeline_remove_label(wh_pipeline self, wh_str key);

/// Annotations of the StatefulSet.
wh_entries wh_pipeline_annotations(wh_pipeline self);

/// Sets one annotation. Path: `annotations.KEY`.
wh_error *wh_pipeline_set_annotation(wh_pipeline self, wh_str key, wh_str value);

/// Removes one annotation.
wh_error *wh_pipeline_remove_annotation(wh_pipeline self, wh_str key);

/// The labels that select the pods. No plugin can change them.
wh_entries wh_pipeline_selector(wh_pipeline self);

/// Labels of the pods beside the selector's.
wh_entries wh_pipeline_pod_labels(wh_pipeline self);

/// Sets one label of the pods. Path: `podLabels.KEY`.
wh_error *wh_pipeline_set_pod_label(wh_pipeline self, wh_str key, wh_str value);

/// Removes one label of the pods.
wh_error *wh_pipeline_remove_pod_label(wh_pipeline self, wh_str key);

/// Annotations of the pods.
wh_entries wh_pipeline_pod_annotations(wh_pipeline self);

/// Sets one annotation of the pods. Path: `podAnnotations.KEY`.
wh_error *wh_pipeline_set_pod_annotation(wh_pipeline self, wh_str key, wh_str value);

/// Removes one annotation of the pods.
wh_error *wh_pipeline_remove_pod_annotation(wh_pipeline self, wh_str key);

/// Number of replicas.
int32_t wh_pipeline_replicas(wh_pipeline self);

/// Sets the number of replicas, 0 or more. Path: `replicas`.
wh_error *wh_pipeline_set_replicas(wh_pipeline self, int32_t value);

/// Names of the containers, in order: the first is the main container, the others are sidecars.
wh_strs wh_pipeline_container_names(wh_pipeline self);

/// A container by name.
/// Returns false for none, and leaves `found` as it is.
bool wh_pipeline_container(wh_pipeline self, wh_str name, wh_container *found);

/// The first container.
wh_container wh_pipeline_main_container(wh_pipeline self);

/// Adds a sidecar. Path: `containers.NAME`.
wh_error *wh_pipeline_add_container(wh_pipeline self, wh_str name, wh_str image, wh_container *added);

/// Removes a sidecar; the main container stays.
wh_error *wh_pipeline_remove_container(wh_pipeline self, wh_str name);

/// Names of the init containers, in the order in which they run.
wh_strs wh_pipeline_init_container_names(wh_pipeline self);

/// An init container by name.
/// Returns false for none, and leaves `found` as it is.
bool wh_pipeline_init_container(wh_pipeline self, wh_str name, wh_container *found);

/// Adds an init container after the others. Path: `initContainers.NAME`.
wh_error *wh_pipeline_add_init_container(wh_pipeline self, wh_str name, wh_str image, wh_container *added);

/// Removes an init container.
wh_error *wh_pipeline_remove_init_container(wh_pipeline self, wh_str name);

/// Names of the claims, in order.
wh_strs wh_pipeline_claim_names(wh_pipeline self);

/// A claim by name.
/// Returns false for none, and leaves `found` as it is.
bool wh_pipeline_claim(wh_pipeline self, wh_str name, wh_claim *found);

/// Adds a claim that is ReadWriteOnce. Path: `claims.NAME`. There is no way to remove one.
wh_error *wh_pipeline_add_claim(wh_pipeline self, wh_str name, wh_str size, wh_claim *added);

/// The headless Service.
wh_service wh_pipeline_service(wh_pipeline self);

/// Names of the volumes that are not claims, in order.
wh_strs wh_pipeline_volume_names(wh_pipeline self);

/// A volume as JSON (`Volume`).
/// Returns false for none, and leaves `found` as it is.
bool wh_pipeline_volume(wh_pipeline self, wh_str name, wh_str *found);

/// Adds or replaces a volume, as JSON (`Volume`; its name may be left out). Path: `volumes.NAME`.
wh_error *wh_pipeline_set_volume(wh_pipeline self, wh_str name, wh_str json);

/// Removes a volume.
wh_error *wh_pipeline_remove_volume(wh_pipeline self, wh_str name);

/// The pods' service account.
/// Returns false for none, and leaves `found` as it is.
bool wh_pipeline_service_account_name(wh_pipeline self, wh_str *found);

/// Sets or removes it. Path: `serviceAccountName`.
/// NULL stands for none.
wh_error *wh_pipeline_set_service_account_name(wh_pipeline self, const wh_str *value);

/// Names of the Secrets that pull images.
wh_strs wh_pipeline_image_pull_secrets(wh_pipeline self);

/// Replaces them. Path: `imagePullSecrets`.
wh_error *wh_pipeline_set_image_pull_secrets(wh_pipeline self, wh_strs value);

/// Labels that a node must have.
wh_entries wh_pipeline_node_selector(wh_pipeline self);

/// Sets one of them. Path: `nodeSelector.KEY`.
wh_error *wh_pipeline_set_node_selector(wh_pipeline self, wh_str key, wh_str value);

/// Removes one of them.
wh_error *wh_pipeline_remove_node_selector(wh_pipeline self, wh_str key);

/// The PriorityClass.
/// Returns false for none, and leaves `found` as it is.
bool wh_pipeline_priority_class_name(wh_pipeline self, wh_str *found);

/// Sets or removes it. Path: `priorityClassName`.
/// NULL stands for none.
wh_error *wh_pipeline_set_priority_class_name(wh_pipeline self, const wh_str *value);

/// The RuntimeClass.
/// Returns false for none, and leaves `found` as it is.
bool wh_pipeline_runtime_class_name(wh_pipeline self, wh_str *found);

/// Sets or removes it. Path: `runtimeClassName`.
/// NULL stands for none.
wh_error *wh_pipeline_set_runtime_class_name(wh_pipeline self, const wh_str *value);

/// The scheduler.
/// Returns false for none, and leaves `found` as it is.
bool wh_pipeline_scheduler_name(wh_pipeline self, wh_str *found);

/// Sets or removes it. Path: `schedulerName`.
/// NULL stands for none.
wh_error *wh_pipeline_set_scheduler_name(wh_pipeline self, const wh_str *value);

/// Seconds that a pod has to stop.
/// Returns false for none, and leaves `found` as it is.
bool wh_pipeline_termination_grace_period_seconds(wh_pipeline self, int64_t *found);

/// Sets or removes it. Path: `terminationGracePeriodSeconds`.
/// NULL stands for none.
wh_error *wh_pipeline_set_termination_grace_period_seconds(wh_pipeline self, const int64_t *value);

/// Seconds that a pod must be ready to count as available.
/// Returns false for none, and leaves `found` as it is.
bool wh_pipeline_min_ready_seconds(wh_pipeline self, int32_t *found);

/// Sets or removes it. Path: `minReadySeconds`.
/// NULL stands for none.
wh_error *wh_pipeline_set_min_ready_seconds(wh_pipeline self, const int32_t *value);

/// JSON (`Affinity`).
/// Returns false for none, and leaves `found` as it is.
bool wh_pipeline_affinity(wh_pipeline self, wh_str *found);

/// JSON (`Affinity`).
/// NULL stands for none.
wh_error *wh_pipeline_set_affinity(wh_pipeline self, const wh_str *json);

/// JSON (a list of `Toleration`).
/// Returns false for none, and leaves `found` as it is.
bool wh_pipeline_tolerations(wh_pipeline self, wh_str *found);

/// JSON (a list of `Toleration`).
/// NULL stands for none.
wh_error *wh_pipeline_set_tolerations(wh_pipeline self, const wh_str *json);

/// JSON (a list of `TopologySpreadConstraint`).
/// Returns false for none, and leaves `found` as it is.
bool wh_pipeline_topology_spread_constraints(wh_pipeline self, wh_str *found);

/// JSON (a list of `TopologySpreadConstraint`).
/// NULL stands for none.
wh_error *wh_pipeline_set_topology_spread_constraints(wh_pipeline self, const wh_str *json);

/// JSON (`PodSecurityContext`).
/// Returns false for none, and leaves `found` as it is.
bool wh_pipeline_security_context(wh_pipeline self, wh_str *found);

/// JSON (`PodSecurityContext`).
/// NULL stands for none.
wh_error *wh_pipeline_set_security_context(wh_pipeline self, const wh_str *json);

/// JSON (`PodDNSConfig`).
/// Returns false for none, and leaves `found` as it is.
bool wh_pipeline_dns_config(wh_pipeline self, wh_str *found);

/// JSON (`PodDNSConfig`).
/// NULL stands for none.
wh_error *wh_pipeline_set_dns_config(wh_pipeline self, const wh_str *json);

/// JSON (`StatefulSetUpdateStrategy`).
/// Returns false for none, and leaves `found` as it is.
bool wh_pipeline_update_strategy(wh_pipeline self, wh_str *found);

/// JSON (`StatefulSetUpdateStrategy`).
/// NULL stands for none.
wh_error *wh_pipeline_set_update_strategy(wh_pipeline self, const wh_str *json);

#endif
