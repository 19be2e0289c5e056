"""Mutants of one module: source in, changed sources out. Nothing is read and nothing is run."""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

INVERSE: Final = {"Allow": "Deny", "Deny": "Allow"}
COMPARISONS: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
TEXTS: Final = ("description", "summary")
"""Arguments that people alone read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One change of a module.

    Attributes:
        id: where the change is (class, method, call, argument) and what it does. It names no line, so that it stays
            the same when code around it moves; a second change of the same name ends in `#2`.
        source: of the whole module, changed.
    """

    id: str
    source: str


@dataclass(frozen=True, slots=True)
class _Change:
    place: str
    effect: str
    apply: Callable[[], None]
    undo: Callable[[], None]


def mutants(source: str) -> list[Mutant]:
    """Return every mutant of the module `source`, in the order of the code.

    Raises:
        SyntaxError: `source` is no Python.
    """
    tree = ast.parse(source)
    found: list[Mutant] = []
    seen: Counter[str] = Counter()
    for change in _changes(tree, ""):
        change.apply()
        changed = ast.unparse(tree)
        change.undo()
        name = f"{change.place}: {change.effect}"
        seen[name] += 1
        id_ = name if seen[name] == 1 else f"{name} #{seen[name]}"
        found.append(Mutant(id=id_, source=changed))
    return found


def _changes(node: ast.AST, place: str) -> Iterator[_Change]:
    """Yield the changes of what is below `node`, which is at `place`."""
    if isinstance(node, ast.Dict):
        yield from (_without_entry(node, index, place) for index in range(len(node.keys)))
    for field, value in ast.iter_fields(node):
        if isinstance(value, list):
            yield from _changes_of_items(node, value, field, place)
        elif isinstance(value, ast.AST):
            yield from _changes_of_child(node, field, value, place)


def _changes_of_child(node: ast.AST, field: str, value: ast.AST, place: str) -> Iterator[_Change]:
    if field in {"annotation", "returns", "exc"} or _says_nothing_to_aws(node, value):
        return

    def put(new: ast.AST) -> None:
        setattr(node, field, new)

    inner = _inner(node, place)
    if field == "test" and isinstance(node, ast.If):
        yield from _negation(value, inner, put)
    yield from _replacements(value, inner, put)
    yield from _changes(value, inner)


def _changes_of_items(node: ast.AST, items: list[object], field: str, place: str) -> Iterator[_Change]:
    if field in {"decorator_list", "bases", "names"}:
        return
    for index, item in enumerate(items):
        if not isinstance(item, ast.AST) or isinstance(item, ast.Import | ast.ImportFrom | ast.Raise):
            continue
        if _is_docstring(item) or (field == "args" and _is_construct_id(node, index)):
            continue
        inner = _inner(item, _inner(node, place))
        if _may_go(node, field, item):
            yield _without(items, index, inner, item)

        def put(new: ast.AST, at: int = index) -> None:
            items[at] = new

        if field == "ifs":
            yield from _negation(item, inner, put)
        yield from _replacements(item, inner, put)
        yield from _changes(item, _inner(node, place))


def _without(items: list[object], index: int, place: str, item: ast.AST) -> _Change:
    """Return the change that leaves `item` out."""
    statement = isinstance(item, ast.stmt)

    def apply() -> None:
        if statement:
            items[index] = ast.Pass()
        else:
            del items[index]

    def undo() -> None:
        if statement:
            items[index] = item
        else:
            items.insert(index, item)

    text = "argument" if isinstance(item, ast.keyword) else _short(item)
    return _Change(place, f"without {text}", apply, undo)


def _without_entry(node: ast.Dict, index: int, place: str) -> _Change:
    """Return the change that leaves an entry of a dictionary out, or what is merged into it."""
    key, value = node.keys[index], node.values[index]

    def apply() -> None:
        del node.keys[index], node.values[index]

    def undo() -> None:
        node.keys.insert(index, key)
        node.values.insert(index, value)

    return _Change(place, f"without entry {_short(key) if key else f'**{_short(value)}'}", apply, undo)


def _negation(test: ast.AST, place: str, put: Callable[[ast.AST], None]) -> Iterator[_Change]:
    """Yield the change that negates the condition `test`, where that is not one of its replacements already."""
    known = isinstance(test, ast.Compare) and len(test.ops) == 1 and type(test.ops[0]) in COMPARISONS
    if (
        not isinstance(test, ast.expr)
        or known
        or (isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not))
    ):
        return
    text = f"if {_short(test)} -> if not"
    yield _Change(place, text, lambda: put(ast.UnaryOp(ast.Not(), test)), lambda: put(test))


