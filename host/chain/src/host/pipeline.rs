//! `resource pipeline`.

use std::collections::HashSet;

use k8s_openapi::api::apps::v1::StatefulSetUpdateStrategy;
use k8s_openapi::api::core::v1::{
    Affinity, PodDNSConfig, PodSecurityContext, Toleration, TopologySpreadConstraint, Volume,
};
use serde_json::{Map, Value, json};
use wasmtime::Result;
use wasmtime::component::Resource;
use wellhead_spec::{
    ClaimName, DEFAULT_REPLICAS, DEFAULT_SELECTOR_LABEL, FieldPath, ImageReference, MAX_REPLICAS,
    ObjectName,
};

use super::bindings::pipeline::HostPipeline;
use super::{ClaimHandle, ContainerHandle, PipelineHandle, ServiceHandle};
use super::{Host, check, native};
use crate::session::fault::{EditFault, invalid, not_found};

type Edited = Result<(), EditFault>;
type Handle = Resource<PipelineHandle>;

fn field(name: &str) -> FieldPath {
    FieldPath::of([name])
}

impl Host {
    /// Sets one label of a map.
    pub(super) fn set_label_at(&mut self, map: &FieldPath, key: &str, value: String) -> Edited {
        let path = map.key(key);
        check::label_key(key).map_err(|error| invalid(&path, error))?;
        self.set_text(path, value, check::label_value)
    }

    /// Sets one annotation of a map.
    pub(super) fn set_annotation_at(
        &mut self,
        map: &FieldPath,
        key: &str,
        value: String,
    ) -> Edited {
        let path = map.key(key);
        check::label_key(key).map_err(|error| invalid(&path, error))?;
        self.free(&path, &value)?;
        self.session.edit(path, Some(Value::String(value)))
    }

    fn find<T: 'static>(&mut self, list: &str, name: &str) -> Result<Option<Resource<T>>> {
        let path = FieldPath::of([list, name]);
        if self.session.read(&path)?.is_none() {
            return Ok(None);
        }
        self.handle(path).map(Some)
    }

    fn add_container_to(
        &mut self,
        list: &str,
        name: &str,
        image: &str,
    ) -> Result<Resource<ContainerHandle>, EditFault> {
        let path = FieldPath::of([list, name]);
        check::dns_label(name).map_err(|error| invalid(&path, error))?;
        ImageReference::check(image).map_err(|error| invalid(&path.key("image"), error))?;
        for other in ["containers", "initContainers"] {
            if self.session.value(&FieldPath::of([other, name])).is_some() {
                return Err(invalid(&path, "there is a container of this name"));
            }
        }
        self.session.edit(path.clone(), Some(json!({ "name": name, "image": image })))?;
        Ok(self.handle(path)?)
    }

    fn remove_item(&mut self, list: &str, name: &str) -> Edited {
        let path = FieldPath::of([list, name]);
        if self.session.value(&path).is_none() {
            return Err(not_found(&path, "there is no item of this name"));
        }
        self.remove(path)
    }
}

impl HostPipeline for Host {
    fn name(&mut self, _: Handle) -> Result<String> {
        Ok(self.text(&field("name"))?.unwrap_or_default())
    }

    fn namespace(&mut self, _: Handle) -> Result<Option<String>> {
        self.text(&field("namespace"))
    }

    fn because(&mut self, _: Handle, reason: String) -> Result<()> {
        Ok(self.session.because(&reason)?)
    }

    fn labels(&mut self, _: Handle) -> Result<Vec<(String, String)>> {
        self.entries(&field("labels"))
    }

    fn set_label(&mut self, _: Handle, key: String, value: String) -> Edited {
        self.set_label_at(&field("labels"), &key, value)
    }

    fn remove_label(&mut self, _: Handle, key: String) -> Edited {
        self.remove(field("labels").then(key))
    }

    fn annotations(&mut self, _: Handle) -> Result<Vec<(String, String)>> {
        self.entries(&field("annotations"))
    }

