// Generated from the contract by `cargo xtask bindings`. Do not edit.

#include "plugin.h"
#include <wellhead/contract.h>
#include "../src/edit_error.h"

// Values have the same form in both halves, so that they cross by a cast.
_Static_assert(sizeof(wh_str) == sizeof(plugin_string_t), "wh_str");
_Static_assert(sizeof(wh_strs) == sizeof(plugin_list_string_t), "wh_strs");
_Static_assert(sizeof(wh_entries) == sizeof(wellhead_plugin_pipeline_list_entry_t), "wh_entries");
_Static_assert(sizeof(wh_container_port) == sizeof(wellhead_plugin_pipeline_container_port_t), "wh_container_port");
_Static_assert(sizeof(wh_container_port_list) == sizeof(wellhead_plugin_pipeline_list_container_port_t), "wh_container_port_list");
_Static_assert(sizeof(wh_volume_mount) == sizeof(wellhead_plugin_pipeline_volume_mount_t), "wh_volume_mount");
_Static_assert(sizeof(wh_volume_mount_list) == sizeof(wellhead_plugin_pipeline_list_volume_mount_t), "wh_volume_mount_list");
_Static_assert(sizeof(wh_service_port) == sizeof(wellhead_plugin_pipeline_service_port_t), "wh_service_port");
_Static_assert(sizeof(wh_service_port_list) == sizeof(wellhead_plugin_pipeline_list_service_port_t), "wh_service_port_list");
_Static_assert(sizeof(wh_place) == sizeof(wellhead_plugin_pipeline_place_t), "wh_place");
_Static_assert(sizeof(wh_container) == sizeof(wellhead_plugin_pipeline_own_container_t), "wh_container");
_Static_assert(sizeof(wh_claim) == sizeof(wellhead_plugin_pipeline_own_claim_t), "wh_claim");
_Static_assert(sizeof(wh_service) == sizeof(wellhead_plugin_pipeline_own_service_t), "wh_service");
_Static_assert(sizeof(wh_pipeline) == sizeof(wellhead_plugin_pipeline_own_pipeline_t), "wh_pipeline");

wh_str wh_container_name(wh_container self) {
  wh_str result;
  wellhead_plugin_pipeline_method_container_name((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_string_t *)&result);
  return result;
}

bool wh_container_init(wh_container self) {
  return wellhead_plugin_pipeline_method_container_init((wellhead_plugin_pipeline_borrow_container_t){self.handle});
}

wh_str wh_container_image(wh_container self) {
  wh_str result;
  wellhead_plugin_pipeline_method_container_image((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_string_t *)&result);
  return result;
}

wh_error *wh_container_set_image(wh_container self, wh_str value) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_container_set_image((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_string_t *)&value, &error) ? NULL : wh_edit_error_from(&error);
}

bool wh_container_image_pull_policy(wh_container self, wh_str *found) {
  return wellhead_plugin_pipeline_method_container_image_pull_policy((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_string_t *)found);
}

wh_error *wh_container_set_image_pull_policy(wh_container self, const wh_str *value) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_container_set_image_pull_policy((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_string_t *)value, &error) ? NULL : wh_edit_error_from(&error);
}

wh_strs wh_container_command(wh_container self) {
  wh_strs result;
  wellhead_plugin_pipeline_method_container_command((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_list_string_t *)&result);
  return result;
}

wh_error *wh_container_set_command(wh_container self, wh_strs value) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_container_set_command((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_list_string_t *)&value, &error) ? NULL : wh_edit_error_from(&error);
}

wh_strs wh_container_args(wh_container self) {
  wh_strs result;
  wellhead_plugin_pipeline_method_container_args((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_list_string_t *)&result);
  return result;
}

wh_error *wh_container_set_args(wh_container self, wh_strs value) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_container_set_args((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_list_string_t *)&value, &error) ? NULL : wh_edit_error_from(&error);
}

bool wh_container_working_dir(wh_container self, wh_str *found) {
  return wellhead_plugin_pipeline_method_container_working_dir((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_string_t *)found);
}

wh_error *wh_container_set_working_dir(wh_container self, const wh_str *value) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_container_set_working_dir((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_string_t *)value, &error) ? NULL : wh_edit_error_from(&error);
}

wh_strs wh_container_env_names(wh_container self) {
  wh_strs result;
  wellhead_plugin_pipeline_method_container_env_names((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_list_string_t *)&result);
  return result;
}

