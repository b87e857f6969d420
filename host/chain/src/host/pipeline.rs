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

use super::accessors::{Fields, accessors};
use super::bindings::pipeline::{HostPipeline, Place};
use super::{ClaimHandle, ContainerHandle, PipelineHandle, ServiceHandle};
use super::{Host, check, native};
use crate::session::fault::{EditFault, invalid, not_found};

type Edited = Result<(), EditFault>;
type Handle = Resource<PipelineHandle>;

fn field(name: &str) -> FieldPath {
    FieldPath::of([name])
}

impl Fields<PipelineHandle> for Host {
    fn at(&self, _: &Handle, field: &str) -> Result<FieldPath> {
        Ok(self::field(field))
    }
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
    accessors! { Handle:
        labels(labels, set_label, remove_label, "labels");
        annotations(annotations, set_annotation, remove_annotation, "annotations");
        labels(pod_labels, set_pod_label, remove_pod_label, "podLabels");
        annotations(pod_annotations, set_pod_annotation, remove_pod_annotation, "podAnnotations");
        labels(node_selector, set_node_selector, remove_node_selector, "nodeSelector");
        optional(service_account_name, set_service_account_name, "serviceAccountName", ObjectName::check);
        optional(priority_class_name, set_priority_class_name, "priorityClassName", ObjectName::check);
        optional(runtime_class_name, set_runtime_class_name, "runtimeClassName", ObjectName::check);
        optional(scheduler_name, set_scheduler_name, "schedulerName", ObjectName::check);
        count(termination_grace_period_seconds, set_termination_grace_period_seconds, "terminationGracePeriodSeconds", i64);
        count(min_ready_seconds, set_min_ready_seconds, "minReadySeconds", i32);
        json(affinity, set_affinity, "affinity", Affinity);
        json(tolerations, set_tolerations, "tolerations", Vec<Toleration>);
        json(topology_spread_constraints, set_topology_spread_constraints, "topologySpreadConstraints", Vec<TopologySpreadConstraint>);
        json(security_context, set_security_context, "securityContext", PodSecurityContext);
        json(dns_config, set_dns_config, "dnsConfig", PodDNSConfig);
        json(update_strategy, set_update_strategy, "updateStrategy", StatefulSetUpdateStrategy);
    }

    fn name(&mut self, _: Handle) -> Result<String> {
        Ok(self.text(&field("name"))?.unwrap_or_default())
    }

    fn namespace(&mut self, _: Handle) -> Result<Option<String>> {
        self.text(&field("namespace"))
    }

    fn because(&mut self, _: Handle, reason: String) -> Result<()> {
        Ok(self.session.because(&reason)?)
    }

    fn get(&mut self, _: Handle, path: String) -> Result<Option<String>, EditFault> {
        self.get_at(&path)
    }

    fn set(&mut self, _: Handle, path: String, json: String) -> Edited {
        self.set_at(&path, &json)
    }

    fn remove(&mut self, _: Handle, path: String) -> Edited {
        self.remove_at(&path)
    }

    fn append(&mut self, _: Handle, items: String, json: String) -> Result<String, EditFault> {
        self.insert_at(&items, &json, &Place::Last)
    }

    fn insert(
        &mut self,
        _: Handle,
        items: String,
        json: String,
        at: Place,
    ) -> Result<String, EditFault> {
        self.insert_at(&items, &json, &at)
    }

    fn selector(&mut self, this: Handle) -> Result<Vec<(String, String)>> {
        let selector = self.entries(&field("selector"))?;
        if selector.is_empty() {
            return Ok(vec![(DEFAULT_SELECTOR_LABEL.to_owned(), HostPipeline::name(self, this)?)]);
        }
        Ok(selector)
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
        let volume = native::parse::<Volume>(&path, &json);
        let mut volume = volume.map_err(|error| invalid(&path, error))?;
        volume["name"] = name.into();
        if volume.as_object().map_or(0, Map::len) > 2 {
            return Err(invalid(&path, "a volume has one source"));
        }
        self.session.edit(path, Some(volume))
    }

    fn remove_volume(&mut self, _: Handle, name: String) -> Edited {
        self.remove_item("volumes", &name)
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

    fn drop(&mut self, _: Handle) -> Result<()> {
        Ok(())
    }
}
