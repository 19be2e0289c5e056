"""Requests with a client token: the same token gives the same answer and makes nothing again."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from emulator.shims._patching import part, service, wrap


class Answers:
    """The answers of one service to requests with a client token, per account and region.

    Args:
        module: The service's module, whose `reset` forgets them.
    """

    def __init__(self, module: ModuleType) -> None:
        self._answers = part(service("core.responses"), "AccountRegionScopedDict")()

        def reset(original: Any) -> Any:  # noqa: ANN401
            self._answers._data.clear()  # noqa: SLF001 - `clear` would keep other accounts' answers
            return original()

        wrap(module, "reset", reset)

    def once(
        self,
        token: str,
        request: object,
        carry_out: Callable[[], Any],
        mismatch: Callable[[], Any],
    ) -> Any:  # noqa: ANN401
        """Carry a request out, or return what it was answered before.

        Args:
            token: Identifies the request: the client token with whatever it is unique in.
            request: All that the request asks for.
            carry_out: Gives the answer, which is forgotten unless it is a success.
            mismatch: Gives the answer to another request with the same token.
        """
        if token in self._answers:
            known, answer = self._answers[token]
            return answer if known == request else mismatch()
        answer = carry_out()
        if answer[0] < 300:  # noqa: PLR2004 - HTTP status
            self._answers[token] = (request, answer)
        return answer
