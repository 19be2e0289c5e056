"""Versions that text repeats: each is the one of `tenancy/versions.py`, or of the file that decides."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tenancy.versions import AWS_PROVIDER, FUNCTION_PYTHON, TERRAFORM_MINIMUM

ROOT = Path(__file__).resolve().parents[3]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PYTHON = (ROOT / ".python-version").read_text().strip()


def found(path: str, pattern: str) -> set[str]:
    """Every version that `pattern` captures in the file at `path`; at least one."""
    versions = set(re.findall(pattern, (ROOT / path).read_text()))
    assert versions, f"{path}: no {pattern}"
    return versions


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("README.md", r"Terraform (\d+\.\d+)\+"),
        ("CONTRIBUTING.md", r"Terraform (\d+\.\d+)\+"),
        ("Makefile", r"Terraform >= (\d+\.\d+)"),
        (".terraform-version", r"^(\d+\.\d+)\.\d+\n$"),
    ],
)
def test_text_names_the_least_terraform_that_the_stacks_accept(path: str, pattern: str) -> None:
    assert found(path, pattern) == {TERRAFORM_MINIMUM}


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("Pipfile", r"AWS provider (\d+\.\d+\.\d+)"),
        ("docs/operations.md", r"provider's version, (\d+\.\d+\.\d+)"),
        ("docs/decisions/0003-cdktf-today.md", r"AWS provider (\d+\.\d+\.\d+)"),
    ],
)
def test_text_names_the_aws_provider_that_the_bindings_bind(path: str, pattern: str) -> None:
    assert found(path, pattern) == {AWS_PROVIDER}


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("README.md", r"Python (\d+\.\d+)\+"),
        ("CONTRIBUTING.md", r"Python (\d+\.\d+)\+"),
        ("Makefile", r"Python (\d+\.\d+)\+"),
        ("Makefile", r"Python (\d+\.\d+) or newer"),
    ],
)
def test_text_names_the_least_python_of_the_project(path: str, pattern: str) -> None:
    assert found(path, pattern) == {PYTHON}


def test_the_tools_check_for_the_least_python_of_the_project() -> None:
    assert PYPROJECT["project"]["requires-python"] == f">={PYTHON}"
    assert PYPROJECT["tool"]["mypy"]["python_version"] == PYTHON
    assert PYPROJECT["tool"]["ruff"]["target-version"] == f"py{PYTHON.replace('.', '')}"


def test_text_names_the_python_of_the_functions() -> None:
    assert found("Pipfile", r"for Python (\d+\.\d+)") == {FUNCTION_PYTHON}
