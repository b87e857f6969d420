"""Edits of any field, as the config lists them."""

from typing import Any, Literal, NotRequired, TypedDict

from wellhead_plugin import After, Before, Pipeline, Place, facts, log


class Edit(TypedDict):
    """An edit of any field."""

    #: What to do.
    edit: Literal["set", "remove", "append", "insert", "show", "fact"]
    #: Path of the field, or of the list; for `fact`, the name of the fact.
    path: str
    value: NotRequired[Any]
    #: Where `insert` puts it: `first`, `last`, `before PATH` or `after PATH`.
    at: NotRequired[str]


def make_edit(pipeline: Pipeline, edit: Edit) -> None:
    path, value = edit["path"], edit.get("value")
    pipeline.because(f"the platform edits `{path}`")
    match edit["edit"]:
        case "set":
            pipeline.set(path, value)
        case "remove":
            pipeline.remove(path)
        case "append":
            log.info(f"added `{pipeline.append(path, value)}`")
        case "insert":
            log.info(f"added `{pipeline.insert(path, value, place(edit.get('at', 'last')))}`")
        case "show":
            show(path, pipeline.get(path))
        case _:
            show(path, facts.get(path))


def show(path: str, value: Any) -> None:
    log.info(f"`{path}` is {'not set' if value is None else 'set'}")


def place(at: str) -> Place:
    side, _, path = at.partition(" ")
    if side == "before":
        return Before(path)
    if side == "after":
        return After(path)
    return "first" if at == "first" else "last"
