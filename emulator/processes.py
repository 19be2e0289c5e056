"""Processes by their id: whether one lives, and how one ends with all that it started."""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

STOP_SECONDS = 5.0
# A bound against hanging, for a machine that does much else.
KILLED_SECONDS = 120.0


def is_alive(pid: int) -> bool:
    """Tell whether a process with this id exists and is not a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with contextlib.suppress(OSError):
        # Only Linux has this file; elsewhere a zombie counts as alive.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return True


def stop_process_group(pid: int, process: subprocess.Popen[bytes] | None = None) -> None:
    """End the process group that `pid` leads: first with a request, then, after a bounded wait, by force."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None if process else not is_alive(pid):
            break
        time.sleep(0.02)
    # Whatever the server started and did not end itself.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    if process is not None:
        process.wait(timeout=KILLED_SECONDS)
