"""A path may have a slice of an array in it: `$.waves[1:]`.

MiniStack finds nothing there.

AWS: Step Functions developer guide,
https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html (a path is in the syntax of
JsonPath, https://github.com/json-path/JsonPath: `[start:]`, `[:end]` and `[start:end]`, from the end where negative;
the result is an array).
"""

from __future__ import annotations

import re
from typing import Any, Final

from emulator.shims._patching import Handler, service, wrap

SLICE: Final = re.compile(r"\[(-?\d*):(-?\d*)\]")


def apply() -> None:
    """Resolve the slices of a path."""
    wrap(service("services.stepfunctions"), "_resolve_path", resolve)


def resolve(original: Handler, path: str, data: Any) -> Any:  # noqa: ANN401
    """Return what a path finds in `data`."""
    found = SLICE.search(path or "")
    if not found or not path.startswith("$"):
        return original(path, data)
    array = original(path[: found.start()], data)
    if not isinstance(array, list):
        return None
    start, end = (int(bound) if bound else None for bound in found.groups())
    rest = path[found.end() :]
    values = (resolve(original, f"${rest}", one) if rest else one for one in array[start:end])
    return [value for value in values if value is not None] if rest else list(values)
