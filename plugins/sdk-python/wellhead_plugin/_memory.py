"""A pipeline in memory, as `testing.py` describes it."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ._generic import Generic
from .error import EditError
from .pipeline import ContainerPort, Protocol, ServicePort, VolumeMount


@dataclass(frozen=True)
class Edit:
    """An edit, and what `because` said last."""

    path: str
    reason: str | None


class Document:
    """The document, and what happened to it."""

    def __init__(self, value: dict[str, Any]) -> None:
        self.value = value
        self.edits: list[Edit] = []
        self.reason: str | None = None

    def record(self, path: str) -> None:
        self.edits.append(Edit(path, self.reason))


def _join(path: str, label: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9_/-]+", label):
        return f"{path}.{label}" if path else label
    return f"{path}[{json.dumps(label, ensure_ascii=False)}]"


def _key(item: dict[str, Any], by: str) -> Any:
    """What tells the items of a list apart. A port without a protocol is a TCP port."""
    return f"{item[by]}/{item.get('protocol', 'TCP')}" if by in ("port", "containerPort") else item.get(by)


class Node:
    """A map in the document; it is made when something is written to it."""

    def __init__(self, document: Document, find: Callable[[bool], dict[str, Any] | None], path: str) -> None:
        self.document = document
        self.find = find
        self.path = path

    def get(self, field: str, default: Any = None) -> Any:
        return (self.find(False) or {}).get(field, default)

    def put(self, field: str, value: Any, path: str | None = None) -> None:
        path = path or _join(self.path, field)
        found = self.find(True)
        if found is None:
            raise EditError("not-found", "the item that it belongs to is gone", path, None)
        if value is None:
            found.pop(field, None)
        else:
            found[field] = value
        self.document.record(path)

    def child(self, field: str) -> Node:
        def find(make: bool) -> dict[str, Any] | None:
            found = self.find(make)
            if found is None:
                return None
            return found.setdefault(field, {}) if make else found.get(field)

        return Node(self.document, find, _join(self.path, field))

    def item(self, items: str, by: str, key: str) -> Node:
        """An item of a list, whether it is there or not."""

        def find(_make: bool) -> dict[str, Any] | None:
            return next((it for it in self.get(items, []) if _key(it, by) == key), None)

        return Node(self.document, find, _join(_join(self.path, items), key))

    def put_item(self, items: str, by: str, key: str, value: dict[str, Any] | None) -> None:
        """Adds, replaces or removes an item."""
        changed = list(self.get(items, []))
        at = next((at for at, it in enumerate(changed) if _key(it, by) == key), len(changed))
        changed[at : at + 1] = [] if value is None else [value]
        self.put(items, changed, self.item(items, by, key).path)

    def add_item(self, items: str, value: dict[str, Any]) -> None:
        item = self.item(items, "name", value["name"])
        if item.find(False) is not None:
            raise EditError("invalid", "it is there already", item.path, None)
        self.put_item(items, "name", value["name"], value)

    def remove_item(self, items: str, by: str, key: str) -> None:
        item = self.item(items, by, key)
        if item.find(False) is None:
            raise EditError("not-found", "there is no such item", item.path, None)
        self.put_item(items, by, key, None)

    def names(self, items: str) -> list[str]:
        return [it["name"] for it in self.get(items, [])]


def _same(value: Any) -> Any:
    return value


def _write_json(value: str | None) -> Any:
    return None if value is None else json.loads(value)


def _read_json(value: Any) -> str | None:
    return None if value is None else json.dumps(value)


def _snake(name: str) -> str:
    return re.sub(r"(?=[A-Z])", "_", name).lower()


class _Item:
    """What all parts of a pipeline have: a place in the document."""

    def __init__(self, node: Node) -> None:
        self.node = node

    def name(self) -> str:
        return self.node.get("name")

    def place(self, _where: str) -> Node:
        return self.node


def _field(
    kind: type, key: str, *, where: str = "", method: str = "",
    read: Callable[[Any], Any] = _same, write: Callable[[Any], Any] = _same,
) -> None:
    """Getter and setter of a field."""
    method = method or _snake(key)
    setattr(kind, method, lambda self: read(self.place(where).get(key)))
    setattr(kind, f"set_{method}", lambda self, value: self.place(where).put(key, write(value)))


def _json(kind: type, *keys: str) -> None:
    for key in keys:
        _field(kind, key, read=_read_json, write=_write_json)


def _entries(kind: type, key: str, *, where: str = "", one: str = "") -> None:
    """Getter, setter and remover of keys."""
    method = _snake(key)
    one = one or method.removesuffix("s")
    setattr(kind, method, lambda self: list(self.place(where).get(key, {}).items()))
    setattr(kind, f"set_{one}", lambda self, name, value: self.place(where).child(key).put(name, value))
    setattr(kind, f"remove_{one}", lambda self, name: self.place(where).child(key).put(name, None))


class _Ports(_Item):
    by: str

    def set_port(self, port: Any) -> None:
        value = {self.by: port.number, "protocol": port.protocol.name}
        if port.name is not None:
            value["name"] = port.name
        if isinstance(port, ServicePort):
            value["targetPort"] = int(port.target) if port.target.isdecimal() else port.target
        self.node.put_item("ports", self.by, f"{port.number}/{port.protocol.name}", value)

    def remove_port(self, number: int, protocol: Protocol) -> None:
        self.node.remove_item("ports", self.by, f"{number}/{protocol.name}")


class Container(_Ports):
    by = "containerPort"

    def init(self) -> bool:
        return self.node.path.startswith("initContainers")

    def place(self, where: str) -> Node:
        return self.node.child(where) if where else self.node

    def ports(self) -> list[ContainerPort]:
        return [
            ContainerPort(number=it[self.by], protocol=Protocol[it.get("protocol", "TCP")], name=it.get("name"))
            for it in self.node.get("ports", [])
        ]

    def env_names(self) -> list[str]:
        return self.node.names("env")

    def env(self, name: str) -> str | None:
        return self.node.item("env", "name", name).get("value")

    def set_env(self, name: str, value: str) -> None:
        self.node.put_item("env", "name", name, {"name": name, "value": value})

    def env_source(self, name: str) -> str | None:
        return _read_json(self.node.item("env", "name", name).get("valueFrom"))

    def set_env_source(self, name: str, source: str) -> None:
        self.node.put_item("env", "name", name, {"name": name, "valueFrom": json.loads(source)})

    def remove_env(self, name: str) -> None:
        self.node.remove_item("env", "name", name)

    def mounts(self) -> list[VolumeMount]:
        return [
            VolumeMount(
                volume=it["name"],
                mount_path=it["mountPath"],
                sub_path=it.get("subPath"),
                read_only=it.get("readOnly", False),
            )
            for it in self.node.get("volumeMounts", [])
        ]

    def set_mount(self, mount: VolumeMount) -> None:
        there = self.node.item("volumeMounts", "mountPath", mount.mount_path).find(False) or {}
        value = {**there, "name": mount.volume, "mountPath": mount.mount_path}
        value.pop("subPath", None)
        value.pop("readOnly", None)
        if mount.sub_path is not None:
            value["subPath"] = mount.sub_path
        if mount.read_only:
            value["readOnly"] = True
        self.node.put_item("volumeMounts", "mountPath", mount.mount_path, value)

    def remove_mount(self, mount_path: str) -> None:
        self.node.remove_item("volumeMounts", "mountPath", mount_path)


for _name in ("image", "imagePullPolicy", "workingDir"):
    _field(Container, _name)
for _name in ("command", "args"):
    _field(Container, _name, read=lambda it: it or [])
for _name in ("requests", "limits"):
    _entries(Container, _name, where="resources")
_json(Container, "envFrom", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle", "securityContext")


class Claim(_Item):
    pass


for _name in ("size", "storageClass", "volumeMode", "mountPath"):
    _field(Claim, _name)
_field(Claim, "volumeAttributesClassName", method="volume_attributes_class")
_field(Claim, "accessModes", read=lambda it: it or ["ReadWriteOnce"])
_json(Claim, "selector", "dataSourceRef")


class Service(_Ports):
    by = "port"

    def __init__(self, node: Node, pipeline: str) -> None:
        super().__init__(node)
        self._pipeline = pipeline

    def name(self) -> str:
        return self.node.get("name", self._pipeline)

    def ports(self) -> list[ServicePort]:
        return [
            ServicePort(
                number=it["port"],
                protocol=Protocol[it.get("protocol", "TCP")],
                name=it.get("name"),
                target=str(it.get("targetPort", it["port"])),
            )
            for it in self.node.get("ports", [])
        ]


_field(Service, "publishNotReadyAddresses", read=bool)
for _kind in (Claim, Service):
    for _name in ("labels", "annotations"):
        _entries(_kind, _name)


class Pipeline(Generic, _Item):
    def __init__(self, value: dict[str, Any]) -> None:
        self.document = Document(value)
        #: The document before any edit.
        self.first = copy.deepcopy(value)
        super().__init__(self._top("spec"))
        self._metadata = self._top("metadata")

    def _top(self, name: str) -> Node:
        return Node(self.document, lambda _make: self.document.value[name], "")

    def place(self, where: str) -> Node:
        return self._metadata if where else self.node

    def name(self) -> str:
        return self._metadata.get("name")

    def namespace(self) -> str | None:
        return self._metadata.get("namespace")

    def because(self, reason: str) -> None:
        self.document.reason = reason

    def selector(self) -> list[tuple[str, str]]:
        return list(self.node.get("selector", {"app.kubernetes.io/name": self.name()}).items())

    def container_names(self) -> list[str]:
        return self.node.names("containers")

    def container(self, name: str) -> Container | None:
        return self._find(Container, "containers", name)

    def main_container(self) -> Container | None:
        return self.container(self.container_names()[0])

    def add_container(self, name: str, image: str) -> Container | None:
        self.node.add_item("containers", {"name": name, "image": image})
        return self.container(name)

    def remove_container(self, name: str) -> None:
        if self.container_names()[:1] == [name]:
            raise EditError("invalid", "the main container stays", _join("containers", name), None)
        self.node.remove_item("containers", "name", name)

    def init_container_names(self) -> list[str]:
        return self.node.names("initContainers")

    def init_container(self, name: str) -> Container | None:
        return self._find(Container, "initContainers", name)

    def add_init_container(self, name: str, image: str) -> Container | None:
        self.node.add_item("initContainers", {"name": name, "image": image})
        return self.init_container(name)

    def remove_init_container(self, name: str) -> None:
        self.node.remove_item("initContainers", "name", name)

    def claim_names(self) -> list[str]:
        return self.node.names("claims")

    def claim(self, name: str) -> Claim | None:
        return self._find(Claim, "claims", name)

    def add_claim(self, name: str, size: str) -> Claim | None:
        self.node.add_item("claims", {"name": name, "size": size})
        return self.claim(name)

    def service(self) -> Service:
        return Service(self.node.child("service"), self.name())

    def volume_names(self) -> list[str]:
        return self.node.names("volumes")

    def volume(self, name: str) -> str | None:
        return _read_json(self.node.item("volumes", "name", name).find(False))

    def set_volume(self, name: str, source: str) -> None:
        self.node.put_item("volumes", "name", name, {**json.loads(source), "name": name})

    def remove_volume(self, name: str) -> None:
        self.node.remove_item("volumes", "name", name)

    def _find(self, kind: Any, items: str, name: str) -> Any:
        node = self.node.item(items, "name", name)
        return None if node.find(False) is None else kind(node)


for _name in ("labels", "annotations"):
    _entries(Pipeline, _name, where="metadata")
for _name in ("podLabels", "podAnnotations"):
    _entries(Pipeline, _name)
_entries(Pipeline, "nodeSelector", one="node_selector")
_field(Pipeline, "replicas", read=lambda it: 1 if it is None else it)
_field(
    Pipeline,
    "imagePullSecrets",
    read=lambda it: [secret["name"] for secret in it or []],
    write=lambda it: [{"name": name} for name in it],
)
for _name in (
    "serviceAccountName",
    "priorityClassName",
    "runtimeClassName",
    "schedulerName",
    "minReadySeconds",
    "terminationGracePeriodSeconds",
):
    _field(Pipeline, _name)
_json(
    Pipeline,
    "affinity",
    "tolerations",
    "topologySpreadConstraints",
    "securityContext",
    "dnsConfig",
    "updateStrategy",
)
