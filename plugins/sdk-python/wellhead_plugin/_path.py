"""Paths of fields, as the host reads them, in the document of a pipeline in memory."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from .error import EditError

#: Fields of a pipeline that stand in its `metadata`; all others stand in its `spec`.
METADATA = ("name", "namespace", "labels", "annotations")
#: Lists that share the names of their items.
SHARED = (("containers", "initContainers"), ("claims", "volumes"))

Path = list[str | int]

_STEP = re.compile(r'(\.?)(?:([A-Za-z0-9_/-]+)|\[([0-9]+)\]|\[("(?:[^"\\]|\\.)*")\])', re.ASCII)
#: What the items of lists are known by, by the path of the list; `*` is a container's name.
_KEYS = {
    "containers": "name",
    "initContainers": "name",
    "volumes": "name",
    "claims": "name",
    "imagePullSecrets": "name",
    "resourceClaims": "name",
    "hostAliases": "ip",
    "resources claims": "name",
    "service ports": "port",
    "containers * env": "name",
    "containers * resources claims": "name",
    "containers * ports": "containerPort",
    "containers * volumeMounts": "mountPath",
    "containers * volumeDevices": "devicePath",
}
_PORTS = ("port", "containerPort")


def invalid(path: Path | str, message: str) -> EditError:
    return EditError("invalid", message, path if isinstance(path, str) else show(path), None)


def key_of(path: Path) -> str | None:
    """The field that the items of a list are known by; `None` in a list where they go by their index."""
    names = ["*" if at == 1 and path[0] in SHARED[0] else str(step) for at, step in enumerate(path)]
    if len(names) > 1 and names[0] == "initContainers":
        names[0] = "containers"
    return _KEYS.get(" ".join(names))


def said(key: str) -> str:
    return f"`{key}` and protocol, e.g. `80/TCP`" if key in _PORTS else f"`{key}`"


def label(key: str, item: Any) -> str | None:
    """The key of an item as paths write it."""
    if not isinstance(item, dict) or key not in item:
        return None
    return f"{item[key]}/{item.get('protocol', 'TCP')}" if key in _PORTS else item[key]


def show(path: Path) -> str:
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif re.fullmatch(r"[A-Za-z0-9_/-]+", step):
            text += f".{step}" if text else step
        else:
            text += f"[{json.dumps(step, ensure_ascii=False)}]"
    return text


def read(text: str) -> Path:
    """The steps of a path; indices only where items have no keys."""
    path: Path = []
    at = 0
    while not path or at < len(text):
        step = _STEP.match(text, at)
        if step is None or (step[1] == ".") != (bool(path) and step[2] is not None):
            reason = 'a step is missing, or has characters that are written ["in quotes"]'
            raise invalid(text, f"`{text}` is not a field path: {reason}")
        if step[3] is not None and (key := key_of(path)) is not None:
            raise invalid(text, f"items of this list go by their {said(key)}")
        try:
            path.append(step[2] or (int(step[3]) if step[3] else json.loads(step[4])))
        except ValueError:
            raise invalid(text, f"`{text}` is not a field path: brackets hold a text in quotes or an index") from None
        at = step.end()
    return path


def index_in(items: list[Any], key: str | None, step: str | int) -> int:
    """Index of a step's item in a list; -1 where there is none."""
    if key is None:
        return step if isinstance(step, int) and step < len(items) else -1
    return next((at for at, item in enumerate(items) if label(key, item) == step), -1)


def find(value: Any, path: Path) -> Any:
    for at, step in enumerate(path):
        if isinstance(value, list):
            index = index_in(value, key_of(path[:at]), step)
            value = value[index] if index >= 0 else None
        elif isinstance(value, dict):
            value = value.get(step)
        else:
            return None
    return value


def changed(value: Any, path: Path, change: Callable[[Any], Any], at: int = 0) -> Any:
    """The value with another one at a path; `None` removes what is there."""
    if at == len(path):
        return change(value)
    key, step = key_of(path[:at]), path[at]
    if key is None and isinstance(step, str):
        if not isinstance(value or {}, dict):
            raise invalid(path, "it has another form")
        fields = dict(value or {})
        part = changed(fields.get(step), path, change, at + 1)
        if part is None:
            fields.pop(step, None)
        else:
            fields[step] = part
        return fields
    items = list(value or []) if isinstance(value or [], list) else []
    index = index_in(items, key, step)
    if index < 0 and (at + 1 < len(path) or key is None):
        raise EditError("not-found", "the item that it belongs to is gone", show(path), None)
    item = changed(items[index] if index >= 0 else None, path, change, at + 1)
    slot = slice(index, index + 1) if index >= 0 else slice(len(items), None)
    items[slot] = [] if item is None else [item]
    return items
