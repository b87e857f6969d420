# Made from the contract by `cargo xtask bindings`. Do not edit.
"""What a plugin reads and edits."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from . import check, convenience
from .place import Place

# A value in its Kubernetes form: dicts, lists, texts, numbers.
Json = Any


class Protocol(Enum):
    """The transport protocol of a port."""

    #: TCP.
    TCP = 0
    #: UDP.
    UDP = 1
    #: SCTP.
    SCTP = 2


@dataclass(frozen=True, kw_only=True)
class ContainerPort:
    """A port that a container listens on."""

    #: Port number, 1 to 65535.
    number: int
    #: Transport protocol.
    protocol: Protocol
    #: Name of the port, unique in the pod.
    name: str | None = None

    def _checked(self, name: str) -> ContainerPort:
        return ContainerPort(
            number=check.s32(self.number, f"{name}.number"),
            protocol=check.member(Protocol, self.protocol, f"{name}.protocol"),
            name=check.optional(check.text, self.name, f"{name}.name"),
        )

    @staticmethod
    def _read(raw: Any) -> ContainerPort:
        return ContainerPort(
            number=raw.number,
            protocol=Protocol(raw.protocol.value),
            name=raw.name,
        )


@dataclass(frozen=True, kw_only=True)
class VolumeMount:
    """A volume or claim mounted into a container."""

    #: Name of the claim or volume.
    volume: str
    #: Absolute path inside the container; unique in the container.
    mount_path: str
    #: Path inside the volume, when not its root.
    sub_path: str | None = None
    #: Whether the container cannot write to it.
    read_only: bool = False

    def _checked(self, name: str) -> VolumeMount:
        return VolumeMount(
            volume=check.text(self.volume, f"{name}.volume"),
            mount_path=check.text(self.mount_path, f"{name}.mount_path"),
            sub_path=check.optional(check.text, self.sub_path, f"{name}.sub_path"),
            read_only=check.flag(self.read_only, f"{name}.read_only"),
        )

    @staticmethod
    def _read(raw: Any) -> VolumeMount:
        return VolumeMount(
            volume=raw.volume,
            mount_path=raw.mount_path,
            sub_path=raw.sub_path,
            read_only=raw.read_only,
        )


@dataclass(frozen=True, kw_only=True)
class ServicePort:
    """A port of the headless Service."""

    #: Port number of the Service, 1 to 65535.
    number: int
    #: Transport protocol.
    protocol: Protocol
    #: Name of the port; required when the Service has several.
    name: str | None = None
    #: Number or name of the container's port.
    target: str

    def _checked(self, name: str) -> ServicePort:
        return ServicePort(
            number=check.s32(self.number, f"{name}.number"),
            protocol=check.member(Protocol, self.protocol, f"{name}.protocol"),
            name=check.optional(check.text, self.name, f"{name}.name"),
            target=check.text(self.target, f"{name}.target"),
        )

    @staticmethod
    def _read(raw: Any) -> ServicePort:
        return ServicePort(
            number=raw.number,
            protocol=Protocol(raw.protocol.value),
            name=raw.name,
            target=raw.target,
        )


class Container(convenience.Container):
    """One container: main container, sidecar or init container."""

    def name(self) -> str:
        """The container's name."""
        return self._call("name")

    def init(self) -> bool:
        """Whether this is an init container."""
        return self._call("init")

    def image(self) -> str:
        """Path: `containers.NAME.image`."""
        return self._call("image")

    def set_image(self, value: str) -> None:
        """Sets the image, as Kubernetes takes it: `postgres`, `postgres:17`, `ghcr.io/acme/app@sha256:...`.
        Nothing is filled in; without tag and digest, the node pulls `latest`.
        """
        self._edit("set_image", check.text(value, "value"))

    def image_pull_policy(self) -> str | None:
        """`Always`, `IfNotPresent` or `Never`."""
        return self._call("image_pull_policy")

    def set_image_pull_policy(self, value: str | None) -> None:
        """Sets or removes the pull policy."""
        self._edit("set_image_pull_policy", check.optional(check.text, value, "value"))

    def command(self) -> list[str]:
        """The entrypoint; empty for the image's own."""
        return self._call("command")

    def set_command(self, value: list[str]) -> None:
        """Replaces the entrypoint."""
        self._edit("set_command", check.texts(value, "value"))

    def args(self) -> list[str]:
        """The arguments; empty for the image's own."""
        return self._call("args")

    def set_args(self, value: list[str]) -> None:
        """Replaces the arguments."""
        self._edit("set_args", check.texts(value, "value"))

    def working_dir(self) -> str | None:
        """The working directory."""
        return self._call("working_dir")

    def set_working_dir(self, value: str | None) -> None:
        """Sets or removes the working directory."""
        self._edit("set_working_dir", check.optional(check.text, value, "value"))

    def env_names(self) -> list[str]:
        """Names of the environment variables, in order."""
        return self._call("env_names")

    def env(self, name: str) -> str | None:
        """The literal value of a variable; `None` when it is not set or comes from a reference."""
        return self._call("env", check.text(name, "name"))

    def set_env(self, name: str, value: str) -> None:
        """Sets a variable to a literal value. Path: `containers.NAME.env.VARIABLE`."""
        self._edit("set_env", check.text(name, "name"), check.text(value, "value"))

    def env_source(self, name: str) -> Json | None:
        """The source of a variable as JSON (`EnvVarSource`), e.g. a Secret's key."""
        return check.parsed(self._call("env_source", check.text(name, "name")))

    def set_env_source(self, name: str, json: Json) -> None:
        """Sets a variable from a source, as JSON (`EnvVarSource`)."""
        self._edit("set_env_source", check.text(name, "name"), check.json(json, "json"))

    def remove_env(self, name: str) -> None:
        """Removes a variable."""
        self._edit("remove_env", check.text(name, "name"))

    def env_from(self) -> Json | None:
        """Sources of whole sets of variables as JSON (a list of `EnvFromSource`)."""
        return check.parsed(self._call("env_from"))

    def set_env_from(self, json: Json | None) -> None:
        """Replaces them."""
        self._edit("set_env_from", check.optional(check.json, json, "json"))

    def ports(self) -> list[ContainerPort]:
        """The ports, in order."""
        return [ContainerPort._read(it) for it in self._call("ports")]

    def set_port(self, port: ContainerPort) -> None:
        """Adds a port, or changes the name of the one with the same number and protocol.
        Path: `containers.NAME.ports.NUMBER/PROTOCOL`.
        """
        self._edit("set_port", check.record(ContainerPort, port, "port"))

    def remove_port(self, number: int, protocol: Protocol) -> None:
        """Removes a port."""
        self._edit("remove_port", check.s32(number, "number"), check.member(Protocol, protocol, "protocol"))

    def requests(self) -> dict[str, str]:
        """What the container asks the scheduler for, e.g. `cpu`, `memory`, `nvidia.com/gpu`."""
        return dict(self._call("requests"))

    def set_request(self, name: str, quantity: str) -> None:
        """Sets one request. Path: `containers.NAME.resources.requests.RESOURCE`."""
        self._edit("set_request", check.text(name, "name"), check.text(quantity, "quantity"))

    def remove_request(self, name: str) -> None:
        """Removes one request."""
        self._edit("remove_request", check.text(name, "name"))

    def limits(self) -> dict[str, str]:
        """What the container may use at most."""
        return dict(self._call("limits"))

    def set_limit(self, name: str, quantity: str) -> None:
        """Sets one limit. Path: `containers.NAME.resources.limits.RESOURCE`."""
        self._edit("set_limit", check.text(name, "name"), check.text(quantity, "quantity"))

    def remove_limit(self, name: str) -> None:
        """Removes one limit."""
        self._edit("remove_limit", check.text(name, "name"))

    def mounts(self) -> list[VolumeMount]:
        """The mounts, in order."""
        return [VolumeMount._read(it) for it in self._call("mounts")]

    def set_mount(self, mount: VolumeMount) -> None:
        """Adds a mount, or replaces the one at the same path. Path: `containers.NAME.volumeMounts["PATH"]`."""
        self._edit("set_mount", check.record(VolumeMount, mount, "mount"))

    def remove_mount(self, mount_path: str) -> None:
        """Removes the mount at a path."""
        self._edit("remove_mount", check.text(mount_path, "mount_path"))

    def liveness_probe(self) -> Json | None:
        """JSON (`Probe`)."""
        return check.parsed(self._call("liveness_probe"))

    def set_liveness_probe(self, json: Json | None) -> None:
        """JSON (`Probe`)."""
        self._edit("set_liveness_probe", check.optional(check.json, json, "json"))

    def readiness_probe(self) -> Json | None:
        """JSON (`Probe`)."""
        return check.parsed(self._call("readiness_probe"))

    def set_readiness_probe(self, json: Json | None) -> None:
        """JSON (`Probe`)."""
        self._edit("set_readiness_probe", check.optional(check.json, json, "json"))

    def startup_probe(self) -> Json | None:
        """JSON (`Probe`)."""
        return check.parsed(self._call("startup_probe"))

    def set_startup_probe(self, json: Json | None) -> None:
        """JSON (`Probe`)."""
        self._edit("set_startup_probe", check.optional(check.json, json, "json"))

    def lifecycle(self) -> Json | None:
        """JSON (`Lifecycle`)."""
        return check.parsed(self._call("lifecycle"))

    def set_lifecycle(self, json: Json | None) -> None:
        """JSON (`Lifecycle`)."""
        self._edit("set_lifecycle", check.optional(check.json, json, "json"))

    def security_context(self) -> Json | None:
        """JSON (`SecurityContext`)."""
        return check.parsed(self._call("security_context"))

    def set_security_context(self, json: Json | None) -> None:
        """JSON (`SecurityContext`)."""
        self._edit("set_security_context", check.optional(check.json, json, "json"))


