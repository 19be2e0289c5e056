"""What an engine tells while it runs, in plain lines, which a log keeps."""

from __future__ import annotations

from collections.abc import Callable

from fleet.rollout.deciding import Bake, News, Start
from fleet.rollout.naming import tallied
from fleet.rollout.records import Record
from fleet.rollout.verdicts import WaveVerdict
from fleet.rollout.verdicts import described as described_verdict
from fleet.rollout.worker import described


class Progress:
    """Says a line for each wave that begins or is done, and for each stack that ends."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._begun: set[str] = set()

    def tell(self, what: News) -> None:
        """Say what happened, if it is worth a line."""
        match what:
            case Record():
                self._say(f"  {described(what)}")
            case WaveVerdict():
                for line in described_verdict(what).splitlines():
                    self._say(line)
            case Start(wave=wave) if wave.name not in self._begun:
                self._begun.add(wave.name)
                self._say(f"wave {wave.name}: {tallied(wave.stacks)}, {wave.tolerated} may fail")
            case Bake(wave=wave, until=until):
                self._say(f"wave {wave.name} is done; the next begins at {until:%H:%M:%S} UTC")
            case _:
                pass
