"""A headless Chromium, driven through the Chrome DevTools Protocol (https://chromedevtools.github.io/devtools-protocol/).

The protocol's messages go through two pipes (`--remote-debugging-pipe`): no port is opened, and no library is needed.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import selectors
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Self

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALL: Final = "apt-get install -y chromium"
OPTIONS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-extensions",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--remote-debugging-pipe",
)
"""Nothing of the machine's, nothing in the background; what it shows is the same everywhere."""
LOWEST_DESCRIPTOR: Final = 10
TIMEOUT_SECONDS: Final = 600
"""For one answer: a guard, on a machine that does much else."""


class NoBrowserError(Exception):
    """There is no Chromium on PATH; the message says how to get one."""


class BrowserError(Exception):
    """The browser refused a command, ended, or did not answer."""


def find_browser() -> str:
    """Return the path of Chromium, or of Chrome.

    Raises:
        NoBrowserError: neither is on PATH.
    """
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise NoBrowserError(f"no Chromium on PATH: the page's tests need one; `{INSTALL}`, or Chrome")
    return found


@dataclass(slots=True)
class Page:
    """One page of a browser.

    Attributes:
        events: of the protocol, as they came: requests, messages of the console, exceptions.
    """

    _browser: Browser
    _session: str
    events: list[dict[str, Any]] = field(default_factory=list)

    def send(self, method: str, **parameters: object) -> dict[str, Any]:
        """Send a command of the protocol to the page, and return the answer's result."""
        return self._browser.send(method, self._session, **parameters)

    def open(self, url: str) -> None:
        """Show `url`, and wait until it has loaded."""
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")
        self.send("Page.navigate", url=url)
        self._browser.wait(lambda: any(event["method"] == "Page.loadEventFired" for event in self.events))

    def evaluate(self, expression: str) -> Any:  # noqa: ANN401 - any value of JSON
        """Return the value of a JavaScript expression.

        Raises:
            BrowserError: it threw.
        """
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise BrowserError(json.dumps(answer["exceptionDetails"])[:500])
        return answer["result"].get("value")

    def type(self, text: str) -> None:
        """Type `text` where the focus is."""
        for character in text:
            self.press(character, text=character)

    def press(self, key: str, *, text: str = "", shift: bool = False) -> None:
        """Press and release a key, such as `Tab` or `Enter`."""
        code = {"Tab": 9, "Enter": 13, "Backspace": 8, " ": 32}.get(key, 0)
        event = {"key": key, "windowsVirtualKeyCode": code, "modifiers": 8 if shift else 0}
        text = "\r" if key == "Enter" else text
        self.send("Input.dispatchKeyEvent", type="keyDown", text=text, **event)
        self.send("Input.dispatchKeyEvent", type="keyUp", **event)

    def resize(self, width: int, height: int, *, scale: float = 1) -> None:
        """Give the page a screen of `width` times `height` CSS pixels."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=False,
        )

    def prefer(self, scheme: str) -> None:
        """Have the reader prefer the `light` or the `dark` colour scheme."""
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.send("Emulation.setEmulatedMedia", features=[feature])

    def screenshot(self) -> bytes:
        """Return what the screen shows, as PNG."""
        return base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"])


class Browser:
    """A headless browser with a profile of its own that is gone at the end.

    Raises:
        NoBrowserError: there is none.
    """

    def __init__(self) -> None:
        self._executable = find_browser()
        self._stack = ExitStack()
        self._pages: dict[str, Page] = {}
        self._answers: dict[int, dict[str, Any]] = {}
        self._last, self._unread = 0, b""

    def __enter__(self) -> Self:
        """Start the browser."""
        profile = self._stack.enter_context(
            tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True)
        )
        # Chromium reads commands from descriptor 3 and answers on 4.
        (theirs_in, self._write), (self._read, theirs_out) = _pipe(), _pipe()
        command = [self._executable, *OPTIONS, f"--user-data-dir={profile}"]
        redirected = f'exec "$0" "$@" 3<&{theirs_in} 4>&{theirs_out}'
        process = subprocess.Popen(
            ["bash", "-c", redirected, *command],
            pass_fds=(theirs_in, theirs_out),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ.get("PATH", ""), "HOME": profile, "TZ": "UTC", "LANG": "C.UTF-8"},
        )
        for descriptor in (theirs_in, theirs_out):
            os.close(descriptor)
        self._stack.callback(_end, process)
        for descriptor in (self._write, self._read):
            self._stack.callback(os.close, descriptor)
        self._selector = self._stack.enter_context(selectors.DefaultSelector())
        self._selector.register(self._read, selectors.EVENT_READ)
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._stack.close()

    @contextmanager
    def page(self) -> Iterator[Page]:
        """A new page that shares nothing with others."""
        context = self.send("Target.createBrowserContext")["browserContextId"]
        target = self.send("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._pages[session] = Page(self, session)
        try:
            yield self._pages[session]
        finally:
            del self._pages[session]
        self.send("Target.disposeBrowserContext", browserContextId=context)

    def send(self, method: str, session: str | None = None, **parameters: object) -> dict[str, Any]:
        """Send a command of the protocol, and return the answer's result.

        Raises:
            BrowserError: the browser refuses it, has ended, or does not answer.
        """
        self._last += 1
        number = self._last
        message: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        try:
            os.write(self._write, json.dumps(message).encode() + b"\0")
        except BrokenPipeError:
            raise BrowserError("the browser has ended") from None
        self.wait(lambda: number in self._answers)
        answer = self._answers.pop(number)
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error'].get('message')}")
        result: dict[str, Any] = answer["result"]
        return result

    def wait(self, condition: Callable[[], bool]) -> None:
        """Read messages until `condition` holds.

        Raises:
            BrowserError: the browser has ended, or does not answer.
        """
        while not condition():
            if not self._selector.select(TIMEOUT_SECONDS):
                raise BrowserError(f"no answer in {TIMEOUT_SECONDS} s")
            read = os.read(self._read, 1 << 20)
            if not read:
                raise BrowserError("the browser has ended")
            *messages, self._unread = (self._unread + read).split(b"\0")
            for message in map(json.loads, messages):
                if "id" in message:
                    self._answers[message["id"]] = message
                elif message.get("sessionId") in self._pages:
                    self._pages[message["sessionId"]].events.append(message)


def _pipe() -> tuple[int, int]:
    """Return a pipe whose descriptors are not those that Chromium wants."""
    low = os.pipe()
    high = tuple(fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, LOWEST_DESCRIPTOR) for descriptor in low)
    for descriptor in low:
        os.close(descriptor)
    return high[0], high[1]


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
