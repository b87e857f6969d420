"""Renders Wellhead's pipelines from Python.

The package installs the ``wellhead`` command beside this module::

    import wellhead

    objects = wellhead.render("pipelines", customizations=["storage.yaml"])
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
from typing import Any, Dict, List, Optional, Sequence, Union

__all__ = ["WellheadError", "find_wellhead_bin", "render"]

Path = Union[str, "os.PathLike[str]"]


class WellheadError(Exception):
    """The command ended with an error.

    ``diagnostics`` has what it says about each, as ``-o json`` prints them; ``exit_code`` is the command's.
    """

    def __init__(self, exit_code: int, diagnostics: List[Dict[str, Any]], text: str) -> None:
        super().__init__(text.strip() or f"wellhead ended with exit code {exit_code}")
        self.exit_code = exit_code
        self.diagnostics = diagnostics


def find_wellhead_bin() -> str:
    """Returns the path of the command that this package installed, else of the one on ``PATH``."""
    name = "wellhead" + (sysconfig.get_config_var("EXE") or "")
    schemes = ["", "nt_user" if os.name == "nt" else "posix_user"]
    for scheme in schemes:
        folder = sysconfig.get_path("scripts", scheme) if scheme else sysconfig.get_path("scripts")
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return path
    found = shutil.which(name)
    if found is None:
        raise FileNotFoundError(f"{name} is neither installed beside this package nor on PATH")
    return found


def render(
    *files: Path,
    customizations: Sequence[Path] = (),
    namespace: Optional[str] = None,
    arguments: Sequence[str] = (),
) -> List[Dict[str, Any]]:
    """Returns the objects of pipelines, as ``wellhead render -o json`` prints them.

    ``files`` are files and folders with pipelines; ``arguments`` are further options of ``wellhead render``.
    Raises ``WellheadError`` where the command does not end with 0.
    """
    command = [find_wellhead_bin(), "render", "--quiet", "-o", "json", *arguments]
    for file in files:
        command += ["-f", os.fspath(file)]
    for customization in customizations:
        command += ["-c", os.fspath(customization)]
    if namespace is not None:
        command += ["-n", namespace]
    ended = subprocess.run(command, capture_output=True, check=False)
    if ended.returncode != 0:
        try:
            diagnostics = json.loads(ended.stdout)["diagnostics"]
        except (ValueError, KeyError, TypeError):
            diagnostics = []
        raise WellheadError(ended.returncode, diagnostics, ended.stderr.decode("utf-8", "replace"))
    return json.loads(ended.stdout)["items"]
