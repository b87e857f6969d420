"""Which objects and which pipelines a selector selects. Fields of a config can have these types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .pipeline import Pipeline


@dataclass(frozen=True)
class LabelRequirement:
    """What must hold of one label."""

    #: The label's key.
    key: str
    #: What must hold of it.
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"]
    #: The values of `In` and `NotIn`, one at least.
    values: list[str] = field(default_factory=list)

    def _holds(self, value: str | None) -> bool:
        return {
            "In": value in self.values,
            "NotIn": value not in self.values,
            "Exists": value is not None,
            "DoesNotExist": value is None,
        }.get(self.operator, False)


@dataclass(frozen=True)
class LabelSelector:
    """Kubernetes' selector of labels: they must fit all that it says."""

    #: Labels that must be there, with these values.
    match_labels: dict[str, str] = field(default_factory=dict)
    #: What else must hold.
    match_expressions: list[LabelRequirement] = field(default_factory=list)

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether it matches labels, such as `pipeline.labels()` returns."""
        return _has_all(labels, self.match_labels) and all(
            it._holds(labels.get(it.key)) for it in self.match_expressions
        )


@dataclass(frozen=True)
class PipelineSelector:
    """Which pipelines a rule of a plugin is about: those that match every list that is given. It has the
    form of the `select` of a Customization, so that people write the same thing in both places."""

    #: Names, of which the pipeline must have one. `*` stands for any number of characters.
    names: list[str] = field(default_factory=list)
    #: Labels, of which the pipeline must have all.
    labels: dict[str, str] = field(default_factory=dict)
    #: Namespaces, of which the pipeline must be in one. `*` stands for any number of characters.
    namespaces: list[str] = field(default_factory=list)

    def matches(self, pipeline: Pipeline) -> bool:
        """Whether it selects the pipeline."""
        return (
            _one_of(self.names, pipeline.name())
            and _one_of(self.namespaces, pipeline.namespace() or "")
            and (not self.labels or _has_all(pipeline.labels(), self.labels))
        )


def _has_all(labels: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    return all(labels.get(key) == value for key, value in wanted.items())


def _one_of(patterns: list[str], text: str) -> bool:
    """Whether a text matches one of the patterns; an empty list matches everything."""
    return not patterns or any(_glob(pattern, text) for pattern in patterns)


def _glob(pattern: str, text: str) -> bool:
    """Whether a text matches a pattern in which `*` stands for any number of characters."""
    head, *parts = pattern.split("*")
    if not parts:
        return pattern == text
    tail = parts.pop()
    if len(text) < len(head) + len(tail) or not text.startswith(head) or not text.endswith(tail):
        return False
    at, end = len(head), len(text) - len(tail)
    for part in parts:
        at = text.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return True
