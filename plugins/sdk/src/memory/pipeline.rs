//! The pipeline in memory.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::{Value, json};

use super::node::{Document, Edit, Key, Node, set_some};
use super::{Claim, Container, Service};
use crate::{EditError, Entry};

/// The pipeline.
#[derive(Clone, Debug)]
pub struct Pipeline {
    pub(super) metadata: Node,
    pub(super) spec: Node,
}

impl Pipeline {
    /// Name of the pipeline and of its StatefulSet.
    pub fn name(&self) -> String {
        self.metadata.text("name").unwrap_or_default()
    }

    /// The namespace, when the pipeline or the command line names one.
    pub fn namespace(&self) -> Option<String> {
        self.metadata.text("namespace")
    }

    /// Says why the edits that follow are made; recorded with each of them until the next call.
    pub fn because(&self, reason: &str) {
        self.spec.document.borrow_mut().reason = Some(reason.to_owned());
    }

    /// Labels of the pipeline and of its StatefulSet.
    pub fn labels(&self) -> Vec<Entry> {
        self.metadata.entries("labels")
    }

    /// Sets one label. Path: `labels.KEY`.
    pub fn set_label(&self, key: &str, value: &str) -> Result<(), EditError> {
        self.metadata.child("labels").set(key, value)
    }

    /// Removes one label.
    pub fn remove_label(&self, key: &str) -> Result<(), EditError> {
        self.metadata.child("labels").remove(key)
    }

    /// Annotations of the StatefulSet.
    pub fn annotations(&self) -> Vec<Entry> {
        self.metadata.entries("annotations")
    }

    /// Sets one annotation. Path: `annotations.KEY`.
    pub fn set_annotation(&self, key: &str, value: &str) -> Result<(), EditError> {
        self.metadata.child("annotations").set(key, value)
    }

    /// Removes one annotation.
    pub fn remove_annotation(&self, key: &str) -> Result<(), EditError> {
        self.metadata.child("annotations").remove(key)
    }

    /// The labels that select the pods. No plugin can change them.
    pub fn selector(&self) -> Vec<Entry> {
        match self.spec.entries("selector") {
            default if default.is_empty() => {
                vec![("app.kubernetes.io/name".to_owned(), self.name())]
            }
            selector => selector,
        }
    }

    /// Labels of the pods beside the selector's.
    pub fn pod_labels(&self) -> Vec<Entry> {
        self.spec.entries("podLabels")
    }

    /// Sets one label of the pods. Path: `podLabels.KEY`.
    pub fn set_pod_label(&self, key: &str, value: &str) -> Result<(), EditError> {
        self.spec.child("podLabels").set(key, value)
    }

    /// Removes one label of the pods.
    pub fn remove_pod_label(&self, key: &str) -> Result<(), EditError> {
        self.spec.child("podLabels").remove(key)
    }

    /// Annotations of the pods.
    pub fn pod_annotations(&self) -> Vec<Entry> {
        self.spec.entries("podAnnotations")
    }

    /// Sets one annotation of the pods. Path: `podAnnotations.KEY`.
    pub fn set_pod_annotation(&self, key: &str, value: &str) -> Result<(), EditError> {
        self.spec.child("podAnnotations").set(key, value)
    }

    /// Removes one annotation of the pods.
    pub fn remove_pod_annotation(&self, key: &str) -> Result<(), EditError> {
        self.spec.child("podAnnotations").remove(key)
    }

    /// Number of replicas.
    pub fn replicas(&self) -> i32 {
        self.spec.number("replicas").unwrap_or(1)
    }

    /// Sets the number of replicas, 0 or more. Path: `replicas`.
    pub fn set_replicas(&self, value: i32) -> Result<(), EditError> {
        self.spec.set("replicas", value)
    }

    /// Names of the containers, in order: the first is the main container, the others are sidecars.
    pub fn container_names(&self) -> Vec<String> {
        self.spec.names("containers")
    }

    /// A container by name.
    pub fn container(&self, name: &str) -> Option<Container> {
        self.find("containers", name).map(|node| Container(node, false))
    }

    /// The first container.
    ///
    /// # Panics
    ///
    /// In tests, when the document has no container.
    pub fn main_container(&self) -> Container {
        let first = self.container_names().into_iter().next();
        let name = first.expect("because every pipeline has a container");
        Container(self.item("containers", &name), false)
    }

    /// Adds a sidecar. Path: `containers.NAME`.
    pub fn add_container(&self, name: &str, image: &str) -> Result<Container, EditError> {
        let node = self.item("containers", name);
        node.add(json!({ "name": name, "image": image }))?;
        Ok(Container(node, false))
    }

