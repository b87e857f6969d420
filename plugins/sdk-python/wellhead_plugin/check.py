"""Checks values before they cross to the host. A wrong one would end the plugin there, without a word
and past every `except`."""

from __future__ import annotations

import json as _json
from collections.abc import Callable
from typing import Any, Never

from . import _host
from .place import After, Before


def _wrong(value: Any, name: str, expected: str) -> Never:
    raise TypeError(f"`{name}` must be {expected}, and is of type {type(value).__name__}")


def text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        _wrong(value, name, "a str")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError(f"`{name}` is not Unicode: it has half of a character") from None
    return value


def _integer(value: Any, name: str, bits: int) -> int:
    # JSON does not tell 3 from 3.0.
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        _wrong(value, name, "an int")
    least, most = -(1 << bits - 1), (1 << bits - 1) - 1
    if not least <= value <= most:
        raise ValueError(f"`{name}` is {value}: {least} to {most} are possible")
    return int(value)


def s32(value: Any, name: str) -> int:
    return _integer(value, name, 32)


def s64(value: Any, name: str) -> int:
    return _integer(value, name, 64)


def flag(value: Any, name: str) -> bool:
    return value if isinstance(value, bool) else _wrong(value, name, "a bool")


def texts(value: Any, name: str) -> list[str]:
    if not isinstance(value, (list, tuple)):
        _wrong(value, name, "a list of str")
    return [text(item, f"{name}[{at}]") for at, item in enumerate(value)]


def member(kind: type, value: Any, name: str) -> Any:
    return value if isinstance(value, kind) else _wrong(value, name, f"a {kind.__name__}")


def record(kind: type, value: Any, name: str) -> Any:
    return member(kind, value, name)._checked(name)


def place(value: Any, name: str) -> Any:
    """In the form in which it crosses."""
    if value in ("first", "last"):
        return _host.place(value.capitalize(), None)
    if not isinstance(value, (Before, After)):
        _wrong(value, name, "`\"first\"`, `\"last\"`, a Before or an After")
    return _host.place(type(value).__name__, text(value.path, f"{name}.path"))


def optional(check: Callable[..., Any], *args: Any) -> Any:
    *_, value, _name = args
    return None if value is None else check(*args)


def json(value: Any, name: str) -> str:
    return text(_json.dumps(value, allow_nan=False, ensure_ascii=False), name)


def parsed(value: str | None) -> Any:
    """Of what the host returns."""
    return None if value is None else _json.loads(value)
