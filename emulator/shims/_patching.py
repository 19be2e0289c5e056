"""How a shim takes hold of the emulator, and how it says that the emulator has changed."""

import functools
import importlib
import importlib.metadata
from collections.abc import Callable, MutableMapping
from types import ModuleType
from typing import Any

from emulator.patches import PatchError as ShimError

Handler = Callable[..., Any]


def service(name: str) -> ModuleType:
    """One of MiniStack's modules, by its name below the package (`services.ec2`)."""
    try:
        return importlib.import_module(f"ministack.{name}")
    except ImportError as error:
        raise _gone(f"module {name}") from error


def part(module: ModuleType, name: str) -> Any:  # noqa: ANN401 - what a module of another project holds
    """An attribute of a module, by name."""
    try:
        return getattr(module, name)
    except AttributeError as error:
        raise _gone(f"{module.__name__}.{name}") from error


def wrap(module: ModuleType, name: str, wrapper: Callable[..., Any]) -> None:
    """Replace a function by `wrapper(original, *arguments)`, wherever the module looks it up by name."""
    original = part(module, name)
    if not callable(original):
        raise _gone(f"{module.__name__}.{name} as a function")
    setattr(module, name, _bound(wrapper, original))


def wrap_action(module: ModuleType, actions: str, action: str, wrapper: Callable[..., Any]) -> None:
    """Replace an action's handler in a module's table of actions."""
    table: MutableMapping[str, Handler] = part(module, actions)
    if action not in table:
        raise _gone(f"{module.__name__}.{actions}[{action!r}]")
    table[action] = _bound(wrapper, table[action])


def _bound(wrapper: Callable[..., Any], original: Handler) -> Handler:
    return functools.wraps(original)(functools.partial(wrapper, original))


def _gone(what: str) -> ShimError:
    version = importlib.metadata.version("ministack")
    return ShimError(
        f"MiniStack {version} has no {what}, which a shim or refusal wraps: "
        "adapt it to this version, or remove it if its test shows that MiniStack has caught up"
    )
