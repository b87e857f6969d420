"""Labels the pods with the team that owns them. README.md explains the config."""

from dataclasses import dataclass

from wellhead_plugin import Pipeline, Rejection, transformer


@dataclass
class Config:
    """What an operator configures; `config.schema.json` says the same."""

    #: Name of the team.
    team: str


def transform(pipeline: Pipeline, config: Config) -> None:
    if not config.team:
        raise Rejection(
            "the team has no name", path="config.team", hint="write the name of the team"
        )
    pipeline.because("each pod names its team")
    pipeline.set_pod_label("team", config.team)


Describe, Transform = transformer(transform, Config, writes=["podLabels.team"])
