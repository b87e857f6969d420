// Values of Kubernetes: tolerations and probes. What is written back loses nothing that has no name here.

#ifndef WELLHEAD_KUBERNETES_H
#define WELLHEAD_KUBERNETES_H

#include <wellhead/json.h>

/// Kubernetes' `Toleration`: an item of the pipeline's `tolerations`.
typedef struct wh_toleration {
  /// The taint's key; none for all keys.
  wh_optional_str key;
  /// `Exists`, or `Equal`, which is what none stands for.
  wh_optional_str operator;
  /// The taint's value, for `Equal`.
  wh_optional_str value;
  /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`; none for all of them.
  wh_optional_str effect;
  /// How long the pod stays on a node with the taint, for `NoExecute`; below 0 for ever.
  int64_t seconds;
  /// What it was read from; its other fields stay.
  wh_json from;
} wh_toleration;

/// Tolerates taints with this key, whatever their value: wh_toleration_exists("gpu", "NoSchedule"). An
/// empty effect stands for all of them.
#define wh_toleration_exists(key, effect) wh_toleration_of(WH(key), NULL, WH(effect))

/// Tolerates taints with this key and this value.
#define wh_toleration_equal(key, value, effect) \
  wh_toleration_of(WH(key), (wh_str[]){WH(value)}, WH(effect))

wh_toleration wh_toleration_of(wh_str key, const wh_str *value, wh_str effect);

/// Reads one.
wh_error *wh_read_toleration(wh_json json, wh_toleration *found);

/// Writes one, e.g. for `wh_pipeline_append`.
wh_str wh_toleration_json(wh_toleration toleration);

/// Kubernetes' `Probe`. What is 0 or empty has the default that Kubernetes gives it.
typedef struct wh_probe {
  /// A command in the container; 0 is success. No shell reads it.
  wh_strs exec;
  /// An HTTP request: number or name of the port, and the path.
  wh_str http_port;
  wh_str http_path;
  /// A connection: number or name of the port.
  wh_str tcp_port;
  /// A call of the gRPC health service: number of the port.
  int64_t grpc_port;
  /// Seconds from the container's start to the first probe, for an answer, and from probe to probe.
  int64_t initial_delay_seconds;
  int64_t timeout_seconds;
  int64_t period_seconds;
  /// Successes after a failure, and failures, in a row that are one.
  int64_t success_threshold;
  int64_t failure_threshold;
  /// What it was read from; its other fields stay.
  wh_json from;
} wh_probe;

/// Reads one.
wh_error *wh_read_probe(wh_json json, wh_probe *found);

/// Writes one, e.g. for `wh_container_set_liveness_probe`.
wh_str wh_probe_json(wh_probe probe);

#endif
