"""Copies of the working tree in which modules are changed, and the tests that are run there."""

from __future__ import annotations

import json
import selectors
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final

ROOT: Final = Path(__file__).resolve().parents[2]
COPIED: Final = (
    "bundling",
    "config",
    "constructs",
    "docs",
    "facts",
    "fleet",
    "lambda_src",
    "policies",
    "stacks",
    "synthesis",
    "tenancy",
    "tests",
    "tools",
)
FILES: Final = ("main.py", "pyproject.toml", "tenants.yaml")
LINKED: Final = (".venv", "build", "node_modules")
SECONDS: Final = 120
"""Of computing, after which a run of tests has noticed the mutant: it does not end."""
WAITING: Final = 3600
"""Seconds by the clock after which it has noticed as well: it waits for what does not come. On a busy machine a run may
take many times its computing and is no mutant's fault."""
RUNS: Final = 150
"""After which a process is replaced: Node.js keeps every construct that it was ever told of."""
WHOLE_STACKS: Final = "tests/unit/stacks"
NO_SNAPSHOTS: Final = ("-k", "not test_snapshot", f"--ignore={WHOLE_STACKS}/test_main.py")
"""Snapshots notice every change and say nothing about intent; commands notice none of these."""


class BrokenTestsError(Exception):
    """The tests fail without any mutant."""


class Tree:
    """A copy of the working tree with a process that runs its tests.

    Attributes:
        folder: the copy.
    """

    def __init__(self, folder: Path) -> None:
        """Copy the working tree to `folder`."""
        self.folder = folder
        self._process: subprocess.Popen[str] | None = None
        self._runs = 0
        self._failed = ""
        self._noticed: defaultdict[str, Counter[str]] = defaultdict(Counter)
        folder.mkdir(parents=True)
        unneeded = shutil.ignore_patterns("__pycache__")
        for name in COPIED:
            shutil.copytree(ROOT / name, folder / name, ignore=unneeded)
        for name in FILES:
            shutil.copy2(ROOT / name, folder / name)
        for name in LINKED:
            (folder / name).symlink_to((ROOT / name).resolve())

    def notices(self, file: str, source: str) -> bool:
        """Whether a test fails, or does not end, where `file` has the text `source`."""
        path = self.folder / file
        original = path.read_text()
        path.write_text(source)
        try:
            if not self._passes(*own_tests(file)):
                return True
            noticed = self._noticed[str(Path(file).parent)]
            if self._passes(*sorted(_of_whole_stacks(self.folder), key=lambda test: -noticed[test])):
                return False
            # The next mutant of this folder is likely noticed by the same tests.
            noticed[self._failed] += 1
            return True
        finally:
            path.write_text(original)

    def check(self, files: Sequence[str]) -> None:
        """Run the tests of each of `files`, and those of whole stacks, without a mutant.

        They would notice every mutant if they failed in this copy for another reason, such as a file that it lacks.

        Raises:
            BrokenTestsError: they fail.
        """
        for tests in (*map(own_tests, files), [WHOLE_STACKS]):
            if not self._passes(*tests):
                raise BrokenTestsError(
                    f"{' '.join(tests)}: received failing tests, expected tests that pass without a mutant"
                )

    def close(self) -> None:
        """End the process."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _passes(self, *tests: str) -> bool:
        if not tests:
            return True
        if self._process is None or self._runs >= RUNS:
            self._start()
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise RuntimeError("the process that runs the tests has no streams")
        self._runs += 1
        process.stdin.write(json.dumps({"tests": tests, "options": NO_SNAPSHOTS, "seconds": SECONDS}) + "\n")
        process.stdin.flush()
        line = _line(process.stdout)
        if not line:
            # It hangs, or the mutant ended it.
            self._failed = ""
            self.close()
            return False
        answer = json.loads(line)
        self._failed = str(answer["failed"])
        return bool(answer["code"] == 0)

    def _start(self) -> None:
        self.close()
        self._runs = 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tools.mutate.worker"],
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )


def own_tests(file: str, root: Path = ROOT) -> list[str]:
    """Return the test files of the module `file`.

    A part without tests of its own is tested with the modules that import it; none where these have none either.
    """
    path = Path(file)
    if (named := _named_tests(path, root)) is not None:
        return [named]
    wanted = f"from {path.with_suffix('').as_posix().replace('/', '.')} import "
    users = [
        user.relative_to(root)
        for user in sorted((root / path.parts[0]).rglob("*.py"))
        if wanted in user.read_text()
    ]
    return [tests for user in users if (tests := _named_tests(user, root)) is not None]


def _of_whole_stacks(folder: Path) -> list[str]:
    return sorted(test.relative_to(folder).as_posix() for test in (folder / WHOLE_STACKS).glob("test_*.py"))


def _named_tests(path: Path, root: Path) -> str | None:
    tests = Path("tests/unit") / path.parent / f"test_{path.name}"
    return tests.as_posix() if (root / tests).is_file() else None


def _line(stream: IO[str]) -> str:
    """Return the next line of `stream`, or nothing where none comes in time."""
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        return stream.readline() if selector.select(WAITING) else ""
