"""Does wrong what its config says."""

import random
import sys
import time
from typing import Any

from wellhead_plugin import Pipeline, transformer


def name_of(owner: Any) -> str:
    return owner.name


def recurse(depth: int) -> int:
    return recurse(depth + 1) + 1


def large(pipeline: Pipeline) -> None:
    pipeline.set_replicas(4000000000)


def handles(pipeline: Pipeline) -> None:
    for _ in range(1100):
        pipeline.main_container().name()
    pipeline.set_pod_label("team", "done")


def late(_pipeline: Pipeline) -> None:
    import sqlite3  # noqa: F401


DEEDS = {
    "large": large,
    "text": lambda pipeline: pipeline.set_replicas("7"),
    "none": lambda pipeline: pipeline.main_container().set_image(None),
    "nan": lambda pipeline: pipeline.set_replicas(float("nan")),
    "half": lambda pipeline: pipeline.set_label("team", "\ud800"),
    "clock": lambda _pipeline: time.time(),
    "random": lambda _pipeline: random.random(),
    "files": lambda _pipeline: open("/etc/passwd"),
    "import": late,
    "exit": lambda _pipeline: sys.exit(3),
    "property": lambda _pipeline: name_of({}),
    "recursion": lambda _pipeline: recurse(0),
    "edit": lambda pipeline: pipeline.set_replicas(-1),
    "handles": handles,
    "print": lambda _pipeline: print("look at this", file=sys.stderr),
}


def transform(pipeline: Pipeline, config: dict[str, str]) -> None:
    DEEDS[config["team"]](pipeline)


Describe, Transform = transformer(transform, writes=["replicas", "labels.*", "podLabels.*"])