    fn set_annotation(&mut self, _: Handle, key: String, value: String) -> Edited {
        self.set_annotation_at(&field("annotations"), &key, value)
    }

    fn remove_annotation(&mut self, _: Handle, key: String) -> Edited {
        self.remove(field("annotations").then(key))
    }

    fn selector(&mut self, this: Handle) -> Result<Vec<(String, String)>> {
        let selector = self.entries(&field("selector"))?;
        if selector.is_empty() {
            return Ok(vec![(DEFAULT_SELECTOR_LABEL.to_owned(), HostPipeline::name(self, this)?)]);
        }
        Ok(selector)
    }

    fn pod_labels(&mut self, _: Handle) -> Result<Vec<(String, String)>> {
        self.entries(&field("podLabels"))
    }

    fn set_pod_label(&mut self, _: Handle, key: String, value: String) -> Edited {
        self.set_label_at(&field("podLabels"), &key, value)
    }

    fn remove_pod_label(&mut self, _: Handle, key: String) -> Edited {
        self.remove(field("podLabels").then(key))
    }

    fn pod_annotations(&mut self, _: Handle) -> Result<Vec<(String, String)>> {
        self.entries(&field("podAnnotations"))
    }

    fn set_pod_annotation(&mut self, _: Handle, key: String, value: String) -> Edited {
        self.set_annotation_at(&field("podAnnotations"), &key, value)
    }

    fn remove_pod_annotation(&mut self, _: Handle, key: String) -> Edited {
        self.remove(field("podAnnotations").then(key))
    }

    fn replicas(&mut self, _: Handle) -> Result<i32> {
        let replicas = self.session.read(&field("replicas"))?.and_then(Value::as_i64);
        Ok(replicas.and_then(|number| i32::try_from(number).ok()).unwrap_or(DEFAULT_REPLICAS))
    }

    fn set_replicas(&mut self, _: Handle, value: i32) -> Edited {
        let path = field("replicas");
        if !(0..=MAX_REPLICAS).contains(&value) {
            return Err(invalid(
                &path,
                format!("replicas must be between 0 and {MAX_REPLICAS}, got {value}"),
            ));
        }
        self.set_number(path, Some(value))
    }

    fn container_names(&mut self, _: Handle) -> Result<Vec<String>> {
        self.names(&field("containers"), "name")
    }

    fn container(&mut self, _: Handle, name: String) -> Result<Option<Resource<ContainerHandle>>> {
        self.find("containers", &name)
    }

    fn main_container(&mut self, _: Handle) -> Result<Resource<ContainerHandle>> {
        let first = self.items(&field("containers")).first();
        let name = first.and_then(|it| it.get("name")).and_then(Value::as_str);
        let Some(name) = name else { wasmtime::bail!("the pipeline has no container") };
        let path = FieldPath::of(["containers", name]);
        self.session.saw(&path, || self.session.value(&path).cloned());
        self.handle(path)
    }

    fn add_container(
        &mut self,
        _: Handle,
        name: String,
        image: String,
    ) -> Result<Resource<ContainerHandle>, EditFault> {
        self.add_container_to("containers", &name, &image)
    }

    fn remove_container(&mut self, _: Handle, name: String) -> Edited {
        if self.names(&field("containers"), "name")?.first() == Some(&name) {
            let path = FieldPath::of(["containers", &name]);
            return Err(invalid(&path, "the main container cannot be removed"));
        }
        self.remove_item("containers", &name)
    }

    fn init_container_names(&mut self, _: Handle) -> Result<Vec<String>> {
        self.names(&field("initContainers"), "name")
    }

    fn init_container(
        &mut self,
        _: Handle,
        name: String,
    ) -> Result<Option<Resource<ContainerHandle>>> {
        self.find("initContainers", &name)
    }

    fn add_init_container(
        &mut self,
        _: Handle,
        name: String,
        image: String,
    ) -> Result<Resource<ContainerHandle>, EditFault> {
        self.add_container_to("initContainers", &name, &image)
    }

