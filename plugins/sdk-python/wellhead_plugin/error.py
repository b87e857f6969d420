"""Rejections, failed edits, and what the host is told about any other exception."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

_SDK = str(Path(__file__).parent)
_DEFECT = "this is a defect of the plugin; tell its author"


class Rejection(Exception):
    """Why a plugin refuses to do its work. Raised, it ends the plugin; nothing that it edited is kept.

    `message` says what is wrong, in one sentence, to the person who wrote the pipeline or the config;
    `path` names the field that is the reason, e.g. `config.team`; `hint` says what to change. `code` is the
    plugin's own name for the reason, e.g. `unknown-tier`, which stays the same when the sentence changes: 1 to
    64 lowercase letters, digits and single `-`, beginning with a letter. `arguments` are what the sentence was
    filled with, so that it can be said in another language; `link` is a page that tells more, an `https` URL.
    """

    def __init__(
        self,
        message: str,
        *,
        path: str | None = None,
        hint: str | None = None,
        code: str | None = None,
        arguments: Mapping[str, str] | None = None,
        link: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.hint = hint
        self.code = code
        self.arguments = dict(arguments or {})
        self.link = link


class EditError(Exception):
    """Why an edit did not happen. Nothing is changed in any of these cases. Uncaught, it becomes the
    rejection of the plugin, in its own words.

    `kind` is `denied`, `conflict`, `invalid`, `not-found`, `read-only` or `over-limit`; `denied`,
    `conflict` and `over-limit` end the run even when they are caught: they are decisions of the operator.
    """

    def __init__(self, kind: str, message: str, path: str, hint: str | None) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.path = path
        self.hint = hint

    @staticmethod
    def _raised(call: Callable[..., Any], *args: Any) -> Any:
        """Calls a function of the contract that can fail."""
        try:
            return call(*args)
        except Exception as error:
            failed = EditError._of(error)
            if failed is None:
                raise
            raise failed from None

    @staticmethod
    def _of(error: Exception) -> EditError | None:
        """Of what the generated code raises: `Err(EditError_NotFound(EditFailure(...)))`."""
        variant = getattr(error, "value", None)
        _, found, case = type(variant).__name__.partition("EditError_")
        if not found:
            return None
        kind = re.sub(r"(?<!^)(?=[A-Z])", "-", case).lower()
        failure = variant.value
        return EditError(kind, failure.message, failure.path, failure.hint)


def reason(error: BaseException) -> Rejection:
    """What the host is told about an exception."""
    if isinstance(error, EditError):
        error = Rejection(error.message, path=error.path, hint=error.hint)
    if isinstance(error, Rejection):
        return Rejection(
            unicode(error.message),
            path=_optional(error.path),
            hint=_optional(error.hint),
            code=_optional(error.code),
            arguments={unicode(key): unicode(value) for key, value in error.arguments.items()},
            link=_optional(error.link),
        )
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    at = _place(error)
    return Rejection(unicode(said if at is None else f"{said} ({at})"), hint=_DEFECT)


def _place(error: BaseException) -> str | None:
    """`plugin.py:12`, the innermost line that is neither the SDK's nor of Python's library."""
    mine = [
        frame
        for frame in _frames(error)
        if not frame[0].startswith((_SDK, "<")) and "/lib/python" not in frame[0] and frame[0].endswith(".py")
    ]
    return f"{Path(mine[-1][0]).name}:{mine[-1][1]}" if mine else None


def _frames(error: BaseException) -> list[tuple[str, int, str]]:
    # Not by `extract_tb`, which looks for the sources: a component has no files.
    walked = traceback.walk_tb(error.__traceback__)
    return [(frame.f_code.co_filename, line, frame.f_code.co_name) for frame, line in walked]


def trace(error: BaseException) -> str:
    """The exception and its lines, the innermost first."""
    lines = [f"  at {name} ({file}:{line})" for file, line, name in reversed(_frames(error))]
    return unicode("\n".join([f"{type(error).__name__}: {error}", *lines]))


def _optional(value: Any) -> str | None:
    return None if value is None else unicode(value)


def unicode(value: Any) -> str:
    """The text; halves of characters, which cannot cross, become `?`."""
    return str(value).encode("utf-8", "replace").decode("utf-8")
