"""A core that is kept busy, as on a machine with other work."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator

# It ends by itself when the test does, however that ends.
CODE = "import os, sys\nparent = int(sys.argv[1])\nwhile os.getppid() == parent:\n    sum(range(100_000))\n"


@contextlib.contextmanager
def busy_core() -> Iterator[None]:
    with subprocess.Popen([sys.executable, "-c", CODE, str(os.getpid())]) as process:
        try:
            yield
        finally:
            process.kill()
