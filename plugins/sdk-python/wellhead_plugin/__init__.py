"""Write Wellhead plugins in Python.

A plugin is a module `plugin.py` beside a `pyproject.toml`, whose name, version and description are the
plugin's, and a `config.schema.json`, which the host checks the config against before the plugin runs:

    from dataclasses import dataclass

    from wellhead_plugin import Pipeline, transformer


    @dataclass
    class Config:
        team: str


    def transform(pipeline: Pipeline, config: Config) -> None:
        pipeline.because("each pod names its team")
        pipeline.set_pod_label("team", config.team)


    Describe, Transform = transformer(transform, Config, writes=["podLabels.team"])

The class `Pipeline` has all that a plugin reads and edits. A `Rejection` refuses the pipeline; so does
every other exception, with its line.
"""

from . import context, facts, log
from .error import EditError, Rejection
from .export import Finding, plugin, transformer, validator
from .kubernetes import Exec, Grpc, HttpGet, Probe, TcpSocket, Toleration
from .pipeline import (
    Claim,
    Container,
    ContainerPort,
    Json,
    Pipeline,
    Protocol,
    Service,
    ServicePort,
    VolumeMount,
)
from .place import After, Before, Place
from .quantity import Quantity
from .selector import LabelRequirement, LabelSelector, PipelineSelector

__all__ = [
    "After",
    "Before",
    "Claim",
    "Container",
    "ContainerPort",
    "EditError",
    "Exec",
    "Finding",
    "Grpc",
    "HttpGet",
    "Json",
    "LabelRequirement",
    "LabelSelector",
    "Pipeline",
    "PipelineSelector",
    "Place",
    "Probe",
    "Protocol",
    "Quantity",
    "Rejection",
    "Service",
    "ServicePort",
    "TcpSocket",
    "Toleration",
    "VolumeMount",
    "context",
    "facts",
    "log",
    "plugin",
    "transformer",
    "validator",
]
