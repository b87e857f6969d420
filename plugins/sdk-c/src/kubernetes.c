#include <wellhead.h>

#include <stdlib.h>

static wh_error *read_text(wh_json object, const char *name, wh_optional_str *found) {
  wh_json json = wh_get(object, name);
  wh_json_kind kind = wh_json_kind_of(json);
  found->is_some = kind != WH_JSON_MISSING && kind != WH_JSON_NULL;
  return found->is_some ? wh_read_str(json, &found->value) : NULL;
}

static wh_error *read_int(wh_json object, const char *name, int64_t *found) {
  wh_json json = wh_get(object, name);
  wh_json_kind kind = wh_json_kind_of(json);
  return kind == WH_JSON_MISSING || kind == WH_JSON_NULL ? NULL : wh_read_int(json, found);
}

// A text that may be missing, as JSON.
static wh_str optional(wh_optional_str text) {
  return text.is_some ? wh_json_str(text.value) : WH("");
}

wh_toleration wh_toleration_of(wh_str key, const wh_str *value, wh_str effect) {
  return (wh_toleration){
      .key = {true, key},
      .operator = {true, value == NULL ? WH("Exists") : WH("Equal")},
      .value = {value != NULL, value == NULL ? WH("") : *value},
      .effect = {effect.len > 0, effect},
      .seconds = -1,
  };
}

wh_error *wh_read_toleration(wh_json json, wh_toleration *found) {
  *found = (wh_toleration){.seconds = -1, .from = json};
  WH_TRY(read_text(json, "key", &found->key));
  WH_TRY(read_text(json, "operator", &found->operator));
  WH_TRY(read_text(json, "value", &found->value));
  WH_TRY(read_text(json, "effect", &found->effect));
  return read_int(json, "tolerationSeconds", &found->seconds);
}

wh_str wh_toleration_json(wh_toleration it) {
  return wh_json_with(
      it.from, wh_member("key", optional(it.key)), wh_member("operator", optional(it.operator)),
      wh_member("value", optional(it.value)), wh_member("effect", optional(it.effect)),
      wh_member("tolerationSeconds", it.seconds < 0 ? WH("") : wh_json_int(it.seconds)));
}

// The number or the name of a port as text.
static wh_error *read_port(wh_json object, wh_str *found) {
  wh_json json = wh_get(object, "port");
  if (wh_json_kind_of(json) == WH_JSON_NUMBER) {
    int64_t number;
    WH_TRY(wh_read_int(json, &number));
    *found = wh_from_int(number);
    return NULL;
  }
  return wh_read_str(json, found);
}

wh_error *wh_read_probe(wh_json json, wh_probe *found) {
  *found = (wh_probe){.from = json};
  wh_json command = wh_get(wh_get(json, "exec"), "command");
  for (size_t i = 0; i < wh_json_len(command); i++) {
    wh_str word;
    WH_TRY(wh_read_str(wh_json_at(command, i), &word));
    wh_push(&found->exec, word);
  }
  wh_json http = wh_get(json, "httpGet"), tcp = wh_get(json, "tcpSocket");
  if (wh_json_is_there(http)) {
    wh_optional_str path;
    WH_TRY(read_port(http, &found->http_port));
    WH_TRY(read_text(http, "path", &path));
    found->http_path = path.is_some ? path.value : WH("");
  }
  if (wh_json_is_there(tcp)) {
    WH_TRY(read_port(tcp, &found->tcp_port));
  }
  WH_TRY(read_int(wh_get(json, "grpc"), "port", &found->grpc_port));
  WH_TRY(read_int(json, "initialDelaySeconds", &found->initial_delay_seconds));
  WH_TRY(read_int(json, "timeoutSeconds", &found->timeout_seconds));
  WH_TRY(read_int(json, "periodSeconds", &found->period_seconds));
  WH_TRY(read_int(json, "successThreshold", &found->success_threshold));
  return read_int(json, "failureThreshold", &found->failure_threshold);
}

// Digits are a number; a name has a letter.
static wh_str port_json(wh_str port) {
  for (size_t i = 0; i < port.len; i++) {
    if (port.data[i] < '0' || port.data[i] > '9') {
      return wh_json_str(port);
    }
  }
  return port;
}

// A number as JSON; what is 0 stays as it was.
static wh_entry number(wh_json from, const char *name, int64_t value) {
  return wh_member(name, value == 0 ? wh_json_text(wh_get(from, name)) : wh_json_int(value));
}

// A part of the probe: what it was, with other fields, or nothing.
static wh_entry part(wh_probe it, const char *name, bool there, wh_entry first, wh_entry second) {
  wh_json from = wh_get(it.from, name);
  return wh_member(name, there ? wh_json_with(from, first, second) : WH(""));
}

static wh_entry command(wh_probe it) {
  wh_str *words = malloc(it.exec.len * sizeof(*words));
  for (size_t i = 0; i < it.exec.len; i++) {
    words[i] = wh_json_str(it.exec.items[i]);
  }
  return wh_member("command", wh_json_list_of(it.exec.len, words));
}

wh_str wh_probe_json(wh_probe it) {
  wh_entry none = wh_member("", WH(""));
  wh_str path = it.http_path.len == 0 ? WH("") : wh_json_str(it.http_path);
  return wh_json_with(
      it.from, part(it, "exec", it.exec.len > 0, command(it), none),
      part(it, "httpGet", it.http_port.len > 0, wh_member("path", path),
           wh_member("port", port_json(it.http_port))),
      part(it, "tcpSocket", it.tcp_port.len > 0, wh_member("port", port_json(it.tcp_port)), none),
      part(it, "grpc", it.grpc_port > 0, wh_member("port", wh_json_int(it.grpc_port)), none),
      number(it.from, "initialDelaySeconds", it.initial_delay_seconds),
      number(it.from, "timeoutSeconds", it.timeout_seconds),
      number(it.from, "periodSeconds", it.period_seconds),
      number(it.from, "successThreshold", it.success_threshold),
      number(it.from, "failureThreshold", it.failure_threshold));
}
