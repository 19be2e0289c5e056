"""The mechanical rename from `cdktf` to `cdktn`: names of packages and the command, and nothing that Terraform sees.

What keeps its name: the variables `CDKTF_*`, which cdktn 0.24.0 reads as they are, the folder `cdktf.out` and the file
`cdktf.json`, which are settings, and the value of the tag `ManagedBy`, which resources have.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

RULES: Final = (
    (r"\bcdktf_cdktf_provider_aws\b", "cdktn_provider_aws"),
    (r"\bcdktf-cdktf-provider-aws\b", "cdktn-provider-aws"),
    (r"\b(from|import) cdktf\b", r"\1 cdktn"),
    (r'"@cdktf"', '"@cdktn"'),
    (r'"cdktf"', '"cdktn"'),
    (r'"cdktf-cli"', '"cdktn-cli"'),
    (r"(?m)^( +)cdktf$", r"\1cdktn"),
    (r"(?m)^cdktf( =)", r"cdktn\1"),
)
"""Patterns of what is renamed in text, and what each becomes, in order."""
RENAMED: Final = frozenset({".cjs", ".py", ".toml"})
"""Suffixes of the files that the rename reads."""
NAMED: Final = frozenset({".importlinter", "Pipfile", "package.json"})
"""And names of others."""
_RULES: Final = tuple((re.compile(pattern), replacement) for pattern, replacement in RULES)


def renamed(text: str) -> str:
    """Return `text` with the successor's names; text that has them already stays as it is."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


def rename(folder: Path) -> int:
    """Rename in every file below `folder` that imports or pins a package, and return how many files changed.

    Links are not followed: what they lead to is not part of the copy.
    """
    changed = 0
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        if path.suffix not in RENAMED and path.name not in NAMED:
            continue
        before = path.read_text(encoding="utf-8")
        after = renamed(before)
        if after != before:
            path.write_text(after, encoding="utf-8")
            changed += 1
    return changed