bool wh_container_env(wh_container self, wh_str name, wh_str *found) {
  return wellhead_plugin_pipeline_method_container_env((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_string_t *)&name, (plugin_string_t *)found);
}

wh_error *wh_container_set_env(wh_container self, wh_str name, wh_str value) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_container_set_env((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_string_t *)&name, (plugin_string_t *)&value, &error) ? NULL : wh_edit_error_from(&error);
}

bool wh_container_env_source(wh_container self, wh_str name, wh_str *found) {
  return wellhead_plugin_pipeline_method_container_env_source((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_string_t *)&name, (plugin_string_t *)found);
}

wh_error *wh_container_set_env_source(wh_container self, wh_str name, wh_str json) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_container_set_env_source((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_string_t *)&name, (plugin_string_t *)&json, &error) ? NULL : wh_edit_error_from(&error);
}

wh_error *wh_container_remove_env(wh_container self, wh_str name) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_container_remove_env((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_string_t *)&name, &error) ? NULL : wh_edit_error_from(&error);
}

bool wh_container_env_from(wh_container self, wh_str *found) {
  return wellhead_plugin_pipeline_method_container_env_from((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_string_t *)found);
}

wh_error *wh_container_set_env_from(wh_container self, const wh_str *json) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_container_set_env_from((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_string_t *)json, &error) ? NULL : wh_edit_error_from(&error);
}

wh_container_port_list wh_container_ports(wh_container self) {
  wh_container_port_list result;
  wellhead_plugin_pipeline_method_container_ports((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (wellhead_plugin_pipeline_list_container_port_t *)&result);
  return result;
}

wh_error *wh_container_set_port(wh_container self, wh_container_port port) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_container_set_port((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (wellhead_plugin_pipeline_container_port_t *)&port, &error) ? NULL : wh_edit_error_from(&error);
}

wh_error *wh_container_remove_port(wh_container self, int32_t number, wh_protocol protocol) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_container_remove_port((wellhead_plugin_pipeline_borrow_container_t){self.handle}, number, protocol, &error) ? NULL : wh_edit_error_from(&error);
}

wh_entries wh_container_requests(wh_container self) {
  wh_entries result;
  wellhead_plugin_pipeline_method_container_requests((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (wellhead_plugin_pipeline_list_entry_t *)&result);
  return result;
}

wh_error *wh_container_set_request(wh_container self, wh_str name, wh_str quantity) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_container_set_request((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_string_t *)&name, (plugin_string_t *)&quantity, &error) ? NULL : wh_edit_error_from(&error);
}

wh_error *wh_container_remove_request(wh_container self, wh_str name) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_container_remove_request((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_string_t *)&name, &error) ? NULL : wh_edit_error_from(&error);
}

wh_entries wh_container_limits(wh_container self) {
  wh_entries result;
  wellhead_plugin_pipeline_method_container_limits((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (wellhead_plugin_pipeline_list_entry_t *)&result);
  return result;
}

wh_error *wh_container_set_limit(wh_container self, wh_str name, wh_str quantity) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_container_set_limit((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_string_t *)&name, (plugin_string_t *)&quantity, &error) ? NULL : wh_edit_error_from(&error);
}

wh_error *wh_container_remove_limit(wh_container self, wh_str name) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_container_remove_limit((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_string_t *)&name, &error) ? NULL : wh_edit_error_from(&error);
}

wh_volume_mount_list wh_container_mounts(wh_container self) {
  wh_volume_mount_list result;
  wellhead_plugin_pipeline_method_container_mounts((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (wellhead_plugin_pipeline_list_volume_mount_t *)&result);
  return result;
}

wh_error *wh_container_set_mount(wh_container self, wh_volume_mount mount) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_container_set_mount((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (wellhead_plugin_pipeline_volume_mount_t *)&mount, &error) ? NULL : wh_edit_error_from(&error);
}

wh_error *wh_container_remove_mount(wh_container self, wh_str mount_path) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_container_remove_mount((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_string_t *)&mount_path, &error) ? NULL : wh_edit_error_from(&error);
}

bool wh_container_liveness_probe(wh_container self, wh_str *found) {
  return wellhead_plugin_pipeline_method_container_liveness_probe((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_string_t *)found);
}