class Claim(convenience.Claim):
    """One claim: a PersistentVolumeClaim for each replica."""

    def name(self) -> str:
        """The claim's name."""
        return self._call("name")

    def size(self) -> str:
        """Size of each volume. Path: `claims.NAME.size`."""
        return self._call("size")

    def set_size(self, quantity: str) -> None:
        """Sets the size."""
        self._edit("set_size", check.text(quantity, "quantity"))

    def storage_class(self) -> str | None:
        """The storage class; `None` for the cluster's default, an empty text for no class at all."""
        return self._call("storage_class")

    def set_storage_class(self, value: str | None) -> None:
        """Sets the storage class, or removes it. Path: `claims.NAME.storageClass`."""
        self._edit("set_storage_class", check.optional(check.text, value, "value"))

    def access_modes(self) -> list[str]:
        """`ReadWriteOnce`, `ReadWriteOncePod`, `ReadWriteMany`, `ReadOnlyMany`."""
        return self._call("access_modes")

    def set_access_modes(self, value: list[str]) -> None:
        """Replaces the access modes."""
        self._edit("set_access_modes", check.texts(value, "value"))

    def volume_mode(self) -> str | None:
        """`Filesystem` or `Block`."""
        return self._call("volume_mode")

    def set_volume_mode(self, value: str | None) -> None:
        """Sets or removes the volume mode."""
        self._edit("set_volume_mode", check.optional(check.text, value, "value"))

    def volume_attributes_class(self) -> str | None:
        """The VolumeAttributesClass."""
        return self._call("volume_attributes_class")

    def set_volume_attributes_class(self, value: str | None) -> None:
        """Sets or removes the VolumeAttributesClass."""
        self._edit("set_volume_attributes_class", check.optional(check.text, value, "value"))

    def mount_path(self) -> str | None:
        """Where the main container mounts it."""
        return self._call("mount_path")

    def set_mount_path(self, value: str | None) -> None:
        """Sets or removes the mount in the main container."""
        self._edit("set_mount_path", check.optional(check.text, value, "value"))

    def labels(self) -> dict[str, str]:
        """Labels of the claims."""
        return dict(self._call("labels"))

    def set_label(self, key: str, value: str) -> None:
        """Sets one label. Path: `claims.NAME.labels.KEY`."""
        self._edit("set_label", check.text(key, "key"), check.text(value, "value"))

    def remove_label(self, key: str) -> None:
        """Removes one label."""
        self._edit("remove_label", check.text(key, "key"))

    def annotations(self) -> dict[str, str]:
        """Annotations of the claims."""
        return dict(self._call("annotations"))

    def set_annotation(self, key: str, value: str) -> None:
        """Sets one annotation."""
        self._edit("set_annotation", check.text(key, "key"), check.text(value, "value"))

    def remove_annotation(self, key: str) -> None:
        """Removes one annotation."""
        self._edit("remove_annotation", check.text(key, "key"))

    def selector(self) -> Json | None:
        """JSON (`LabelSelector`) over volumes."""
        return check.parsed(self._call("selector"))

    def set_selector(self, json: Json | None) -> None:
        """JSON (`LabelSelector`)."""
        self._edit("set_selector", check.optional(check.json, json, "json"))

    def data_source_ref(self) -> Json | None:
        """JSON (`TypedObjectReference`): what the volumes are filled from."""
        return check.parsed(self._call("data_source_ref"))

    def set_data_source_ref(self, json: Json | None) -> None:
        """JSON (`TypedObjectReference`)."""
        self._edit("set_data_source_ref", check.optional(check.json, json, "json"))