def _may_go(node: ast.AST, field: str, item: ast.AST) -> bool:
    """Whether code without `item` may still run, so that only a test would notice."""
    if isinstance(item, ast.keyword):
        # A plain value is changed instead of left out; without a name nothing can be created.
        return item.arg is not None and not isinstance(item.value, ast.Constant) and item.arg != "name"
    if isinstance(item, ast.Expr):
        return isinstance(item.value, ast.Call) and not _is_super(item.value)
    return field == "elts" and isinstance(node, ast.Tuple | ast.List) and isinstance(node.ctx, ast.Load)


def _replacements(value: ast.AST, place: str, put: Callable[[ast.AST], None]) -> Iterator[_Change]:
    """Yield the changes that put something else where `value` is."""
    for text, new in _alternatives(value):
        yield _Change(place, text, lambda new=new: put(new), lambda: put(value))  # type: ignore[misc]


def _alternatives(value: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    match value:
        case ast.Constant(value=bool() as flag):
            yield f"{flag} -> {not flag}", ast.Constant(not flag)
        case ast.Constant(value=int() as number):
            yield f"{number} -> {number + 1}", ast.Constant(number + 1)
        case ast.Constant(value=str() as text) if text:
            other = INVERSE.get(text, f"{text}x")
            yield f"{text!r} -> {other!r}", ast.Constant(other)
        case ast.JoinedStr(values=[*parts]) if parts:
            longer = copy.deepcopy(value)
            longer.values.append(ast.Constant("x"))
            yield f"{_short(value)} -> ...x", longer
        case ast.IfExp(body=body, orelse=orelse):
            yield f"{_short(value.test)} -> True", body
            yield f"{_short(value.test)} -> False", orelse
        case ast.BoolOp(values=[*operands]) if not _is_default(operands[-1]):
            for index, operand in enumerate(operands):
                rest = copy.deepcopy(value)
                del rest.values[index]
                smaller = rest if len(rest.values) > 1 else rest.values[0]
                yield f"{_short(value)} without {_short(operand)}", smaller
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield f"{_short(value)} -> {_short(operand)}", operand
        case ast.Compare(ops=[op]) if type(op) in COMPARISONS:
            inverse = copy.deepcopy(value)
            inverse.ops = [COMPARISONS[type(op)]()]
            yield f"{_short(value)} -> {_short(inverse)}", inverse


def _inner(node: ast.AST, place: str) -> str:
    """Return the place of what is in `node`: its class, method, call or argument is added."""
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
            return f"{place}.{name}" if place else name
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
            return f"{place}/{name}" if place.rsplit("/", 1)[-1] != name else place
        case ast.keyword(arg=str(name)):
            return f"{place}.{name}" if not place.endswith(f".{name}") else place
        case ast.Assign(targets=[ast.Name(id=name), *_]) | ast.AnnAssign(target=ast.Name(id=name)):
            return f"{place}.{name}" if place and not place.endswith(f".{name}") else place or name
        case _:
            return place


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 (one line of a report)


def _is_docstring(item: ast.AST) -> bool:
    return isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant)


def _says_nothing_to_aws(node: ast.AST, value: ast.AST) -> bool:
    """Whether `value` is a type, which nothing reads while the program runs, or a text for people."""
    if isinstance(node, ast.keyword):
        return node.arg in TEXTS and isinstance(value, ast.Constant | ast.JoinedStr)
    return isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Literal"


def _is_default(operand: ast.expr) -> bool:
    """Whether `x or operand` says what an empty x is written as, such as `None`."""
    return (isinstance(operand, ast.Constant) and not operand.value) or ast.unparse(operand) in {
        "()",
        "[]",
        "{}",
    }


def _is_super(call: ast.Call) -> bool:
    return ast.unparse(call.func).startswith("super(")


def _is_construct_id(node: ast.AST, index: int) -> bool:
    """Whether the argument is a construct's id, which makes its address: addresses are pinned for whole stacks."""
    return (
        isinstance(node, ast.Call)
        and index == 1
        and isinstance(node.args[0], ast.Name)
        and node.args[0].id in {"self", "scope"}
    )