    fn remove_init_container(&mut self, _: Handle, name: String) -> Edited {
        self.remove_item("initContainers", &name)
    }

    fn claim_names(&mut self, _: Handle) -> Result<Vec<String>> {
        self.names(&field("claims"), "name")
    }

    fn claim(&mut self, _: Handle, name: String) -> Result<Option<Resource<ClaimHandle>>> {
        self.find("claims", &name)
    }

    fn add_claim(
        &mut self,
        _: Handle,
        name: String,
        size: String,
    ) -> Result<Resource<ClaimHandle>, EditFault> {
        let path = FieldPath::of(["claims", &name]);
        ClaimName::check(&name).map_err(|error| invalid(&path, error))?;
        check::size(&size).map_err(|error| invalid(&path.key("size"), error))?;
        for list in ["claims", "volumes"] {
            if self.session.value(&FieldPath::of([list, &name])).is_some() {
                return Err(invalid(&path, "there is a claim or volume of this name"));
            }
        }
        self.session.edit(path.clone(), Some(json!({ "name": name, "size": size })))?;
        Ok(self.handle(path)?)
    }

    fn service(&mut self, _: Handle) -> Result<Resource<ServiceHandle>> {
        self.session.exchange(0)?;
        Ok(Resource::new_own(0))
    }

    fn volume_names(&mut self, _: Handle) -> Result<Vec<String>> {
        self.names(&field("volumes"), "name")
    }

    fn volume(&mut self, _: Handle, name: String) -> Result<Option<String>> {
        self.json(&FieldPath::of(["volumes", &name]))
    }

    fn set_volume(&mut self, _: Handle, name: String, json: String) -> Edited {
        let path = FieldPath::of(["volumes", &name]);
        self.short(&path, &json)?;
        check::dns_label(&name).map_err(|error| invalid(&path, error))?;
        if self.session.value(&FieldPath::of(["claims", &name])).is_some() {
            return Err(invalid(&path, "there is a claim of this name"));
        }
        let mut volume = native::parse::<Volume>(&json).map_err(|error| invalid(&path, error))?;
        volume["name"] = name.into();
        if volume.as_object().map_or(0, Map::len) > 2 {
            return Err(invalid(&path, "a volume has one source"));
        }
        self.session.edit(path, Some(volume))
    }

    fn remove_volume(&mut self, _: Handle, name: String) -> Edited {
        self.remove_item("volumes", &name)
    }

    fn service_account_name(&mut self, _: Handle) -> Result<Option<String>> {
        self.text(&field("serviceAccountName"))
    }

    fn set_service_account_name(&mut self, _: Handle, value: Option<String>) -> Edited {
        self.set_optional(field("serviceAccountName"), value, ObjectName::check)
    }

    fn image_pull_secrets(&mut self, _: Handle) -> Result<Vec<String>> {
        self.names(&field("imagePullSecrets"), "name")
    }

    fn set_image_pull_secrets(&mut self, _: Handle, value: Vec<String>) -> Edited {
        let path = field("imagePullSecrets");
        let mut seen = HashSet::new();
        for name in &value {
            ObjectName::new(name.as_str()).map_err(|error| invalid(&path, error))?;
            if !seen.insert(name) {
                return Err(invalid(&path, format!("duplicate `{name}`")));
            }
        }
        if value.is_empty() {
            return self.remove(path);
        }
        let secrets = value.into_iter().map(|name| json!({ "name": name })).collect();
        self.session.edit(path, Some(Value::Array(secrets)))
    }

    fn node_selector(&mut self, _: Handle) -> Result<Vec<(String, String)>> {
        self.entries(&field("nodeSelector"))
    }

    fn set_node_selector(&mut self, _: Handle, key: String, value: String) -> Edited {
        self.set_label_at(&field("nodeSelector"), &key, value)
    }

    fn remove_node_selector(&mut self, _: Handle, key: String) -> Edited {
        self.remove(field("nodeSelector").then(key))
    }

