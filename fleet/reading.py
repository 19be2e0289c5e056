"""Many stacks are read one after the other, in several processes, and what is asked of each is all that is kept."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from typing import Final, TypeVar

from fleet.synthesized import SynthesizedStack, UnreadableStacksError, read_stack, stack_files

T = TypeVar("T")

SMALLEST_SHARE: Final = 200
"""Stacks below which a process costs more than it saves: it takes 0.2 s to start, and reads a stack in 1 ms."""


def each_stack(
    outdir: Path, answer: Callable[[SynthesizedStack], T], *, processes: int | None = None
) -> list[T]:
    """Return what `answer` says of each stack below `outdir`, in the order of the stacks' ids.

    Args:
        outdir: what was synthesized, such as `cdktf.out`.
        answer: a function of a module; where there are several processes, its results are pickled.
        processes: at most so many; `None` is one for each core.

    Raises:
        UnreadableStacksError: nothing was synthesized there.
    """
    files = tuple(stack_files(outdir).items())
    count = min(processes or _cores(), len(files) // SMALLEST_SHARE)
    if count < 2:  # noqa: PLR2004 (several processes)
        return _answers(files, answer)
    length = -(-len(files) // count)
    shares = [files[first : first + length] for first in range(0, len(files), length)]
    # Started afresh: a copy of a process that has threads may never run.
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        return list(chain.from_iterable(pool.map(partial(_answers, answer=answer), shares)))


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _answers(files: Sequence[tuple[str, Path]], answer: Callable[[SynthesizedStack], T]) -> list[T]:
    return [_answer(read_stack(name, file), file, answer) for name, file in files]


def _answer(stack: SynthesizedStack, file: Path, answer: Callable[[SynthesizedStack], T]) -> T:
    try:
        return answer(stack)
    # An argument of another type than a synthesis writes, such as a reference in place of a number.
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise UnreadableStacksError(f"{file}: expected resources as synthesized ({error})") from None


def tallied(amounts: Mapping[str, int]) -> str:
    """Return counts as text: `3 silos, 1 platform`."""
    return ", ".join(f"{count} {name}{'' if count == 1 else 's'}" for name, count in amounts.items())
