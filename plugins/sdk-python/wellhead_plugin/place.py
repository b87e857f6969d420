"""Where an item is put in a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True)
class Before:
    """Before the item at this path, e.g. `initContainers.migrate` or `tolerations[0]`."""

    path: str


@dataclass(frozen=True)
class After:
    """After the item at this path."""

    path: str


#: At an end of the list, or beside an item.
Place: TypeAlias = Literal["first", "last"] | Before | After