    fn priority_class_name(&mut self, _: Handle) -> Result<Option<String>> {
        self.text(&field("priorityClassName"))
    }

    fn set_priority_class_name(&mut self, _: Handle, value: Option<String>) -> Edited {
        self.set_optional(field("priorityClassName"), value, ObjectName::check)
    }

    fn runtime_class_name(&mut self, _: Handle) -> Result<Option<String>> {
        self.text(&field("runtimeClassName"))
    }

    fn set_runtime_class_name(&mut self, _: Handle, value: Option<String>) -> Edited {
        self.set_optional(field("runtimeClassName"), value, ObjectName::check)
    }

    fn scheduler_name(&mut self, _: Handle) -> Result<Option<String>> {
        self.text(&field("schedulerName"))
    }

    fn set_scheduler_name(&mut self, _: Handle, value: Option<String>) -> Edited {
        self.set_optional(field("schedulerName"), value, ObjectName::check)
    }

    fn termination_grace_period_seconds(&mut self, _: Handle) -> Result<Option<i64>> {
        Ok(self.session.read(&field("terminationGracePeriodSeconds"))?.and_then(Value::as_i64))
    }

    fn set_termination_grace_period_seconds(&mut self, _: Handle, value: Option<i64>) -> Edited {
        let path = field("terminationGracePeriodSeconds");
        if value.is_some_and(|seconds| seconds < 0) {
            return Err(invalid(&path, "it is less than 0"));
        }
        self.set_number(path, value)
    }

    fn min_ready_seconds(&mut self, _: Handle) -> Result<Option<i32>> {
        let seconds = self.session.read(&field("minReadySeconds"))?.and_then(Value::as_i64);
        Ok(seconds.and_then(|number| i32::try_from(number).ok()))
    }

    fn set_min_ready_seconds(&mut self, _: Handle, value: Option<i32>) -> Edited {
        let path = field("minReadySeconds");
        if value.is_some_and(|seconds| seconds < 0) {
            return Err(invalid(&path, "it is less than 0"));
        }
        self.set_number(path, value)
    }

    fn affinity(&mut self, _: Handle) -> Result<Option<String>> {
        self.json(&field("affinity"))
    }

    fn set_affinity(&mut self, _: Handle, json: Option<String>) -> Edited {
        self.set_json::<Affinity>(field("affinity"), json)
    }

    fn tolerations(&mut self, _: Handle) -> Result<Option<String>> {
        self.json(&field("tolerations"))
    }

    fn set_tolerations(&mut self, _: Handle, json: Option<String>) -> Edited {
        self.set_json::<Vec<Toleration>>(field("tolerations"), json)
    }

    fn topology_spread_constraints(&mut self, _: Handle) -> Result<Option<String>> {
        self.json(&field("topologySpreadConstraints"))
    }

    fn set_topology_spread_constraints(&mut self, _: Handle, json: Option<String>) -> Edited {
        let path = field("topologySpreadConstraints");
        self.set_json::<Vec<TopologySpreadConstraint>>(path, json)
    }

    fn security_context(&mut self, _: Handle) -> Result<Option<String>> {
        self.json(&field("securityContext"))
    }

    fn set_security_context(&mut self, _: Handle, json: Option<String>) -> Edited {
        self.set_json::<PodSecurityContext>(field("securityContext"), json)
    }

    fn dns_config(&mut self, _: Handle) -> Result<Option<String>> {
        self.json(&field("dnsConfig"))
    }

    fn set_dns_config(&mut self, _: Handle, json: Option<String>) -> Edited {
        self.set_json::<PodDNSConfig>(field("dnsConfig"), json)
    }

    fn update_strategy(&mut self, _: Handle) -> Result<Option<String>> {
        self.json(&field("updateStrategy"))
    }

    fn set_update_strategy(&mut self, _: Handle, json: Option<String>) -> Edited {
        self.set_json::<StatefulSetUpdateStrategy>(field("updateStrategy"), json)
    }

    fn drop(&mut self, _: Handle) -> Result<()> {
        Ok(())
    }
}
