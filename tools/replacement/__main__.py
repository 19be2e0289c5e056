"""Write to `facts/replacement.json` which arguments the AWS provider replaces a resource for, as the provider says.

The provider's schema does not tell. So the provider is asked to plan: each argument that the stacks use is, in one
resource of its own, another one in the state than in the configuration. Nothing is deployed, and nobody is asked: the
plan does not refresh, and the provider's credentials are none.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tenancy.versions import AWS_PROVIDER
from terraform.runner import Terraform
from tools.compare.__main__ import ROOT
from tools.replacement.probes import NOT_ASKED, probes
from tools.replacement.question import Question
from tools.replacement.schema import sets_of

FACTS: Final = ROOT / "facts" / "replacement.json"


def rendered(answers: Mapping[str, Mapping[str, str]], sets: list[str]) -> str:
    """Return the facts as the repository has them: one line for each resource type."""
    lines = []
    for kind, paths in sorted(answers.items()):
        by = {
            word: sorted(path for path, said in paths.items() if said == word)
            for word in ("replace", "update")
        }
        lines.append(f"{json.dumps(kind)}: {json.dumps(by)}")
    types = ",\n".join(lines)
    return (
        f'{{"provider": "{AWS_PROVIDER}",\n"sets": {json.dumps(sorted(sets))},\n"types": {{\n{types}\n}}}}\n'
    )


def main() -> int:
    """Ask the provider, and write what it says."""
    asked = probes()
    with tempfile.TemporaryDirectory() as folder, Terraform({}) as terraform:
        question = Question(Path(folder), terraform)
        sets = [
            path
            for kind in {probe.type for probe in asked}
            for path in sets_of(question.schemas[kind]["block"], kind)
        ]
        answers: dict[str, dict[str, str]] = {kind: {} for kind in NOT_ASKED}
        answers |= question.answers(asked)
        FACTS.write_text(rendered(answers, sets))
    print(f"{FACTS.relative_to(ROOT)}: {len(asked)} arguments")
    return 0


if __name__ == "__main__":
    sys.exit(main())
