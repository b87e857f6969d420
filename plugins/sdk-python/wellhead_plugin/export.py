"""Makes the classes that the host calls."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Literal

from . import _host, check, config
from .error import reason, trace
from .pipeline import Pipeline


@dataclass(frozen=True)
class Finding:
    """Something that a validator noticed: an `error` stops everything, a `warning` is shown."""

    #: How much it matters.
    severity: Literal["error", "warning"]
    #: What is wrong, in one sentence.
    message: str
    #: Path of the field, when it is about one.
    path: str | None = None
    #: What to change.
    hint: str | None = None
    #: The plugin's own name for this kind of finding, e.g. `tag-missing`, by which operators waive such findings and
    #: count them: 1 to 64 lowercase letters, digits and single `-`, beginning with a letter.
    code: str | None = None
    #: What the message was filled with, so that it can be said in another language.
    arguments: Mapping[str, str] = field(default_factory=dict)
    #: A page that tells more, an `https` URL.
    link: str | None = None


_Transform = Callable[[Pipeline, Any], None]
_Validate = Callable[[Pipeline, Any], Iterable[Finding]]


def transformer(
    transform: _Transform,
    config: Any = dict,
    *,
    writes: Sequence[str],
    opens: Sequence[str] = (),
    facts: Sequence[str] = (),
    min_host: str | None = None,
) -> tuple[type, type]:
    """`Describe, Transform` of a plugin that edits.

    `config` is the type that the config is read into: a dataclass, or `dict`. `writes` has patterns of the fields
    that the plugin writes, e.g. `containers.*.image`, or `tolerations[+]` for items that it adds, and `opens` those
    of protected fields; the operator grants and opens them. `facts` names the facts that it reads; the operator
    grants those, too. `min_host` is the oldest version of Wellhead that it works with.
    """
    return _describe(transform, writes, opens, facts, min_host), _transform(transform, config)


def validator(
    validate: _Validate, config: Any = dict, *, facts: Sequence[str] = (), min_host: str | None = None
) -> tuple[type, type]:
    """`Describe, Validate` of a plugin that judges after all edits, and cannot write."""
    return _describe(validate, (), (), facts, min_host), _validate(validate, config)


def plugin(
    transform: _Transform,
    validate: _Validate,
    config: Any = dict,
    *,
    writes: Sequence[str],
    opens: Sequence[str] = (),
    facts: Sequence[str] = (),
    min_host: str | None = None,
) -> tuple[type, type, type]:
    """`Describe, Transform, Validate` of a plugin that does both."""
    described = _describe(transform, writes, opens, facts, min_host)
    return described, _transform(transform, config), _validate(validate, config)


@dataclass(frozen=True)
class _PluginInfo:
    name: str
    version: str
    description: str
    config_schema: str
    writes: list[str]
    opens: list[str]
    facts: list[str]
    license: str | None
    homepage: str | None
    min_host: str | None
    extra: list[tuple[str, str]] = field(default_factory=list)


def _describe(
    function: Callable[..., Any],
    writes: Sequence[str],
    opens: Sequence[str],
    facts: Sequence[str],
    min_host: str | None,
) -> type:
    # Now, which is when the component is built: it has no files.
    folder = Path(function.__code__.co_filename).parent
    project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
    info = _PluginInfo(
        check.text(project["name"], "project.name"),
        check.text(project["version"], "project.version"),
        check.text(project["description"], "project.description"),
        (folder / "config.schema.json").read_text("utf-8"),
        check.texts(list(writes), "writes"),
        check.texts(list(opens), "opens"),
        check.texts(list(facts), "facts"),
        check.optional(check.text, project.get("license"), "project.license"),
        check.optional(check.text, project.get("urls", {}).get("Homepage"), "project.urls.Homepage"),
        check.optional(check.text, min_host, "min_host"),
    )

    class Describe:
        def describe(self) -> _PluginInfo:
            return info

    return Describe


def _transform(function: _Transform, kind: Any) -> type:
    class Transform:
        def transform(self, target: Any, config: str) -> None:
            _guarded(function, kind, target, config)

    return Transform


def _validate(function: _Validate, kind: Any) -> type:
    class Validate:
        def validate(self, target: Any, config: str) -> list[_Finding]:
            return _guarded(lambda *args: _findings(function(*args)), kind, target, config)

    return Validate


def _guarded(function: Callable[..., Any], kind: Any, target: Any, text: str) -> Any:
    """Without it, the host would see an exception as a crash without a word."""
    _host.prepare()
    try:
        return function(Pipeline(target), config.read(kind, json.loads(text)))
    except BaseException as error:
        _host.log("debug", trace(error))
        told = reason(error)
    raise _host.refusal(told)


class _Severity(Enum):
    ERROR = 0
    WARNING = 1


@dataclass(frozen=True)
class _Finding:
    severity: _Severity
    code: str | None
    message: str
    arguments: list[tuple[str, str]]
    path: str | None
    hint: str | None
    link: str | None
    extra: list[tuple[str, str]] = field(default_factory=list)


def _findings(findings: Iterable[Finding] | None) -> list[_Finding]:
    return [_finding(finding, f"findings[{at}]") for at, finding in enumerate(findings or ())]


def _finding(finding: Finding, name: str) -> _Finding:
    check.member(Finding, finding, name)
    severity = check.text(finding.severity, f"{name}.severity").upper()
    if severity not in _Severity.__members__:
        raise ValueError(f"`{name}.severity` must be `error` or `warning`")
    return _Finding(
        _Severity[severity],
        check.optional(check.text, finding.code, f"{name}.code"),
        check.text(finding.message, f"{name}.message"),
        [(check.text(key, name), check.text(it, f"{name}.arguments.{key}")) for key, it in finding.arguments.items()],
        check.optional(check.text, finding.path, f"{name}.path"),
        check.optional(check.text, finding.hint, f"{name}.hint"),
        check.optional(check.text, finding.link, f"{name}.link"),
    )