class Service(convenience.Service):
    """The headless Service."""

    def name(self) -> str:
        """Name of the Service."""
        return self._call("name")

    def ports(self) -> list[ServicePort]:
        """The ports, in order."""
        return [ServicePort._read(it) for it in self._call("ports")]

    def set_port(self, port: ServicePort) -> None:
        """Adds a port, or changes the one with the same number and protocol.
        Path: `service.ports.NUMBER/PROTOCOL`.
        """
        self._edit("set_port", check.record(ServicePort, port, "port"))

    def remove_port(self, number: int, protocol: Protocol) -> None:
        """Removes a port."""
        self._edit("remove_port", check.s32(number, "number"), check.member(Protocol, protocol, "protocol"))

    def publish_not_ready_addresses(self) -> bool:
        """Whether DNS lists pods that are not ready."""
        return self._call("publish_not_ready_addresses")

    def set_publish_not_ready_addresses(self, value: bool) -> None:
        """Path: `service.publishNotReadyAddresses`."""
        self._edit("set_publish_not_ready_addresses", check.flag(value, "value"))

    def labels(self) -> dict[str, str]:
        """Labels of the Service."""
        return dict(self._call("labels"))

    def set_label(self, key: str, value: str) -> None:
        """Sets one label. Path: `service.labels.KEY`."""
        self._edit("set_label", check.text(key, "key"), check.text(value, "value"))

    def remove_label(self, key: str) -> None:
        """Removes one label."""
        self._edit("remove_label", check.text(key, "key"))

    def annotations(self) -> dict[str, str]:
        """Annotations of the Service."""
        return dict(self._call("annotations"))

    def set_annotation(self, key: str, value: str) -> None:
        """Sets one annotation."""
        self._edit("set_annotation", check.text(key, "key"), check.text(value, "value"))

    def remove_annotation(self, key: str) -> None:
        """Removes one annotation."""
        self._edit("remove_annotation", check.text(key, "key"))


