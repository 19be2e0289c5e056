"""Does a part of an analysis in a process of its own, where the machine has a core for it."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Generic, TypeVar

_Result = TypeVar("_Result")


class Beside(Generic[_Result]):
    """What `work` returns, computed while the caller goes on with something else.

    The process is forked, so that `work` sees all that the caller has, and nothing of that is copied; what it changes
    there, the caller does not see. Where there is one core alone, or no fork that is safe (other threads may hold
    locks, and macOS's libraries do not allow it), `work` is done when its result is asked for. The result is the same.
    """

    def __init__(self, work: Callable[[], _Result], *, worthwhile: bool) -> None:
        """Begin with `work` in a process of its own, if that is `worthwhile` and can be done."""
        self._work = work
        self._receiving: Connection | None = None
        if worthwhile and _can_fork():
            context = get_context("fork")
            self._receiving, sending = context.Pipe(duplex=False)
            self._process = context.Process(target=_send, args=(work, sending), daemon=True)
            self._process.start()
            sending.close()

    def result(self) -> _Result:
        """Wait for the result, and return it. Where the process ended without one, the work is done here."""
        if self._receiving is None:
            return self._work()
        with self._receiving:
            try:
                found: _Result = self._receiving.recv()
            except EOFError:
                found = self._work()
        self._process.join()
        return found


def _can_fork() -> bool:
    if sys.platform != "linux" or threading.active_count() > 1:
        return False
    return len(os.sched_getaffinity(0)) > 1


def _send(work: Callable[[], _Result], sending: Connection) -> None:
    try:
        sending.send(work())
    except Exception:  # noqa: BLE001 (the caller does the work and meets it again, where its message is of use)
        os._exit(1)
    sending.close()
