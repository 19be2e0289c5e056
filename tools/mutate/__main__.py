"""Changes the constructs one argument at a time, runs their tests, and lists the changes that no test notices.

    python -m tools.mutate [--only constructs/common/vpc.py ...] [--list] [--workers 2]

Exit code 0 where every mutant that lives has a written reason, 1 where one has none or a reason names no mutant, 2
where the tests fail by themselves or the arguments cannot be used.
"""

from __future__ import annotations

import argparse
import os
import queue
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import Final

from progress.showing import working
from tools.mutate.mutants import Mutant, mutants
from tools.mutate.survivors import FILE, SurvivorsError, accepted, unmatched
from tools.mutate.trees import ROOT, BrokenTestsError, Tree

FOLDERS: Final = ("constructs", "policies", "stacks")


def modules() -> list[str]:
    """Return every module that is mutated."""
    return [
        path.relative_to(ROOT).as_posix()
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path.name != "__init__.py"
    ]


def run(files: list[str], workers: int) -> dict[str, list[str]]:
    """Run the tests against every mutant of `files`; return the ids of those that live, by file.

    Raises:
        BrokenTestsError: tests fail without any mutant.
    """
    made = [(file, mutant) for file in files for mutant in mutants((ROOT / file).read_text())]
    alive: dict[str, list[str]] = {file: [] for file in files}
    trees: queue.SimpleQueue[Tree] = queue.SimpleQueue()
    with tempfile.TemporaryDirectory(prefix="mutate-") as folder:
        created = [Tree(Path(folder) / str(number)) for number in range(workers)]
        try:
            created[0].check(files)
            for tree in created:
                trees.put(tree)

            def judge(entry: tuple[str, Mutant]) -> tuple[str, Mutant, bool]:
                tree = trees.get()
                try:
                    return (*entry, tree.notices(entry[0], entry[1].source))
                finally:
                    trees.put(tree)

            with ThreadPoolExecutor(workers) as pool, working("trying mutants", total=len(made)) as work:
                judged = groupby(pool.map(judge, made), key=lambda entry: entry[0])
                for number, (file, entries) in enumerate(judged, start=1):
                    verdicts = []
                    for _, mutant, noticed in entries:
                        verdicts.append((mutant.id, noticed))
                        work.step()
                    alive[file] = [id_ for id_, noticed in verdicts if not noticed]
                    for id_ in alive[file]:
                        work.say(f"lives   {file}  {id_}")
                    work.say(f"{number}/{len(files)}  {file}: {len(verdicts)} mutants", sys.stderr)
        finally:
            for tree in created:
                tree.close()
    print(f"{len(made)} mutants of {len(files)} modules, {sum(map(len, alive.values()))} live")
    return alive


def main() -> int:
    """Read the arguments, report, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutate", description="Mutate the constructs.")
    parser.add_argument("--only", nargs="+", metavar="FILE", help="modules, relative to the repository")
    parser.add_argument("--list", action="store_true", help="list the mutants and run nothing")
    parser.add_argument("--workers", type=int, default=int(os.environ.get("WORKERS", os.cpu_count() or 1)))
    arguments = parser.parse_args()
    known = modules()
    files: list[str] = arguments.only or known
    for file in sorted(set(files) - set(known)):
        print(
            f"--only: received {file!r}, expected a module of {', '.join(FOLDERS[:-1])} or {FOLDERS[-1]}",
            file=sys.stderr,
        )
        return 2
    ids = {file: {mutant.id for mutant in mutants((ROOT / file).read_text())} for file in files}
    if arguments.list:
        for file, found in ids.items():
            print("\n".join(f"{file}  {id_}" for id_ in sorted(found)))
        return 0
    try:
        reasons = accepted(FILE.read_text())
        alive = run(files, max(1, arguments.workers))
    except (BrokenTestsError, SurvivorsError) as error:
        print(error, file=sys.stderr)
        return 2
    unexplained = [
        (file, id_) for file, found in alive.items() for id_ in found if (file, id_) not in reasons
    ]
    gone = unmatched(reasons, ids)
    killed = [key for key in reasons if key[0] in alive and key[1] not in alive[key[0]] and key not in gone]
    for title, entries in (
        ("lives without a reason", unexplained),
        ("has a reason and is no mutant any more", gone),
        ("has a reason and is noticed by a test", killed),
    ):
        for file, id_ in entries:
            print(f"{title}: {file}  {id_}")
    return 1 if unexplained or gone or killed else 0


if __name__ == "__main__":
    sys.exit(main())