wh_error *wh_container_set_liveness_probe(wh_container self, const wh_str *json) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_container_set_liveness_probe((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_string_t *)json, &error) ? NULL : wh_edit_error_from(&error);
}

bool wh_container_readiness_probe(wh_container self, wh_str *found) {
  return wellhead_plugin_pipeline_method_container_readiness_probe((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_string_t *)found);
}

wh_error *wh_container_set_readiness_probe(wh_container self, const wh_str *json) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_container_set_readiness_probe((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_string_t *)json, &error) ? NULL : wh_edit_error_from(&error);
}

bool wh_container_startup_probe(wh_container self, wh_str *found) {
  return wellhead_plugin_pipeline_method_container_startup_probe((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_string_t *)found);
}

wh_error *wh_container_set_startup_probe(wh_container self, const wh_str *json) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_container_set_startup_probe((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_string_t *)json, &error) ? NULL : wh_edit_error_from(&error);
}

bool wh_container_lifecycle(wh_container self, wh_str *found) {
  return wellhead_plugin_pipeline_method_container_lifecycle((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_string_t *)found);
}

wh_error *wh_container_set_lifecycle(wh_container self, const wh_str *json) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_container_set_lifecycle((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_string_t *)json, &error) ? NULL : wh_edit_error_from(&error);
}

bool wh_container_security_context(wh_container self, wh_str *found) {
  return wellhead_plugin_pipeline_method_container_security_context((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_string_t *)found);
}

wh_error *wh_container_set_security_context(wh_container self, const wh_str *json) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_container_set_security_context((wellhead_plugin_pipeline_borrow_container_t){self.handle}, (plugin_string_t *)json, &error) ? NULL : wh_edit_error_from(&error);
}

wh_str wh_claim_name(wh_claim self) {
  wh_str result;
  wellhead_plugin_pipeline_method_claim_name((wellhead_plugin_pipeline_borrow_claim_t){self.handle}, (plugin_string_t *)&result);
  return result;
}

wh_str wh_claim_size(wh_claim self) {
  wh_str result;
  wellhead_plugin_pipeline_method_claim_size((wellhead_plugin_pipeline_borrow_claim_t){self.handle}, (plugin_string_t *)&result);
  return result;
}

wh_error *wh_claim_set_size(wh_claim self, wh_str quantity) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_claim_set_size((wellhead_plugin_pipeline_borrow_claim_t){self.handle}, (plugin_string_t *)&quantity, &error) ? NULL : wh_edit_error_from(&error);
}

bool wh_claim_storage_class(wh_claim self, wh_str *found) {
  return wellhead_plugin_pipeline_method_claim_storage_class((wellhead_plugin_pipeline_borrow_claim_t){self.handle}, (plugin_string_t *)found);
}

wh_error *wh_claim_set_storage_class(wh_claim self, const wh_str *value) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_claim_set_storage_class((wellhead_plugin_pipeline_borrow_claim_t){self.handle}, (plugin_string_t *)value, &error) ? NULL : wh_edit_error_from(&error);
}

wh_strs wh_claim_access_modes(wh_claim self) {
  wh_strs result;
  wellhead_plugin_pipeline_method_claim_access_modes((wellhead_plugin_pipeline_borrow_claim_t){self.handle}, (plugin_list_string_t *)&result);
  return result;
}

wh_error *wh_claim_set_access_modes(wh_claim self, wh_strs value) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_claim_set_access_modes((wellhead_plugin_pipeline_borrow_claim_t){self.handle}, (plugin_list_string_t *)&value, &error) ? NULL : wh_edit_error_from(&error);
}

bool wh_claim_volume_mode(wh_claim self, wh_str *found) {
  return wellhead_plugin_pipeline_method_claim_volume_mode((wellhead_plugin_pipeline_borrow_claim_t){self.handle}, (plugin_string_t *)found);
}

wh_error *wh_claim_set_volume_mode(wh_claim self, const wh_str *value) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_claim_set_volume_mode((wellhead_plugin_pipeline_borrow_claim_t){self.handle}, (plugin_string_t *)value, &error) ? NULL : wh_edit_error_from(&error);
}

bool wh_claim_volume_attributes_class(wh_claim self, wh_str *found) {
  return wellhead_plugin_pipeline_method_claim_volume_attributes_class((wellhead_plugin_pipeline_borrow_claim_t){self.handle}, (plugin_string_t *)found);
}

