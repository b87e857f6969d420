"""Makes a component of a module: `python -m wellhead_plugin.build plugin my-plugin.wasm`."""

from __future__ import annotations

import importlib
import subprocess
import sys
import sysconfig
from pathlib import Path

#: Worlds of the contract, by the classes of a module beside `Describe`.
_WORLDS = {
    ("Transform",): "transformer",
    ("Validate",): "validator",
    ("Transform", "Validate"): "plugin",
}


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print("usage: python -m wellhead_plugin.build MODULE COMPONENT", file=sys.stderr)
        return 2
    module, component = arguments
    sys.path.insert(0, ".")
    classes = tuple(it for it in ("Transform", "Validate") if hasattr(importlib.import_module(module), it))
    if classes not in _WORLDS:
        print(f"error: {module} has neither a class `Transform` nor `Validate`", file=sys.stderr)
        return 1
    return _componentize(module, component, _WORLDS[classes])


def _componentize(module: str, component: str, world: str) -> int:
    command = [
        Path(sys.executable).with_name("componentize-py"),
        *("-q", "-d", Path(__file__).parent / "wit", "-w", world),
        # Without the system interface: a component imports nothing but the contract.
        *("componentize", "--stub-wasi", module, "-o", component),
        *("-p", ".", "-p", sysconfig.get_path("purelib")),
    ]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    # What follows is where in componentize-py the plugin's own exception came up.
    print(done.stderr.partition("\nCaused by:")[0].strip(), end="", file=sys.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
