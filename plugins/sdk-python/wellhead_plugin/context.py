"""What happened to the pipeline so far, for validators.

In native tests a field was set by `plugin` when the test edited it, and nothing is live.
"""

from __future__ import annotations

from . import _host, check
from .error import EditError
from .pipeline import Json


def base(path: str) -> Json | None:
    """The value that a field had before any plugin ran."""
    return check.parsed(EditError._raised(_host.context().base, check.text(path, "path")))


def set_by(path: str) -> str | None:
    """The name of the chain entry that set a field last; `None` when no plugin did."""
    return EditError._raised(_host.context().set_by, check.text(path, "path"))


def live(path: str) -> Json | None:
    """The value that the field has in the cluster; `None` when it has none, or when the run knows no cluster."""
    return check.parsed(EditError._raised(_host.context().live, check.text(path, "path")))


def knows_live() -> bool:
    """Whether the run knows what is live. It never does while a plugin transforms: the same inputs give the
    same pipeline, whatever is in the cluster."""
    return _host.context().knows_live()
