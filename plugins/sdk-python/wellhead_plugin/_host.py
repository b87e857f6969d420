"""What the plugin has of the outside: the contract's log, and no clock and no random numbers."""

from __future__ import annotations

import builtins
import io
import os
import random
import sys
import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Never

if TYPE_CHECKING:
    from .error import Rejection

try:
    from componentize_py_types import Err
    from wit_world.imports import facts as _facts
    from wit_world.imports import log as _log
    from wit_world.imports import pipeline as _pipeline
    from wit_world.imports import types as _types
except ImportError:
    # A native test.
    _log = None

try:
    from wit_world.imports import context as _context
except ImportError:
    # A native test, or a transformer, whose world does not have it.
    _context = None

#: What was logged in a native test; `testing.py` empties it.
lines: list[tuple[str, str]] = []
#: What the operator tells in a native test, as JSON; `testing.py` fills it.
told: dict[str, str] = {}
#: What `context` is in a native test; `testing.py` says it.
judged: Any = None


def log(level: str, message: str) -> None:
    """Writes one message."""
    if _log is None:
        lines.append((level, message))
    else:
        _log.log(_log.Level[level.upper()], message)


def fact(name: str) -> str | None:
    """A fact as JSON."""
    return told.get(name) if _log is None else _facts.get(name)


def context() -> Any:
    """The functions of the contract's `context`."""
    found = judged if _log is None else _context
    if found is None:
        raise RuntimeError("only a validator knows the context of a pipeline")
    return found


def place(kind: str, path: str | None) -> Any:
    """A place in a list, in the form in which it crosses."""
    if _log is None:
        return kind, path
    make = getattr(_pipeline, f"Place_{kind}")
    return make() if path is None else make(path)


def refusal(rejection: Rejection) -> Exception:
    """What the export raises."""
    if _log is None:
        return rejection
    it = rejection
    filled = list(it.arguments.items())
    return Err(_types.Rejection(it.code, it.message, filled, it.path, it.hint, it.link, []))


class _Output:
    """What `print` writes to; without it, the first line would end the plugin."""

    def __init__(self, level: str) -> None:
        self._level = level
        self._line = ""

    def write(self, text: str) -> int:
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            log(self._level, line.encode("utf-8", "replace").decode("utf-8"))
        return len(text)

    def flush(self) -> None:
        if self._line:
            self.write("\n")


def _nothing(what: str, kind: type[Exception]) -> Callable[..., Never]:
    def fail(*_args: Any, **_kwargs: Any) -> Never:
        raise kind(f"a plugin has no {what}: the same input must give the same result")

    return fail


class _NoImports:
    """Says what to do about a late import, which would look for files."""

    @staticmethod
    def find_spec(name: str, path: Any = None, _target: Any = None) -> None:
        if path is not None or name not in sys.builtin_module_names:
            why = f"`{name}` is imported when the plugin runs; import it at the top of the module"
            raise ModuleNotFoundError(why, name=name)


def prepare() -> None:
    """Makes `print` write to the log, and clocks, random numbers, files and late imports fail: they would
    end the plugin past every `except`. Runs at the first call, so that libraries may start with them."""
    if _log is None or isinstance(sys.stdout, _Output):
        return
    sys.stdout, sys.stderr = _Output("info"), _Output("warn")
    for module, names, fail in _FORBIDDEN:
        for name in names.split():
            setattr(module, name, fail)
    sys.meta_path.insert(0, _NoImports)


_CLOCK = _nothing("clock", RuntimeError)
_DICE = _nothing("random numbers", RuntimeError)
_FILES = _nothing("files", OSError)
_FORBIDDEN = [
    (time, "time time_ns monotonic monotonic_ns perf_counter perf_counter_ns sleep", _CLOCK),
    (random, "random getrandbits randint randrange choice choices sample shuffle uniform", _DICE),
    (os, "urandom", _DICE),
    (uuid, "uuid1 uuid4", _DICE),
    (os, "stat lstat open listdir scandir getcwd mkdir remove", _FILES),
    (builtins, "open", _FILES),
    (io, "open", _FILES),
]