wh_error *wh_claim_set_volume_attributes_class(wh_claim self, const wh_str *value) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_claim_set_volume_attributes_class((wellhead_plugin_pipeline_borrow_claim_t){self.handle}, (plugin_string_t *)value, &error) ? NULL : wh_edit_error_from(&error);
}

bool wh_claim_mount_path(wh_claim self, wh_str *found) {
  return wellhead_plugin_pipeline_method_claim_mount_path((wellhead_plugin_pipeline_borrow_claim_t){self.handle}, (plugin_string_t *)found);
}

wh_error *wh_claim_set_mount_path(wh_claim self, const wh_str *value) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_claim_set_mount_path((wellhead_plugin_pipeline_borrow_claim_t){self.handle}, (plugin_string_t *)value, &error) ? NULL : wh_edit_error_from(&error);
}

wh_entries wh_claim_labels(wh_claim self) {
  wh_entries result;
  wellhead_plugin_pipeline_method_claim_labels((wellhead_plugin_pipeline_borrow_claim_t){self.handle}, (wellhead_plugin_pipeline_list_entry_t *)&result);
  return result;
}

wh_error *wh_claim_set_label(wh_claim self, wh_str key, wh_str value) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_claim_set_label((wellhead_plugin_pipeline_borrow_claim_t){self.handle}, (plugin_string_t *)&key, (plugin_string_t *)&value, &error) ? NULL : wh_edit_error_from(&error);
}

wh_error *wh_claim_remove_label(wh_claim self, wh_str key) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_claim_remove_label((wellhead_plugin_pipeline_borrow_claim_t){self.handle}, (plugin_string_t *)&key, &error) ? NULL : wh_edit_error_from(&error);
}

wh_entries wh_claim_annotations(wh_claim self) {
  wh_entries result;
  wellhead_plugin_pipeline_method_claim_annotations((wellhead_plugin_pipeline_borrow_claim_t){self.handle}, (wellhead_plugin_pipeline_list_entry_t *)&result);
  return result;
}

wh_error *wh_claim_set_annotation(wh_claim self, wh_str key, wh_str value) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_claim_set_annotation((wellhead_plugin_pipeline_borrow_claim_t){self.handle}, (plugin_string_t *)&key, (plugin_string_t *)&value, &error) ? NULL : wh_edit_error_from(&error);
}

wh_error *wh_claim_remove_annotation(wh_claim self, wh_str key) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_claim_remove_annotation((wellhead_plugin_pipeline_borrow_claim_t){self.handle}, (plugin_string_t *)&key, &error) ? NULL : wh_edit_error_from(&error);
}

bool wh_claim_selector(wh_claim self, wh_str *found) {
  return wellhead_plugin_pipeline_method_claim_selector((wellhead_plugin_pipeline_borrow_claim_t){self.handle}, (plugin_string_t *)found);
}

wh_error *wh_claim_set_selector(wh_claim self, const wh_str *json) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_claim_set_selector((wellhead_plugin_pipeline_borrow_claim_t){self.handle}, (plugin_string_t *)json, &error) ? NULL : wh_edit_error_from(&error);
}

bool wh_claim_data_source_ref(wh_claim self, wh_str *found) {
  return wellhead_plugin_pipeline_method_claim_data_source_ref((wellhead_plugin_pipeline_borrow_claim_t){self.handle}, (plugin_string_t *)found);
}

wh_error *wh_claim_set_data_source_ref(wh_claim self, const wh_str *json) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_claim_set_data_source_ref((wellhead_plugin_pipeline_borrow_claim_t){self.handle}, (plugin_string_t *)json, &error) ? NULL : wh_edit_error_from(&error);
}

wh_str wh_service_name(wh_service self) {
  wh_str result;
  wellhead_plugin_pipeline_method_service_name((wellhead_plugin_pipeline_borrow_service_t){self.handle}, (plugin_string_t *)&result);
  return result;
}

wh_service_port_list wh_service_ports(wh_service self) {
  wh_service_port_list result;
  wellhead_plugin_pipeline_method_service_ports((wellhead_plugin_pipeline_borrow_service_t){self.handle}, (wellhead_plugin_pipeline_list_service_port_t *)&result);
  return result;
}

