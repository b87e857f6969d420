"""Values of Kubernetes, read from and written to their form. Fields that have no name here stay in `rest`."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Self

from .config import name_in_config


class _Value:
    """What the values have in common. A field that is `None` is left out."""

    rest: dict[str, Any]

    @classmethod
    def read(cls, value: dict[str, Any]) -> Self:
        """Reads its form, e.g. an item of `pipeline.tolerations()`."""
        names = {name_in_config(it.name): it for it in dataclasses.fields(cls) if it.name != "rest"}  # type: ignore[arg-type]
        known, rest = {}, {}
        for key, it in value.items():
            named = names.get(key)
            if named is None or it is None:
                rest[key] = it
            else:
                known[named.name] = _PARTS[key].read(it) if key in _PARTS else it
        return cls(**known, rest=rest)

    def json(self) -> dict[str, Any]:
        """Its form, e.g. for `pipeline.append`."""
        known = {}
        for it in dataclasses.fields(self):  # type: ignore[arg-type]
            value = getattr(self, it.name)
            if it.name != "rest" and value is not None:
                known[name_in_config(it.name)] = value.json() if isinstance(value, _Value) else value
        return {**self.rest, **known}


@dataclass(kw_only=True)
class Toleration(_Value):
    """Kubernetes' `Toleration`: an item of the pipeline's `tolerations`.

        Toleration(key="nvidia.com/gpu", operator="Exists", effect="NoSchedule").json()
    """

    #: The taint's key; `None` for all keys.
    key: str | None = None
    #: `Exists`, or `Equal`, which is what `None` stands for.
    operator: str | None = None
    #: The taint's value, for `Equal`.
    value: str | None = None
    #: `NoSchedule`, `PreferNoSchedule` or `NoExecute`; `None` for all of them.
    effect: str | None = None
    #: How long the pod stays on a node with the taint, for `NoExecute`; `None` for ever.
    toleration_seconds: int | None = None
    #: What else Kubernetes has there.
    rest: dict[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True)
class Exec(_Value):
    """A command."""

    #: The program and its arguments; no shell reads them.
    command: list[str] | None = None
    #: What else Kubernetes has there.
    rest: dict[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True)
class HttpGet(_Value):
    """An HTTP request."""

    #: Number or name of the port.
    port: int | str
    #: The path; `None` for `/`.
    path: str | None = None
    #: The host; `None` for the pod.
    host: str | None = None
    #: `HTTP` or `HTTPS`.
    scheme: str | None = None
    #: Headers of the request: `{"name": ..., "value": ...}`.
    http_headers: list[dict[str, str]] | None = None
    #: What else Kubernetes has there.
    rest: dict[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True)
class TcpSocket(_Value):
    """A connection."""

    #: Number or name of the port.
    port: int | str
    #: The host; `None` for the pod.
    host: str | None = None
    #: What else Kubernetes has there.
    rest: dict[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True)
class Grpc(_Value):
    """A call of the gRPC health service."""

    #: Number of the port.
    port: int
    #: Name that the service is asked for.
    service: str | None = None
    #: What else Kubernetes has there.
    rest: dict[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True)
class Probe(_Value):
    """Kubernetes' `Probe`. What is `None` has the default that Kubernetes gives it.

        Probe(http_get=HttpGet(path="/healthz", port=8080), period_seconds=10).json()
    """

    #: A command in the container; 0 is success.
    exec: Exec | None = None
    #: An HTTP request; 200 to 399 is success.
    http_get: HttpGet | None = None
    #: A connection.
    tcp_socket: TcpSocket | None = None
    #: A call of the gRPC health service.
    grpc: Grpc | None = None
    #: Seconds from the container's start to the first probe.
    initial_delay_seconds: int | None = None
    #: Seconds that an answer may take.
    timeout_seconds: int | None = None
    #: Seconds from one probe to the next.
    period_seconds: int | None = None
    #: Successes in a row after a failure that are one.
    success_threshold: int | None = None
    #: Failures in a row that are one.
    failure_threshold: int | None = None
    #: Seconds that the container has to stop, when the probe stops it.
    termination_grace_period_seconds: int | None = None
    #: What else Kubernetes has there.
    rest: dict[str, Any] = field(default_factory=dict)


#: Values in values, by their field. No value has a field of one of these names that is something else.
_PARTS: dict[str, type[_Value]] = {"exec": Exec, "httpGet": HttpGet, "tcpSocket": TcpSocket, "grpc": Grpc}
