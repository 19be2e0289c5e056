"""What the engine is prepared with: which Node.js, which caches, and that nothing loads that nobody asked for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from synthesis.jsii import LAZY_INDEX, choose_node, preload
from tests.guards import GUARD_SECONDS

ROOT = Path(__file__).resolve().parents[3]
INDEX = """\
"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.vpc = exports.subnet = void 0;
exports.subnet = require("./subnet");
exports.vpc = require("./vpc");
"""


def javascript(code: str, folder: Path, **variables: str) -> str:
    """What Node.js prints, run in `folder` with the lazy index preloaded."""
    environment = {"PATH": os.environ["PATH"], **variables}
    preload(LAZY_INDEX, environment)
    command = [os.environ.get("JSII_NODE", "node"), "-e", code]
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=GUARD_SECONDS,
    ).stdout


@pytest.fixture
def provider(tmp_path: Path) -> Path:
    """A folder with a provider of two modules that say when they load."""
    lib = tmp_path / "node_modules" / "@cdktf" / "provider-aws" / "lib"
    for name in ("subnet", "vpc"):
        (lib / name).mkdir(parents=True)
        (lib / name / "index.js").write_text(f'console.log("{name} loads"); exports.name = "{name}";\n')
    (lib / "index.js").write_text(INDEX)
    return tmp_path


def test_the_index_loads_what_is_asked_for_and_that_once(provider: Path) -> None:
    code = 'const aws = require("@cdktf/provider-aws/lib/index.js"); aws.vpc; console.log(aws.vpc.name)'
    assert javascript(code, provider).splitlines() == ["vpc loads", "vpc"]


def test_the_lazy_index_has_the_names_of_the_eager_one(provider: Path) -> None:
    code = (
        'const aws = require("@cdktf/provider-aws/lib/index.js"); console.log(Object.keys(aws).sort().join())'
    )
    eager = javascript(code, provider, EAGER_BINDINGS="1").splitlines()
    assert eager == ["subnet loads", "vpc loads", "subnet,vpc"]
    assert javascript(code, provider).splitlines() == ["subnet,vpc"]


def test_an_index_of_another_form_loads_as_published(provider: Path) -> None:
    index = provider / "node_modules" / "@cdktf" / "provider-aws" / "lib" / "index.js"
    index.write_text('module.exports = { subnet: require("./subnet"), vpc: require("./vpc") };\n')
    code = 'console.log(require("@cdktf/provider-aws/lib/index.js").vpc.name)'
    assert javascript(code, provider).splitlines() == ["subnet loads", "vpc loads", "vpc"]


def test_an_index_of_another_package_is_left_alone(provider: Path) -> None:
    other = provider / "node_modules" / "@cdktf" / "provider-null"
    shutil.copytree(provider / "node_modules" / "@cdktf" / "provider-aws", other)
    code = 'require("@cdktf/provider-null/lib/index.js")'
    assert javascript(code, provider).splitlines() == ["subnet loads", "vpc loads"]


def test_a_script_is_preloaded_from_any_folder_beside_what_is_there_already(tmp_path: Path) -> None:
    folder = tmp_path / 'a "b" \\c'
    folder.mkdir()
    for name in ("first", "second"):
        (folder / f"{name}.cjs").write_text(f'console.log("{name}");\n')
    environment = {"PATH": os.environ["PATH"]}
    for name in ("first", "second", "second"):
        preload(folder / f"{name}.cjs", environment)
    command = [os.environ.get("JSII_NODE", "node"), "-e", ""]
    output = subprocess.check_output(command, env=environment, text=True, timeout=GUARD_SECONDS)
    assert output.splitlines() == ["first", "second"]


def test_a_node_and_a_cache_that_are_chosen_already_stay() -> None:
    chosen = {"JSII_NODE": "another/node", "JSII_RUNTIME_PACKAGE_CACHE": "disabled"}
    environment = dict(chosen)
    choose_node(environment)
    assert environment == chosen


def test_a_synthesis_loads_few_bindings_in_python_and_in_node(tmp_path: Path) -> None:
    """The whole app, and how many of the provider's 2,100 modules each side has when it ends."""
    count = tmp_path / "count.cjs"
    count.write_text(
        "process.on('exit', () => { const loaded = Object.keys(require.cache).filter("
        f"name => name.includes('provider-aws')).length; if (loaded) require('fs').writeFileSync("
        f"'{tmp_path}/loaded', String(loaded)); }});\n"
    )
    code = (
        "import main, sys; assert main.main() == 0; "
        "print(sum(name.startswith('cdktf_cdktf_provider_aws.') for name in sys.modules), "
        "hasattr(sys.modules['cdktf_cdktf_provider_aws'], '__all__'))"
    )
    # Nothing is loaded for stacks that an earlier synthesis has kept.
    wanted = {"CDKTF_OUTDIR": str(tmp_path / "out"), "SYNTH_CACHE": "off"}
    environment = {**os.environ, **wanted, "NODE_OPTIONS": f"--require {count}"}
    output = subprocess.check_output(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, text=True, timeout=GUARD_SECONDS
    )
    in_python, package_ran = output.split()
    assert int(in_python) < 200
    assert package_ran == "False"
    assert int((tmp_path / "loaded").read_text()) < 200