wh_error *wh_service_set_port(wh_service self, wh_service_port port) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_service_set_port((wellhead_plugin_pipeline_borrow_service_t){self.handle}, (wellhead_plugin_pipeline_service_port_t *)&port, &error) ? NULL : wh_edit_error_from(&error);
}

wh_error *wh_service_remove_port(wh_service self, int32_t number, wh_protocol protocol) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_service_remove_port((wellhead_plugin_pipeline_borrow_service_t){self.handle}, number, protocol, &error) ? NULL : wh_edit_error_from(&error);
}

bool wh_service_publish_not_ready_addresses(wh_service self) {
  return wellhead_plugin_pipeline_method_service_publish_not_ready_addresses((wellhead_plugin_pipeline_borrow_service_t){self.handle});
}

wh_error *wh_service_set_publish_not_ready_addresses(wh_service self, bool value) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_service_set_publish_not_ready_addresses((wellhead_plugin_pipeline_borrow_service_t){self.handle}, value, &error) ? NULL : wh_edit_error_from(&error);
}

wh_entries wh_service_labels(wh_service self) {
  wh_entries result;
  wellhead_plugin_pipeline_method_service_labels((wellhead_plugin_pipeline_borrow_service_t){self.handle}, (wellhead_plugin_pipeline_list_entry_t *)&result);
  return result;
}

wh_error *wh_service_set_label(wh_service self, wh_str key, wh_str value) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_service_set_label((wellhead_plugin_pipeline_borrow_service_t){self.handle}, (plugin_string_t *)&key, (plugin_string_t *)&value, &error) ? NULL : wh_edit_error_from(&error);
}

wh_error *wh_service_remove_label(wh_service self, wh_str key) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_service_remove_label((wellhead_plugin_pipeline_borrow_service_t){self.handle}, (plugin_string_t *)&key, &error) ? NULL : wh_edit_error_from(&error);
}

wh_entries wh_service_annotations(wh_service self) {
  wh_entries result;
  wellhead_plugin_pipeline_method_service_annotations((wellhead_plugin_pipeline_borrow_service_t){self.handle}, (wellhead_plugin_pipeline_list_entry_t *)&result);
  return result;
}

wh_error *wh_service_set_annotation(wh_service self, wh_str key, wh_str value) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_service_set_annotation((wellhead_plugin_pipeline_borrow_service_t){self.handle}, (plugin_string_t *)&key, (plugin_string_t *)&value, &error) ? NULL : wh_edit_error_from(&error);
}

wh_error *wh_service_remove_annotation(wh_service self, wh_str key) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_service_remove_annotation((wellhead_plugin_pipeline_borrow_service_t){self.handle}, (plugin_string_t *)&key, &error) ? NULL : wh_edit_error_from(&error);
}

wh_str wh_pipeline_name(wh_pipeline self) {
  wh_str result;
  wellhead_plugin_pipeline_method_pipeline_name((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)&result);
  return result;
}

bool wh_pipeline_namespace(wh_pipeline self, wh_str *found) {
  return wellhead_plugin_pipeline_method_pipeline_namespace((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)found);
}

void wh_pipeline_because(wh_pipeline self, wh_str reason) {
  wellhead_plugin_pipeline_method_pipeline_because((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)&reason);
}

wh_error *wh_pipeline_get(wh_pipeline self, wh_str path, wh_optional_str *found) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_get((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)&path, (plugin_option_string_t *)found, &error) ? NULL : wh_edit_error_from(&error);
}

wh_error *wh_pipeline_set(wh_pipeline self, wh_str path, wh_str json) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_set((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)&path, (plugin_string_t *)&json, &error) ? NULL : wh_edit_error_from(&error);
}

wh_error *wh_pipeline_remove(wh_pipeline self, wh_str path) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_remove((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)&path, &error) ? NULL : wh_edit_error_from(&error);
}

wh_error *wh_pipeline_append(wh_pipeline self, wh_str items, wh_str json, wh_str *added) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_append((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)&items, (plugin_string_t *)&json, (plugin_string_t *)added, &error) ? NULL : wh_edit_error_from(&error);
}

wh_error *wh_pipeline_insert(wh_pipeline self, wh_str items, wh_str json, wh_place at, wh_str *added) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_insert((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)&items, (plugin_string_t *)&json, (wellhead_plugin_pipeline_place_t *)&at, (plugin_string_t *)added, &error) ? NULL : wh_edit_error_from(&error);
}