class Pipeline(convenience.Pipeline):
    """The pipeline."""

    def name(self) -> str:
        """Name of the pipeline and of its StatefulSet."""
        return self._call("name")

    def namespace(self) -> str | None:
        """The namespace, when the pipeline or the command line names one."""
        return self._call("namespace")

    def because(self, reason: str) -> None:
        """Says why the edits that follow are made; recorded with each of them until the next call."""
        self._call("because", check.text(reason, "reason"))

    def get(self, path: str) -> Json | None:
        """The value at any path as JSON, e.g. of `hostAliases` or `containers.db.restartPolicy`; `None` where it is
        not set. A text that is no path is `invalid`.
        """
        return check.parsed(self._edit("get", check.text(path, "path")))

    def set(self, path: str, json: Json) -> None:
        """Sets the value at any path from JSON. What stands in it and is not in the JSON goes. Lists of containers and of
        claims are not set as a whole: set, insert and remove their items.
        """
        self._edit("set", check.text(path, "path"), check.json(json, "json"))

    def remove(self, path: str) -> None:
        """Removes the value at any path. What is not there stays so. A claim and the main container cannot be removed."""
        self._edit("remove", check.text(path, "path"))

    def append(self, items: str, json: Json) -> str:
        """Puts an item at the end of any list, e.g. of `tolerations` or `containers.db.args`, which is made when it is not
        there; gives the path of the item. Items that other plugins put there stay. `invalid` when the list
        has names and an item of this name.
        """
        return self._edit("append", check.text(items, "items"), check.json(json, "json"))

    def insert(self, items: str, json: Json, at: Place) -> str:
        """Puts an item at a place of any list, as `append` does at the end. In a list without names, the items after it have another
        index then.
        """
        return self._edit("insert", check.text(items, "items"), check.json(json, "json"), check.place(at, "at"))

    def labels(self) -> dict[str, str]:
        """Labels of the pipeline and of its StatefulSet."""
        return dict(self._call("labels"))

    def set_label(self, key: str, value: str) -> None:
        """Sets one label. Path: `labels.KEY`."""
        self._edit("set_label", check.text(key, "key"), check.text(value, "value"))

    def remove_label(self, key: str) -> None:
        """Removes one label."""
        self._edit("remove_label", check.text(key, "key"))

    def annotations(self) -> dict[str, str]:
        """Annotations of the StatefulSet."""
        return dict(self._call("annotations"))

    def set_annotation(self, key: str, value: str) -> None:
        """Sets one annotation. Path: `annotations.KEY`."""
        self._edit("set_annotation", check.text(key, "key"), check.text(value, "value"))

    def remove_annotation(self, key: str) -> None:
        """Removes one annotation."""
        self._edit("remove_annotation", check.text(key, "key"))

    def selector(self) -> dict[str, str]:
        """The labels that select the pods. No plugin can change them."""
        return dict(self._call("selector"))

    def pod_labels(self) -> dict[str, str]:
        """Labels of the pods beside the selector's."""
        return dict(self._call("pod_labels"))

    def set_pod_label(self, key: str, value: str) -> None:
        """Sets one label of the pods. Path: `podLabels.KEY`."""
        self._edit("set_pod_label", check.text(key, "key"), check.text(value, "value"))

    def remove_pod_label(self, key: str) -> None:
        """Removes one label of the pods."""
        self._edit("remove_pod_label", check.text(key, "key"))

    def pod_annotations(self) -> dict[str, str]:
        """Annotations of the pods."""
        return dict(self._call("pod_annotations"))

    def set_pod_annotation(self, key: str, value: str) -> None:
        """Sets one annotation of the pods. Path: `podAnnotations.KEY`."""
        self._edit("set_pod_annotation", check.text(key, "key"), check.text(value, "value"))

    def remove_pod_annotation(self, key: str) -> None:
        """Removes one annotation of the pods."""
        self._edit("remove_pod_annotation", check.text(key, "key"))

    def replicas(self) -> int:
        """Number of replicas."""
        return self._call("replicas")

    def set_replicas(self, value: int) -> None:
        """Sets the number of replicas, 0 or more. Path: `replicas`."""
        self._edit("set_replicas", check.s32(value, "value"))

    def container_names(self) -> list[str]:
        """Names of the containers, in order: the first is the main container, the others are sidecars."""
        return self._call("container_names")

    def container(self, name: str) -> Container | None:
        """A container by name."""
        return Container._of(self._call("container", check.text(name, "name")))

    def main_container(self) -> Container:
        """The first container."""
        return Container._of(self._call("main_container"))

    def add_container(self, name: str, image: str) -> Container:
        """Adds a sidecar. Path: `containers.NAME`."""
        return Container._of(self._edit("add_container", check.text(name, "name"), check.text(image, "image")))

    def remove_container(self, name: str) -> None:
        """Removes a sidecar; the main container stays."""
        self._edit("remove_container", check.text(name, "name"))

    def init_container_names(self) -> list[str]:
        """Names of the init containers, in the order in which they run."""
        return self._call("init_container_names")

    def init_container(self, name: str) -> Container | None:
        """An init container by name."""
        return Container._of(self._call("init_container", check.text(name, "name")))

    def add_init_container(self, name: str, image: str) -> Container:
        """Adds an init container after the others. Path: `initContainers.NAME`."""
        return Container._of(self._edit("add_init_container", check.text(name, "name"), check.text(image, "image")))

    def remove_init_container(self, name: str) -> None:
        """Removes an init container."""
        self._edit("remove_init_container", check.text(name, "name"))

    def claim_names(self) -> list[str]:
        """Names of the claims, in order."""
        return self._call("claim_names")

    def claim(self, name: str) -> Claim | None:
        """A claim by name."""
        return Claim._of(self._call("claim", check.text(name, "name")))

    def add_claim(self, name: str, size: str) -> Claim:
        """Adds a claim that is ReadWriteOnce. Path: `claims.NAME`. There is no way to remove one."""
        return Claim._of(self._edit("add_claim", check.text(name, "name"), check.text(size, "size")))

    def service(self) -> Service:
        """The headless Service."""
        return Service._of(self._call("service"))

    def volume_names(self) -> list[str]:
        """Names of the volumes that are not claims, in order."""
        return self._call("volume_names")

    def volume(self, name: str) -> Json | None:
        """A volume as JSON (`Volume`)."""
        return check.parsed(self._call("volume", check.text(name, "name")))

    def set_volume(self, name: str, json: Json) -> None:
        """Adds or replaces a volume, as JSON (`Volume`; its name may be left out). Path: `volumes.NAME`."""
        self._edit("set_volume", check.text(name, "name"), check.json(json, "json"))

    def remove_volume(self, name: str) -> None:
        """Removes a volume."""
        self._edit("remove_volume", check.text(name, "name"))

    def service_account_name(self) -> str | None:
        """The pods' service account."""
        return self._call("service_account_name")

    def set_service_account_name(self, value: str | None) -> None:
        """Sets or removes it. Path: `serviceAccountName`."""
        self._edit("set_service_account_name", check.optional(check.text, value, "value"))

    def image_pull_secrets(self) -> list[str]:
        """Names of the Secrets that pull images."""
        return self._call("image_pull_secrets")

    def set_image_pull_secrets(self, value: list[str]) -> None:
        """Replaces them. Path: `imagePullSecrets`."""
        self._edit("set_image_pull_secrets", check.texts(value, "value"))

    def node_selector(self) -> dict[str, str]:
        """Labels that a node must have."""
        return dict(self._call("node_selector"))

    def set_node_selector(self, key: str, value: str) -> None:
        """Sets one of them. Path: `nodeSelector.KEY`."""
        self._edit("set_node_selector", check.text(key, "key"), check.text(value, "value"))

    def remove_node_selector(self, key: str) -> None:
        """Removes one of them."""
        self._edit("remove_node_selector", check.text(key, "key"))

    def priority_class_name(self) -> str | None:
        """The PriorityClass."""
        return self._call("priority_class_name")

    def set_priority_class_name(self, value: str | None) -> None:
        """Sets or removes it. Path: `priorityClassName`."""
        self._edit("set_priority_class_name", check.optional(check.text, value, "value"))

    def runtime_class_name(self) -> str | None:
        """The RuntimeClass."""
        return self._call("runtime_class_name")

    def set_runtime_class_name(self, value: str | None) -> None:
        """Sets or removes it. Path: `runtimeClassName`."""
        self._edit("set_runtime_class_name", check.optional(check.text, value, "value"))

    def scheduler_name(self) -> str | None:
        """The scheduler."""
        return self._call("scheduler_name")

    def set_scheduler_name(self, value: str | None) -> None:
        """Sets or removes it. Path: `schedulerName`."""
        self._edit("set_scheduler_name", check.optional(check.text, value, "value"))

    def termination_grace_period_seconds(self) -> int | None:
        """Seconds that a pod has to stop."""
        return self._call("termination_grace_period_seconds")

    def set_termination_grace_period_seconds(self, value: int | None) -> None:
        """Sets or removes it. Path: `terminationGracePeriodSeconds`."""
        self._edit("set_termination_grace_period_seconds", check.optional(check.s64, value, "value"))

    def min_ready_seconds(self) -> int | None:
        """Seconds that a pod must be ready to count as available."""
        return self._call("min_ready_seconds")

    def set_min_ready_seconds(self, value: int | None) -> None:
        """Sets or removes it. Path: `minReadySeconds`."""
        self._edit("set_min_ready_seconds", check.optional(check.s32, value, "value"))

    def affinity(self) -> Json | None:
        """JSON (`Affinity`)."""
        return check.parsed(self._call("affinity"))

    def set_affinity(self, json: Json | None) -> None:
        """JSON (`Affinity`)."""
        self._edit("set_affinity", check.optional(check.json, json, "json"))

    def tolerations(self) -> Json | None:
        """JSON (a list of `Toleration`)."""
        return check.parsed(self._call("tolerations"))

    def set_tolerations(self, json: Json | None) -> None:
        """JSON (a list of `Toleration`)."""
        self._edit("set_tolerations", check.optional(check.json, json, "json"))

    def topology_spread_constraints(self) -> Json | None:
        """JSON (a list of `TopologySpreadConstraint`)."""
        return check.parsed(self._call("topology_spread_constraints"))

    def set_topology_spread_constraints(self, json: Json | None) -> None:
        """JSON (a list of `TopologySpreadConstraint`)."""
        self._edit("set_topology_spread_constraints", check.optional(check.json, json, "json"))

    def security_context(self) -> Json | None:
        """JSON (`PodSecurityContext`)."""
        return check.parsed(self._call("security_context"))

    def set_security_context(self, json: Json | None) -> None:
        """JSON (`PodSecurityContext`)."""
        self._edit("set_security_context", check.optional(check.json, json, "json"))

    def dns_config(self) -> Json | None:
        """JSON (`PodDNSConfig`)."""
        return check.parsed(self._call("dns_config"))

    def set_dns_config(self, json: Json | None) -> None:
        """JSON (`PodDNSConfig`)."""
        self._edit("set_dns_config", check.optional(check.json, json, "json"))

    def update_strategy(self) -> Json | None:
        """JSON (`StatefulSetUpdateStrategy`)."""
        return check.parsed(self._call("update_strategy"))

    def set_update_strategy(self, json: Json | None) -> None:
        """JSON (`StatefulSetUpdateStrategy`)."""
        self._edit("set_update_strategy", check.optional(check.json, json, "json"))
