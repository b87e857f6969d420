"""What the operator tells plugins about the cluster: storage classes, nodes, versions.

Facts are data that somebody wrote down, never a look at the cluster, so that the same inputs give the same
pipeline. A plugin lists those that it reads: `transformer(..., facts=["storageClasses"])`. In native tests
they are what `testing.facts` says.
"""

from __future__ import annotations

from . import _host, check
from .error import EditError
from .pipeline import Json


def get(name: str) -> Json | None:
    """A fact, e.g. `storageClasses`; `None` when the operator tells nothing of this name. A fact that the chain entry
    does not grant is denied, which ends the run."""
    return check.parsed(EditError._raised(_host.fact, check.text(name, "name")))
