"""A handle of the host: what all classes of `pipeline.py` are made of."""

from __future__ import annotations

from typing import Any, Self

from .error import EditError


class Handle:
    """The host takes it back when nothing refers to it any more."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    @classmethod
    def _of(cls, raw: Any) -> Self | None:
        return None if raw is None else cls(raw)

    def _call(self, method: str, *args: Any) -> Any:
        """Calls a function of the contract."""
        return getattr(self._raw, method)(*args)

    def _edit(self, method: str, *args: Any) -> Any:
        """Calls one that can fail."""
        return EditError._raised(getattr(self._raw, method), *args)