    /// Removes a sidecar; the main container stays.
    pub fn remove_container(&self, name: &str) -> Result<(), EditError> {
        let node = self.item("containers", name);
        if self.container_names().first().is_some_and(|main| main == name) {
            return Err(EditError::Invalid(node.failure("the main container stays")));
        }
        node.delete()
    }

    /// Names of the init containers, in the order in which they run.
    pub fn init_container_names(&self) -> Vec<String> {
        self.spec.names("initContainers")
    }

    /// An init container by name.
    pub fn init_container(&self, name: &str) -> Option<Container> {
        self.find("initContainers", name).map(|node| Container(node, true))
    }

    /// Adds an init container after the others. Path: `initContainers.NAME`.
    pub fn add_init_container(&self, name: &str, image: &str) -> Result<Container, EditError> {
        let node = self.item("initContainers", name);
        node.add(json!({ "name": name, "image": image }))?;
        Ok(Container(node, true))
    }

    /// Removes an init container.
    pub fn remove_init_container(&self, name: &str) -> Result<(), EditError> {
        self.item("initContainers", name).delete()
    }

    /// Names of the claims, in order.
    pub fn claim_names(&self) -> Vec<String> {
        self.spec.names("claims")
    }

    /// A claim by name.
    pub fn claim(&self, name: &str) -> Option<Claim> {
        self.find("claims", name).map(Claim)
    }

    /// Adds a claim that is ReadWriteOnce. Path: `claims.NAME`. There is no way to remove one.
    pub fn add_claim(&self, name: &str, size: &str) -> Result<Claim, EditError> {
        let node = self.item("claims", name);
        node.add(json!({ "name": name, "size": size }))?;
        Ok(Claim(node))
    }

    /// The headless Service.
    pub fn service(&self) -> Service {
        Service(self.spec.child("service"), self.name())
    }

    /// Names of the volumes that are not claims, in order.
    pub fn volume_names(&self) -> Vec<String> {
        self.spec.names("volumes")
    }

    /// A volume as JSON (`Volume`).
    pub fn volume(&self, name: &str) -> Option<String> {
        Some(self.find("volumes", name)?.value()?.to_string())
    }

    /// Adds or replaces a volume, as JSON (`Volume`; its name may be left out). Path: `volumes.NAME`.
    pub fn set_volume(&self, name: &str, json: &str) -> Result<(), EditError> {
        let node = self.item("volumes", name);
        let mut volume = node.parse(json)?;
        set_some(&mut volume, "name", Some(name));
        node.replace(Some(volume))
    }

    /// Removes a volume.
    pub fn remove_volume(&self, name: &str) -> Result<(), EditError> {
        self.item("volumes", name).delete()
    }

    /// The pods' service account.
    pub fn service_account_name(&self) -> Option<String> {
        self.spec.text("serviceAccountName")
    }

    /// Sets or removes it. Path: `serviceAccountName`.
    pub fn set_service_account_name(&self, value: Option<&str>) -> Result<(), EditError> {
        self.spec.set_or_remove("serviceAccountName", value)
    }

    /// Names of the Secrets that pull images.
    pub fn image_pull_secrets(&self) -> Vec<String> {
        self.spec.names("imagePullSecrets")
    }

    /// Replaces them. Path: `imagePullSecrets`.
    pub fn set_image_pull_secrets(&self, value: &[String]) -> Result<(), EditError> {
        let references: Vec<Value> = value.iter().map(|name| json!({ "name": name })).collect();
        self.spec.set("imagePullSecrets", references)
    }

    /// Labels that a node must have.
    pub fn node_selector(&self) -> Vec<Entry> {
        self.spec.entries("nodeSelector")
    }

    /// Sets one of them. Path: `nodeSelector.KEY`.
    pub fn set_node_selector(&self, key: &str, value: &str) -> Result<(), EditError> {
        self.spec.child("nodeSelector").set(key, value)
    }

    /// Removes one of them.
    pub fn remove_node_selector(&self, key: &str) -> Result<(), EditError> {
        self.spec.child("nodeSelector").remove(key)
    }

    /// The PriorityClass.
    pub fn priority_class_name(&self) -> Option<String> {
        self.spec.text("priorityClassName")
    }

    /// Sets or removes it. Path: `priorityClassName`.
    pub fn set_priority_class_name(&self, value: Option<&str>) -> Result<(), EditError> {
        self.spec.set_or_remove("priorityClassName", value)
    }

    /// The RuntimeClass.
    pub fn runtime_class_name(&self) -> Option<String> {
        self.spec.text("runtimeClassName")
    }

