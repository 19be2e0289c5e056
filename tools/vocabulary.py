"""Check that every construct speaks one language: `grant_*` for rights, `create_*` for resources.

A reader who wants to know who may use a resource then searches for one word. Exit code 1 where a name breaks the rule.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
CONSTRUCTS: Final = ROOT / "constructs"
PREFIXES: Final = ("create_", "grant_")
REFUSED: Final = ("accept", "admit", "allow", "permit", "statements_for")
"""Other ways of saying `grant`; refused in public and private names alike."""
OTHER_METHODS: Final[Mapping[str, str]] = {
    "Account.arn": "a name in AWS's own form; nothing is created or granted",
    "Account.log_group_arn": "likewise",
    "AuroraCluster.master_secret_arn": "an attribute that is read late: only the provisioner asks for it",
    "DatabaseSecret.reference": "how a container definition names a field of the secret",
    "FargateTenant.database_connection": "an attribute, put together from the secret's",
    "KeyPolicy.administered": "a statement of the key's own policy, which has no grantee",
    "KeyPolicy.deployer_encrypts_table": "likewise",
    "KeyPolicy.deployer_encrypts_vault": "likewise",
    "KeyPolicy.deployer_may": "likewise",
    "KeyPolicy.deployer_reads_environment_of": "likewise",
    "KeyPolicy.logs_encrypts": "likewise",
    "KeyPolicy.services_may_create_grants": "likewise",
    "WorkloadRole.add_to_policy": "the other side of every grant (policies/grantee.py)",
}
"""Public methods with another name, each with its reason."""


def violations(sources: Mapping[str, str], allowed: Mapping[str, str] = OTHER_METHODS) -> Iterator[str]:
    """Yield one line for each name that breaks the rule, and for each allowed name that no class has.

    Args:
        sources: Python source by file name.
        allowed: public methods, as `Class.method`, that may have another name.
    """
    found = set()
    for file, source in sources.items():
        tree = ast.parse(source)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name.lstrip("_").startswith(REFUSED):
                yield f"{file}:{node.lineno}: received '{node.name}', expected a name that begins with 'grant_'"
        for name, line in _public_methods(tree):
            found.add(name)
            if name not in allowed and not name.split(".")[1].startswith((*PREFIXES, *REFUSED)):
                yield (
                    f"{file}:{line}: received the public method '{name}', expected 'grant_*', 'create_*' or a "
                    "private name"
                )
    yield from (
        f"tools/vocabulary.py: received '{name}' as an exception, expected a method that exists"
        for name in sorted(allowed.keys() - found)
    )


def _public_methods(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield each public method of the module's classes as `Class.method`, with its line."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            for member in node.body:
                if isinstance(member, ast.FunctionDef) and not member.name.startswith("_"):
                    yield f"{node.name}.{member.name}", member.lineno


def main() -> int:
    """Print the violations in `constructs/`; return the exit code."""
    sources = {
        path.relative_to(ROOT).as_posix(): path.read_text() for path in sorted(CONSTRUCTS.rglob("*.py"))
    }
    lines = list(violations(sources))
    print("\n".join(lines), file=sys.stderr, end="\n" if lines else "")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
