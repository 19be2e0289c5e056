"""Which arguments the AWS provider replaces a resource for, and which of them have no order.

The provider's schema does not say the former. `python -m tools.replacement` had the provider plan a change of each
argument that the stacks use, one by one, and wrote what it answered: `facts/replacement.json`. What depends on the
value (a smaller volume, an engine's major version) is known for one change of value alone, and what is in none of the
two lists is not known.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

_FACTS: Final[Mapping[str, Any]] = json.loads(Path(__file__).with_name("replacement.json").read_text())

PROVIDER: Final[str] = _FACTS["provider"]
"""Version of the AWS provider that was asked."""
SETS: Final[frozenset[str]] = frozenset(_FACTS["sets"])
"""Paths of the arguments whose items have no order, with the resource's type in front."""
REPLACED: Final[Mapping[str, frozenset[str]]] = {
    kind: frozenset(paths["replace"]) for kind, paths in _FACTS["types"].items()
}
"""Paths of the arguments that a resource is replaced for, by its type."""
UPDATED: Final[Mapping[str, frozenset[str]]] = {
    kind: frozenset(paths["update"]) for kind, paths in _FACTS["types"].items()
}
"""Paths of the arguments that are changed in place, by the resource's type."""
