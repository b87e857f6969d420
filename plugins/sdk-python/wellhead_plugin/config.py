"""Reads a plugin's config into the type that its author declares."""

from __future__ import annotations

import dataclasses
import types
import typing
from typing import Any, Never

from .error import Rejection
from .quantity import Quantity


def read(kind: Any, value: Any, path: str = "config") -> Any:
    """The value as `kind`: a dataclass, `list[...]`, `dict[str, ...]`, a union with `None`, `Literal`,
    `str`, `int`, `float`, `bool`, `Quantity`, or `Any`. A field `storage_class` is `storageClass` in the config, and
    `class_` is `class`."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind is Any:
        return value
    if kind is Quantity:
        return _quantity(value, path)
    if dataclasses.is_dataclass(kind):
        return _dataclass(kind, value, path)
    if origin in (types.UnionType, typing.Union):
        return _union(arguments, value, path)
    if origin is typing.Literal:
        return value if value in arguments else _wrong(value, path, f"one of {arguments}")
    if origin is list or kind is list:
        items = _typed(list, value, path, "a list")
        item = arguments[0] if arguments else Any
        return [read(item, it, f"{path}[{at}]") for at, it in enumerate(items)]
    if origin is dict or kind is dict:
        items = _typed(dict, value, path, "an object")
        item = arguments[1] if arguments else Any
        return {key: read(item, it, f"{path}.{key}") for key, it in items.items()}
    return _scalar(kind, value, path)


def _scalar(kind: Any, value: Any, path: str) -> Any:
    if kind is int and isinstance(value, float) and value.is_integer():
        return int(value)  # JSON does not tell 3 from 3.0.
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if kind is not bool and isinstance(value, bool):
        _wrong(value, path, f"of type {kind.__name__}")
    return _typed(kind, value, path, f"of type {kind.__name__}")


def _quantity(value: Any, path: str) -> Quantity:
    text = _typed(str, value, path, "a quantity, e.g. `10Gi`")
    try:
        return Quantity(text)
    except Rejection as wrong:
        raise Rejection(wrong.message, path=path) from None


def _dataclass(kind: Any, value: Any, path: str) -> Any:
    values = _typed(dict, value, path, "an object")
    hints = typing.get_type_hints(kind)
    fields = {name_in_config(field.name): field for field in dataclasses.fields(kind) if field.init}
    unknown = [key for key in values if key not in fields]
    if unknown:
        known = ", ".join(f"`{it}`" for it in fields)
        raise Rejection(f"unknown field `{unknown[0]}`", path=f"{path}.{unknown[0]}", hint=f"there are {known}")
    arguments = {}
    for key, field in fields.items():
        if key in values:
            arguments[field.name] = read(hints[field.name], values[key], f"{path}.{key}")
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise Rejection(f"missing field `{key}`", path=path)
    return kind(**arguments)


def name_in_config(field: str) -> str:
    """`storageClass` of `storage_class`, `class` of `class_`."""
    first, *rest = field.rstrip("_").split("_")
    return first + "".join(word.capitalize() for word in rest)


def _union(kinds: tuple[Any, ...], value: Any, path: str) -> Any:
    if value is None and type(None) in kinds:
        return None
    kinds = tuple(kind for kind in kinds if kind is not type(None))
    for kind in kinds[:-1]:
        try:
            return read(kind, value, path)
        except Rejection:
            continue
    return read(kinds[-1], value, path)


def _typed(kind: type, value: Any, path: str, expected: str) -> Any:
    return value if isinstance(value, kind) else _wrong(value, path, expected)


def _wrong(value: Any, path: str, expected: str) -> Never:
    raise Rejection(f"it must be {expected}, and is of type {type(value).__name__}", path=path)
