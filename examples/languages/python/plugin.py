"""The example of `examples/languages` in Python. The README.md there says what it does."""

from collections.abc import Iterable
from typing import TypedDict

from edits import Edit, make_edit
from image import mirrored
from wellhead_plugin import Finding, Pipeline, Rejection, context, log, plugin


class Config(TypedDict, total=False):
    """The config, as it is: a field that is `None` is there, and differs from one that is left out."""

    mirrors: dict[str, str]
    storageClasses: dict[str, str | None]
    defaultStorageClass: str | None
    replicas: dict[str, int]
    labels: dict[str, str | None]
    contact: str
    edits: list[Edit]
    mostReplicas: int


def transform(pipeline: Pipeline, config: Config) -> None:
    refuse_unknown_claims(pipeline, config)
    refuse_uncovered_claims(pipeline, config)
    chosen = choose_replicas(pipeline, config)

    mirror_images(pipeline, config)
    set_storage_classes(pipeline, config)
    if chosen is not None:
        environment, replicas = chosen
        pipeline.because(f"the environment is `{environment}`")
        pipeline.set_replicas(replicas)
    set_labels(pipeline, config)
    if "contact" in config:
        pipeline.because(f"questions go to {config['contact']}")
        pipeline.set_annotation("contact", config["contact"])
    for edit in config.get("edits", []):
        make_edit(pipeline, edit)
    log.info("done")


def validate(pipeline: Pipeline, config: Config) -> Iterable[Finding]:
    if "mostReplicas" not in config:
        return
    # JSON does not tell 3 from 3.0.
    replicas, most = pipeline.replicas(), int(config["mostReplicas"])
    if replicas > most:
        yield Finding(
            "error",
            f"{replicas} replicas are more than {most}",
            code="too-many-replicas",
            arguments={"replicas": str(replicas), "most": str(most)},
            path="replicas",
            hint="lower the number, or ask the platform team for more",
            link="https://platform.example.com/replicas",
        )
    by = context.set_by("replicas")
    if by is not None:
        base = context.base("replicas")
        base = "none" if base is None else str(base)
        yield Finding(
            "warning",
            f"`{by}` set the replicas; the base has {base}",
            code="replicas-changed",
            arguments={"by": by, "base": base},
            path="replicas",
        )


def refuse_unknown_claims(pipeline: Pipeline, config: Config) -> None:
    """Refuses names of claims that are not there: most often one is misspelt, and its claim would get
    another class without anybody noticing."""
    claims = pipeline.claim_names()
    unknown = sorted(set(config.get("storageClasses", {})) - set(claims))
    if unknown:
        known = f"write one of {listed(claims)}" if claims else "remove the names: the pipeline has no claims"
        raise Rejection(
            f"the config names claims that the pipeline does not have: {listed(unknown)}",
            code="unknown-claims",
            arguments={"claims": listed(unknown)},
            path="config.storageClasses",
            hint=known,
        )


def refuse_uncovered_claims(pipeline: Pipeline, config: Config) -> None:
    """Refuses claims whose class nobody decided."""
    if "storageClasses" not in config or "defaultStorageClass" in config:
        return
    uncovered = [it for it in pipeline.claim_names() if it not in config["storageClasses"]]
    if uncovered:
        raise Rejection(
            f"no storage class is set for these claims: {listed(uncovered)}",
            code="uncovered-claims",
            arguments={"claims": listed(uncovered)},
            path=f"claims.{uncovered[0]}",
            hint="add them to `storageClasses`, or set `defaultStorageClass`",
        )


def choose_replicas(pipeline: Pipeline, config: Config) -> tuple[str, int] | None:
    """The pipeline's environment and its number of replicas, if the config has such numbers."""
    if "replicas" not in config:
        return None
    replicas = config["replicas"]
    known = listed(sorted(replicas))
    environment = pipeline.labels().get("environment")
    if environment is None:
        raise Rejection(
            "the pipeline does not say its environment",
            code="no-environment",
            path="labels.environment",
            hint=f"add the label `environment`: one of {known}",
        )
    if environment not in replicas:
        raise Rejection(
            f"no replicas are set for the environment `{environment}`",
            code="unknown-environment",
            arguments={"environment": environment},
            path="config.replicas",
            hint=f"add it, or change the label to one of {known}",
        )
    return environment, replicas[environment]


def mirror_images(pipeline: Pipeline, config: Config) -> None:
    mirrors = config.get("mirrors")
    if not mirrors:
        return
    for container in pipeline.all_containers():
        image = container.image()
        found = mirrored(image, mirrors)
        if found is None:
            log.warn(f"no mirror covers `{image}` of container `{container.name()}`")
        else:
            prefix, at_mirror = found
            pipeline.because(f"images of `{prefix}` come from a mirror")
            container.set_image(at_mirror)


def set_storage_classes(pipeline: Pipeline, config: Config) -> None:
    classes = config.get("storageClasses", {})
    for claim in pipeline.claims():
        name = claim.name()
        if name in classes:
            pipeline.because(f"`storageClasses` names the claim `{name}`")
            claim.set_storage_class(classes[name])
        elif "defaultStorageClass" in config:
            pipeline.because("the default storage class")
            claim.set_storage_class(config["defaultStorageClass"])


def set_labels(pipeline: Pipeline, config: Config) -> None:
    if "labels" not in config:
        return
    pipeline.because("labels of the platform")
    # Python orders texts by code point, as the other languages do.
    for key, value in sorted(config["labels"].items(), key=lambda item: item[0]):
        if value is None:
            pipeline.remove_label(key)
            pipeline.remove_pod_label(key)
        else:
            pipeline.set_label(key, value)
            pipeline.set_pod_label(key, value)


def listed(names: Iterable[str]) -> str:
    """Names in backticks."""
    return ", ".join(f"`{name}`" for name in names)


Describe, Transform, Validate = plugin(
    transform,
    validate,
    writes=[
        "containers.*.image",
        "initContainers.*.image",
        "claims.*.storageClass",
        "replicas",
        "labels.*",
        "podLabels.*",
        "annotations.contact",
    ],
    facts=["storageClasses"],
    min_host="0.1.0",
)