wh_entries wh_pipeline_labels(wh_pipeline self) {
  wh_entries result;
  wellhead_plugin_pipeline_method_pipeline_labels((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (wellhead_plugin_pipeline_list_entry_t *)&result);
  return result;
}

wh_error *wh_pipeline_set_label(wh_pipeline self, wh_str key, wh_str value) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_set_label((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)&key, (plugin_string_t *)&value, &error) ? NULL : wh_edit_error_from(&error);
}

wh_error *wh_pipeline_remove_label(wh_pipeline self, wh_str key) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_remove_label((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)&key, &error) ? NULL : wh_edit_error_from(&error);
}

wh_entries wh_pipeline_annotations(wh_pipeline self) {
  wh_entries result;
  wellhead_plugin_pipeline_method_pipeline_annotations((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (wellhead_plugin_pipeline_list_entry_t *)&result);
  return result;
}

wh_error *wh_pipeline_set_annotation(wh_pipeline self, wh_str key, wh_str value) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_set_annotation((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)&key, (plugin_string_t *)&value, &error) ? NULL : wh_edit_error_from(&error);
}

wh_error *wh_pipeline_remove_annotation(wh_pipeline self, wh_str key) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_remove_annotation((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)&key, &error) ? NULL : wh_edit_error_from(&error);
}

wh_entries wh_pipeline_selector(wh_pipeline self) {
  wh_entries result;
  wellhead_plugin_pipeline_method_pipeline_selector((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (wellhead_plugin_pipeline_list_entry_t *)&result);
  return result;
}

wh_entries wh_pipeline_pod_labels(wh_pipeline self) {
  wh_entries result;
  wellhead_plugin_pipeline_method_pipeline_pod_labels((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (wellhead_plugin_pipeline_list_entry_t *)&result);
  return result;
}

wh_error *wh_pipeline_set_pod_label(wh_pipeline self, wh_str key, wh_str value) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_set_pod_label((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)&key, (plugin_string_t *)&value, &error) ? NULL : wh_edit_error_from(&error);
}

wh_error *wh_pipeline_remove_pod_label(wh_pipeline self, wh_str key) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_remove_pod_label((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)&key, &error) ? NULL : wh_edit_error_from(&error);
}

wh_entries wh_pipeline_pod_annotations(wh_pipeline self) {
  wh_entries result;
  wellhead_plugin_pipeline_method_pipeline_pod_annotations((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (wellhead_plugin_pipeline_list_entry_t *)&result);
  return result;
}

wh_error *wh_pipeline_set_pod_annotation(wh_pipeline self, wh_str key, wh_str value) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_set_pod_annotation((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)&key, (plugin_string_t *)&value, &error) ? NULL : wh_edit_error_from(&error);
}

wh_error *wh_pipeline_remove_pod_annotation(wh_pipeline self, wh_str key) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_remove_pod_annotation((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)&key, &error) ? NULL : wh_edit_error_from(&error);
}

int32_t wh_pipeline_replicas(wh_pipeline self) {
  return wellhead_plugin_pipeline_method_pipeline_replicas((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle});
}

wh_error *wh_pipeline_set_replicas(wh_pipeline self, int32_t value) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_set_replicas((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, value, &error) ? NULL : wh_edit_error_from(&error);
}

wh_strs wh_pipeline_container_names(wh_pipeline self) {
  wh_strs result;
  wellhead_plugin_pipeline_method_pipeline_container_names((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_list_string_t *)&result);
  return result;
}

bool wh_pipeline_container(wh_pipeline self, wh_str name, wh_container *found) {
  return wellhead_plugin_pipeline_method_pipeline_container((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)&name, (wellhead_plugin_pipeline_own_container_t *)found);
}

wh_container wh_pipeline_main_container(wh_pipeline self) {
  return (wh_container){wellhead_plugin_pipeline_method_pipeline_main_container((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}).__handle};
}

wh_error *wh_pipeline_add_container(wh_pipeline self, wh_str name, wh_str image, wh_container *added) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_add_container((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)&name, (plugin_string_t *)&image, (wellhead_plugin_pipeline_own_container_t *)added, &error) ? NULL : wh_edit_error_from(&error);
}

wh_error *wh_pipeline_remove_container(wh_pipeline self, wh_str name) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_remove_container((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)&name, &error) ? NULL : wh_edit_error_from(&error);
}