    /// Sets or removes it. Path: `runtimeClassName`.
    pub fn set_runtime_class_name(&self, value: Option<&str>) -> Result<(), EditError> {
        self.spec.set_or_remove("runtimeClassName", value)
    }

    /// The scheduler.
    pub fn scheduler_name(&self) -> Option<String> {
        self.spec.text("schedulerName")
    }

    /// Sets or removes it. Path: `schedulerName`.
    pub fn set_scheduler_name(&self, value: Option<&str>) -> Result<(), EditError> {
        self.spec.set_or_remove("schedulerName", value)
    }

    /// Seconds that a pod has to stop.
    pub fn termination_grace_period_seconds(&self) -> Option<i64> {
        self.spec.number("terminationGracePeriodSeconds")
    }

    /// Sets or removes it. Path: `terminationGracePeriodSeconds`.
    pub fn set_termination_grace_period_seconds(
        &self,
        value: Option<i64>,
    ) -> Result<(), EditError> {
        self.spec.set_or_remove("terminationGracePeriodSeconds", value)
    }

    /// Seconds that a pod must be ready to count as available.
    pub fn min_ready_seconds(&self) -> Option<i32> {
        self.spec.number("minReadySeconds")
    }

    /// Sets or removes it. Path: `minReadySeconds`.
    pub fn set_min_ready_seconds(&self, value: Option<i32>) -> Result<(), EditError> {
        self.spec.set_or_remove("minReadySeconds", value)
    }

    /// JSON (`Affinity`).
    pub fn affinity(&self) -> Option<String> {
        self.spec.json("affinity")
    }

    /// JSON (`Affinity`).
    pub fn set_affinity(&self, json: Option<&str>) -> Result<(), EditError> {
        self.spec.set_json("affinity", json)
    }

    /// JSON (a list of `Toleration`).
    pub fn tolerations(&self) -> Option<String> {
        self.spec.text("tolerations")
    }

    /// JSON (a list of `Toleration`).
    pub fn set_tolerations(&self, json: Option<&str>) -> Result<(), EditError> {
        self.spec.set_json("tolerations", json)
    }

    /// JSON (a list of `TopologySpreadConstraint`).
    pub fn topology_spread_constraints(&self) -> Option<String> {
        self.spec.text("topologySpreadConstraints")
    }

    /// JSON (a list of `TopologySpreadConstraint`).
    pub fn set_topology_spread_constraints(&self, json: Option<&str>) -> Result<(), EditError> {
        self.spec.set_json("topologySpreadConstraints", json)
    }

    /// JSON (`PodSecurityContext`).
    pub fn security_context(&self) -> Option<String> {
        self.spec.json("securityContext")
    }

    /// JSON (`PodSecurityContext`).
    pub fn set_security_context(&self, json: Option<&str>) -> Result<(), EditError> {
        self.spec.set_json("securityContext", json)
    }

    /// JSON (`PodDNSConfig`).
    pub fn dns_config(&self) -> Option<String> {
        self.spec.json("dnsConfig")
    }

    /// JSON (`PodDNSConfig`).
    pub fn set_dns_config(&self, json: Option<&str>) -> Result<(), EditError> {
        self.spec.set_json("dnsConfig", json)
    }

    /// JSON (`StatefulSetUpdateStrategy`).
    pub fn update_strategy(&self) -> Option<String> {
        self.spec.json("updateStrategy")
    }

    /// JSON (`StatefulSetUpdateStrategy`).
    pub fn set_update_strategy(&self, json: Option<&str>) -> Result<(), EditError> {
        self.spec.set_json("updateStrategy", json)
    }

    /// A pipeline with this document.
    pub(crate) fn of(value: Value) -> Self {
        let first = value.clone();
        let document = Rc::new(RefCell::new(Document { value, first, ..Document::default() }));
        Self {
            metadata: Node::root(Rc::clone(&document), "metadata"),
            spec: Node::root(document, "spec"),
        }
    }

    /// The document.
    pub(crate) fn document(&self) -> Value {
        self.spec.document.borrow().value.clone()
    }

    /// The pipeline before any edit.
    pub(crate) fn at_first(&self) -> Self {
        Self::of(self.spec.document.borrow().first.clone())
    }

    /// The edits so far.
    pub(crate) fn edits(&self) -> Vec<Edit> {
        self.spec.document.borrow().edits.clone()
    }

    fn item(&self, list: &str, name: &str) -> Node {
        self.spec.child(list).item(&Key::of("name", name))
    }

    fn find(&self, list: &str, name: &str) -> Option<Node> {
        Some(self.item(list, name)).filter(Node::exists)
    }
}
