"""Any field of the pipeline in memory by its path."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from . import _path
from ._path import Path, invalid, show
from .error import EditError


class Generic:
    """`get`, `set`, `remove`, `append` and `insert` over a document."""

    document: Any

    def container_names(self) -> list[str]:
        raise NotImplementedError

    def get(self, text: str) -> str | None:
        value = self._value_at(_path.read(text))
        return None if value is None else json.dumps(value)

    def set(self, text: str, value: str) -> None:
        path = _path.read(text)
        given = _parsed(path, value)
        self._changeable(path)
        key = _path.key_of(path[:-1])
        if key is not None:
            if isinstance(given, dict) and isinstance(path[-1], str) and key not in ("port", "containerPort"):
                given.setdefault(key, path[-1])
            if _path.label(key, given) != path[-1]:
                raise invalid(path, f"the item has another {_path.said(key)} than its path")
        if self._value_at(path) is None:
            self._unused(path)
        self._write(path, lambda _: given, path)

    def remove(self, text: str) -> None:
        path = _path.read(text)
        self._changeable(path)
        if len(path) == 2 and path[0] == "claims":
            raise invalid(path, "a claim cannot be removed, because its data goes by it")
        if self._value_at(path) is not None:
            self._write(path, lambda _: None, path)

    def append(self, items: str, value: str) -> str:
        return self.insert(items, value, ("Last", None))

    def insert(self, items: str, value: str, at: tuple[str, str | None]) -> str:
        path = _path.read(items)
        given = _parsed(path, value)
        known = self._value_at(path)
        known = [] if known is None else known
        if not isinstance(known, list):
            raise invalid(path, "it is not a list")
        index = self._place_in(path, known, at)
        key = _path.key_of(path)
        name = index if key is None else _path.label(key, given)
        if name is None:
            raise invalid(path, f"an item of this list has a {_path.said(str(key))}")
        item = [*path, name]
        if key is not None and _path.index_in(known, key, name) >= 0:
            raise invalid(item, f"it is there already; to change it, set `{show(item)}`")
        self._unused(item)
        if path == ["containers"] and index == 0:
            raise invalid(item, "the first container is the main one, and stays first")
        self._write(path, lambda _: [*known[:index], given, *known[index:]], item)
        return show(item)

    def _part(self, path: Path) -> str:
        return "metadata" if path[0] in _path.METADATA else "spec"

    def _value_at(self, path: Path) -> Any:
        return _path.find(self.document.value.get(self._part(path)), path)

    def _write(self, path: Path, change: Callable[[Any], Any], edited: Path) -> None:
        part = self._part(path)
        self.document.value[part] = _path.changed(self.document.value.get(part), path, change)
        self.document.record(show(edited))

    def _place_in(self, path: Path, known: list[Any], at: tuple[str, str | None]) -> int:
        """The index that a place in a list means."""
        kind, text = at
        if text is None:
            return 0 if kind == "First" else len(known)
        beside = _path.read(text)
        index = _path.index_in(known, _path.key_of(path), beside[-1]) if beside[:-1] == path else -1
        if index < 0:
            raise EditError("not-found", f"`{show(path)}` has no such item", show(beside), None)
        return index if kind == "Before" else index + 1

    def _changeable(self, path: Path) -> None:
        """Refuses what no edit may change."""
        if path in (["containers"], ["initContainers"], ["claims"]):
            raise invalid(path, "it is not changed as a whole: change its items")
        if len(path) == 2 and path[0] == "containers" and path[1] == self.container_names()[0]:
            raise invalid(path, "the main container is not removed or replaced: change its fields")

    def _unused(self, path: Path) -> None:
        """Refuses the name of a new item that an item of another list has, where both share their names."""
        lists = next((it for it in _path.SHARED if path[0] in it and len(path) == 2), ())
        if any(self._value_at([it, path[1]]) is not None for it in lists):
            what = "container" if lists[0] == "containers" else "claim or volume"
            raise invalid(path, f"there is a {what} of this name")


def _parsed(path: Path, text: str) -> Any:
    value = json.loads(text)
    if value is None:
        raise invalid(path, "null is not a value: to remove a field, call `remove`")
    return value