wh_strs wh_pipeline_init_container_names(wh_pipeline self) {
  wh_strs result;
  wellhead_plugin_pipeline_method_pipeline_init_container_names((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_list_string_t *)&result);
  return result;
}

bool wh_pipeline_init_container(wh_pipeline self, wh_str name, wh_container *found) {
  return wellhead_plugin_pipeline_method_pipeline_init_container((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)&name, (wellhead_plugin_pipeline_own_container_t *)found);
}

wh_error *wh_pipeline_add_init_container(wh_pipeline self, wh_str name, wh_str image, wh_container *added) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_add_init_container((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)&name, (plugin_string_t *)&image, (wellhead_plugin_pipeline_own_container_t *)added, &error) ? NULL : wh_edit_error_from(&error);
}

wh_error *wh_pipeline_remove_init_container(wh_pipeline self, wh_str name) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_remove_init_container((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)&name, &error) ? NULL : wh_edit_error_from(&error);
}

wh_strs wh_pipeline_claim_names(wh_pipeline self) {
  wh_strs result;
  wellhead_plugin_pipeline_method_pipeline_claim_names((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_list_string_t *)&result);
  return result;
}

bool wh_pipeline_claim(wh_pipeline self, wh_str name, wh_claim *found) {
  return wellhead_plugin_pipeline_method_pipeline_claim((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)&name, (wellhead_plugin_pipeline_own_claim_t *)found);
}

wh_error *wh_pipeline_add_claim(wh_pipeline self, wh_str name, wh_str size, wh_claim *added) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_add_claim((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)&name, (plugin_string_t *)&size, (wellhead_plugin_pipeline_own_claim_t *)added, &error) ? NULL : wh_edit_error_from(&error);
}

wh_service wh_pipeline_service(wh_pipeline self) {
  return (wh_service){wellhead_plugin_pipeline_method_pipeline_service((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}).__handle};
}

wh_strs wh_pipeline_volume_names(wh_pipeline self) {
  wh_strs result;
  wellhead_plugin_pipeline_method_pipeline_volume_names((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_list_string_t *)&result);
  return result;
}

bool wh_pipeline_volume(wh_pipeline self, wh_str name, wh_str *found) {
  return wellhead_plugin_pipeline_method_pipeline_volume((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)&name, (plugin_string_t *)found);
}

wh_error *wh_pipeline_set_volume(wh_pipeline self, wh_str name, wh_str json) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_set_volume((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)&name, (plugin_string_t *)&json, &error) ? NULL : wh_edit_error_from(&error);
}

wh_error *wh_pipeline_remove_volume(wh_pipeline self, wh_str name) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_remove_volume((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)&name, &error) ? NULL : wh_edit_error_from(&error);
}

bool wh_pipeline_service_account_name(wh_pipeline self, wh_str *found) {
  return wellhead_plugin_pipeline_method_pipeline_service_account_name((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)found);
}

wh_error *wh_pipeline_set_service_account_name(wh_pipeline self, const wh_str *value) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_set_service_account_name((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)value, &error) ? NULL : wh_edit_error_from(&error);
}

wh_strs wh_pipeline_image_pull_secrets(wh_pipeline self) {
  wh_strs result;
  wellhead_plugin_pipeline_method_pipeline_image_pull_secrets((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_list_string_t *)&result);
  return result;
}

wh_error *wh_pipeline_set_image_pull_secrets(wh_pipeline self, wh_strs value) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_set_image_pull_secrets((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_list_string_t *)&value, &error) ? NULL : wh_edit_error_from(&error);
}

wh_entries wh_pipeline_node_selector(wh_pipeline self) {
  wh_entries result;
  wellhead_plugin_pipeline_method_pipeline_node_selector((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (wellhead_plugin_pipeline_list_entry_t *)&result);
  return result;
}

wh_error *wh_pipeline_set_node_selector(wh_pipeline self, wh_str key, wh_str value) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_set_node_selector((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)&key, (plugin_string_t *)&value, &error) ? NULL : wh_edit_error_from(&error);
}

wh_error *wh_pipeline_remove_node_selector(wh_pipeline self, wh_str key) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_remove_node_selector((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)&key, &error) ? NULL : wh_edit_error_from(&error);
}

bool wh_pipeline_priority_class_name(wh_pipeline self, wh_str *found) {
  return wellhead_plugin_pipeline_method_pipeline_priority_class_name((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)found);
}

