"""Waivers: somebody accepts a finding at one address, for a reason and until a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from isolation.synthesized.input_error import InputError


@dataclass(frozen=True, slots=True)
class Waiver:
    """One finding at one address that is accepted.

    Attributes:
        finding: id of the finding, such as `ISO-101`.
        address: `stack/type.name` of what is wrong.
        reason: why it is accepted.
        owner: who answers for that.
        until: the last day on which it is accepted.
    """

    finding: str
    address: str
    reason: str
    owner: str
    until: date

    def __str__(self) -> str:
        """Return it for people."""
        return f"accepted by {self.owner} until {self.until.isoformat()}: {self.reason}"


class Waivers:
    """The waivers of one analysis, and which of them were needed."""

    def __init__(self, waivers: Iterable[Waiver] = ()) -> None:
        self._waivers = {(waiver.finding, waiver.address): waiver for waiver in waivers}
        self._used: set[tuple[str, str]] = set()

    def of(self, finding: str, address: str) -> Waiver | None:
        """Return the waiver of the finding `finding` at `address`; it counts as used."""
        found = self._waivers.get((finding, address))
        if found is not None:
            self._used.add((finding, address))
        return found

    def check_dates(self, today: date) -> None:
        """Check that none has run out.

        Raises:
            InputError: one has.
        """
        for waiver in self._waivers.values():
            if waiver.until < today:
                raise InputError(
                    f"waiver of {waiver.finding} at {waiver.address}",
                    f"until {waiver.until.isoformat()}, which is over",
                    f"{today.isoformat()} or later",
                )

    def check_used(self) -> None:
        """Check that each was needed.

        Raises:
            InputError: one was not: what it accepts is not found any more.
        """
        unused = sorted(set(self._waivers) - self._used)
        if unused:
            named = ", ".join(f"{finding} at {address}" for finding, address in unused)
            raise InputError(f"waivers: not used, remove them: {named}")
