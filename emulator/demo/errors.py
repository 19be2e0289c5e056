"""How the demo fails, and its exit codes."""

OK, FAILED, MISSING, INTERRUPTED = 0, 1, 2, 130


class DemoError(Exception):
    """The demo cannot go on; the message is for the user. `code` is the exit code."""

    def __init__(self, message: str, *, code: int = FAILED) -> None:
        super().__init__(message)
        self.code = code