wh_error *wh_pipeline_set_priority_class_name(wh_pipeline self, const wh_str *value) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_set_priority_class_name((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)value, &error) ? NULL : wh_edit_error_from(&error);
}

bool wh_pipeline_runtime_class_name(wh_pipeline self, wh_str *found) {
  return wellhead_plugin_pipeline_method_pipeline_runtime_class_name((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)found);
}

wh_error *wh_pipeline_set_runtime_class_name(wh_pipeline self, const wh_str *value) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_set_runtime_class_name((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)value, &error) ? NULL : wh_edit_error_from(&error);
}

bool wh_pipeline_scheduler_name(wh_pipeline self, wh_str *found) {
  return wellhead_plugin_pipeline_method_pipeline_scheduler_name((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)found);
}

wh_error *wh_pipeline_set_scheduler_name(wh_pipeline self, const wh_str *value) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_set_scheduler_name((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)value, &error) ? NULL : wh_edit_error_from(&error);
}

bool wh_pipeline_termination_grace_period_seconds(wh_pipeline self, int64_t *found) {
  return wellhead_plugin_pipeline_method_pipeline_termination_grace_period_seconds((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (int64_t *)found);
}

wh_error *wh_pipeline_set_termination_grace_period_seconds(wh_pipeline self, const int64_t *value) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_set_termination_grace_period_seconds((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (int64_t *)value, &error) ? NULL : wh_edit_error_from(&error);
}

bool wh_pipeline_min_ready_seconds(wh_pipeline self, int32_t *found) {
  return wellhead_plugin_pipeline_method_pipeline_min_ready_seconds((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (int32_t *)found);
}

wh_error *wh_pipeline_set_min_ready_seconds(wh_pipeline self, const int32_t *value) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_set_min_ready_seconds((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (int32_t *)value, &error) ? NULL : wh_edit_error_from(&error);
}

bool wh_pipeline_affinity(wh_pipeline self, wh_str *found) {
  return wellhead_plugin_pipeline_method_pipeline_affinity((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)found);
}

wh_error *wh_pipeline_set_affinity(wh_pipeline self, const wh_str *json) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_set_affinity((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)json, &error) ? NULL : wh_edit_error_from(&error);
}

bool wh_pipeline_tolerations(wh_pipeline self, wh_str *found) {
  return wellhead_plugin_pipeline_method_pipeline_tolerations((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)found);
}

wh_error *wh_pipeline_set_tolerations(wh_pipeline self, const wh_str *json) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_set_tolerations((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)json, &error) ? NULL : wh_edit_error_from(&error);
}

bool wh_pipeline_topology_spread_constraints(wh_pipeline self, wh_str *found) {
  return wellhead_plugin_pipeline_method_pipeline_topology_spread_constraints((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)found);
}

wh_error *wh_pipeline_set_topology_spread_constraints(wh_pipeline self, const wh_str *json) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_set_topology_spread_constraints((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)json, &error) ? NULL : wh_edit_error_from(&error);
}

bool wh_pipeline_security_context(wh_pipeline self, wh_str *found) {
  return wellhead_plugin_pipeline_method_pipeline_security_context((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)found);
}

wh_error *wh_pipeline_set_security_context(wh_pipeline self, const wh_str *json) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_set_security_context((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)json, &error) ? NULL : wh_edit_error_from(&error);
}

bool wh_pipeline_dns_config(wh_pipeline self, wh_str *found) {
  return wellhead_plugin_pipeline_method_pipeline_dns_config((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)found);
}

wh_error *wh_pipeline_set_dns_config(wh_pipeline self, const wh_str *json) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_set_dns_config((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)json, &error) ? NULL : wh_edit_error_from(&error);
}

bool wh_pipeline_update_strategy(wh_pipeline self, wh_str *found) {
  return wellhead_plugin_pipeline_method_pipeline_update_strategy((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)found);
}

wh_error *wh_pipeline_set_update_strategy(wh_pipeline self, const wh_str *json) {
  wellhead_plugin_pipeline_edit_error_t error;
  return wellhead_plugin_pipeline_method_pipeline_set_update_strategy((wellhead_plugin_pipeline_borrow_pipeline_t){self.handle}, (plugin_string_t *)json, &error) ? NULL : wh_edit_error_from(&error);
}
