"""The AWS provider, in a mirror on this machine."""

import contextlib
import os
import platform
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from terraform.versions import PROVIDER_VERSION

SEARCH_DEPTH = 5
# A bound on folders, not on time: a busy machine finds the same mirror as an idle one.
SEARCH_FOLDERS = 100_000
# Not worth a look: kernel file systems, temporary files, and folders in which provider copies are links.
SEARCH_SKIPS = frozenset(
    {"proc", "sys", "dev", "run", "tmp", "node_modules", ".git", ".terraform", ".venv", "build"}
)


def find_mirror(binary: str, *, version: str = PROVIDER_VERSION) -> Path | None:
    """Find a folder on this machine that holds this version of the AWS provider for this platform.

    Terraform's implied mirror folders come first, then a search of the file system that is bounded in
    depth and in the number of folders.

    Args:
        binary: `terraform` or `tofu`: each has a registry of its own, whose host names a folder.
        version: The provider's version.
    """
    host = "registry.opentofu.*" if binary == "tofu" else "registry.terraform.*"
    package = f"{host}/hashicorp/aws/{version}/{platform_name()}"
    for folder in [*_implied_mirrors(), *_folders(Path("/"))]:
        with contextlib.suppress(OSError):
            if next(folder.glob(package), None) is not None:
                return folder
    return None


def platform_name() -> str:
    """Name this machine as a provider package does (`linux_amd64`)."""
    machine = platform.machine().lower()
    architecture = {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)
    return f"{platform.system().lower()}_{architecture}"


def _implied_mirrors() -> list[Path]:
    """List where Terraform itself looks (its documentation: CLI configuration, implied local mirrors)."""
    home = Path.home()
    data_home = os.environ.get("XDG_DATA_HOME") or str(home / ".local" / "share")
    data_folders = (os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":")
    support = "Library/Application Support/io.terraform/plugins"
    return [
        home / ".terraform.d" / "plugins",
        home / support,
        Path("/") / support,
        *(Path(folder) / "terraform" / "plugins" for folder in [data_home, *data_folders]),
    ]


def _folders(top: Path) -> Iterator[Path]:
    """List the folders below `top` on its own file system, the nearest first, up to the bounds."""
    device = top.stat().st_dev
    waiting = deque([(top, 0)])
    seen = 0
    while waiting and seen < SEARCH_FOLDERS:
        folder, depth = waiting.popleft()
        seen += 1
        yield folder
        if depth == SEARCH_DEPTH:
            continue
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if (
                    entry.name not in SEARCH_SKIPS
                    and entry.is_dir(follow_symlinks=False)
                    and entry.stat(follow_symlinks=False).st_dev == device
                ):
                    waiting.append((Path(entry.path), depth + 1))
