"""Native tests of a plugin's logic: no WebAssembly, no host, no cluster.

    pipeline = testing.pipeline({"spec": {"claims": [{"name": "data", "size": "1Gi"}]}})
    testing.transform(plugin, pipeline, {"team": "search"})
    assert testing.document(pipeline)["spec"]["podLabels"]["team"] == "search"

The pipeline in memory answers like the host's where a plugin reads, and where it adds or removes items.
It does not check the config against the schema, nor grants, conflicts, limits or values: an edit that
succeeds here may fail there, and a rejection here does not undo the edits before it.
`wellhead plugin test` runs cases through the real host.
"""

from __future__ import annotations

import copy
import json
from typing import Any

from . import _host
from ._memory import Edit
from ._memory import Pipeline as TestPipeline
from .export import Finding

__all__ = ["Edit", "document", "edits", "facts", "logged", "pipeline", "transform", "validate"]


def pipeline(document: dict[str, Any] | None = None) -> TestPipeline:
    """A pipeline with this document, in the form of a pipeline file. Where it says nothing, the pipeline
    is called `pipeline` and has one container `main`."""
    given = copy.deepcopy(document or {})
    containers = [{"name": "main", "image": "registry.example.com/main:1.0.0"}]
    return TestPipeline(
        {
            "metadata": {"name": "pipeline", **given.get("metadata", {})},
            "spec": {"containers": containers, **given.get("spec", {})},
        }
    )


def document(pipeline: TestPipeline) -> dict[str, Any]:
    """The pipeline's document after the edits."""
    return copy.deepcopy(pipeline.document.value)


def edits(pipeline: TestPipeline) -> list[Edit]:
    """The edits so far, in order."""
    return list(pipeline.document.edits)


def facts(**facts: Any) -> None:
    """What the operator tells plugins from now on."""
    _host.told.clear()
    _host.told.update({name: json.dumps(fact) for name, fact in facts.items()})


class _Judged:
    """The context of a pipeline in memory."""

    def __init__(self, pipeline: TestPipeline) -> None:
        self._pipeline = pipeline
        self.base = TestPipeline(copy.deepcopy(pipeline.first)).get

    def set_by(self, path: str) -> str | None:
        self._pipeline.get(path)
        edits = (edit.path for edit in self._pipeline.document.edits)
        sets = any(path == edit or path.startswith((f"{edit}.", f"{edit}[")) for edit in edits)
        return "plugin" if sets else None

    def live(self, _path: str) -> None:
        return None

    def knows_live(self) -> bool:
        return False


def transform(plugin: Any, pipeline: TestPipeline, config: dict[str, Any] | None = None) -> None:
    """Runs a transformer: the module of the plugin. Raises a `Rejection` with what the host would be told."""
    _host.lines.clear()
    plugin.Transform().transform(pipeline, json.dumps(config or {}))


def validate(plugin: Any, pipeline: TestPipeline, config: dict[str, Any] | None = None) -> list[Finding]:
    """Runs a validator, likewise."""
    _host.lines.clear()
    _host.judged = _Judged(pipeline)
    try:
        found = plugin.Validate().validate(pipeline, json.dumps(config or {}))
    finally:
        _host.judged = None
    return [
        Finding(it.severity.name.lower(), it.message, it.path, it.hint, it.code, dict(it.arguments), it.link)
        for it in found
    ]


def logged() -> list[tuple[str, str]]:
    """What the last run logged: levels and messages."""
    return list(_host.lines)
