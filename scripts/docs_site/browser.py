"""A headless Chromium, over its debugging protocol: opens pages at a width, asks them, and takes pictures of them."""

import base64
import json
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import websocket

NAMES = ("chromium", "chromium-browser", "google-chrome")
LIMIT_SECONDS = 30
BOX = """(found => { if (!found) return null; const box = found.getBoundingClientRect();
return {x: box.x, y: box.y, width: Math.min(box.width, innerWidth), height: Math.min(box.height, innerHeight)} })(
document.querySelector(%r))"""


def chromium() -> str | None:
    """The program, where this machine has one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One window, with a profile of its own that is gone afterwards. Use it in `with`."""

    def __init__(self, program: str) -> None:
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-allow-origins=*"]
        where = ["--remote-debugging-port=0", f"--user-data-dir={self._profile.name}", "about:blank"]
        self._process = subprocess.Popen([program, *options, *where], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._number = 0
        self.requested: list[str] = []
        """What pages have loaded since the last one was opened."""
        self.complaints: list[str] = []
        """Exceptions and errors of their scripts."""

    def __enter__(self) -> Self:
        """Connect to its window.

        Raises:
            RuntimeError: it does not start.
        """
        told = Path(self._profile.name, "DevToolsActivePort")
        self.until(lambda: self._process.poll() is not None or (told.exists() and told.read_text().count("\n") > 0), "its start")
        if not told.exists():
            raise RuntimeError("the browser ended before it could be asked")
        port = told.read_text().split()[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json") as answer:
            [window] = [one for one in json.load(answer) if one["type"] == "page"]
        self._socket = websocket.create_connection(window["webSocketDebuggerUrl"], timeout=LIMIT_SECONDS)
        for domain in ("Page", "Network", "Runtime", "Log"):
            self._ask(f"{domain}.enable")
        # Scripts of pages wait for the focus, which a window that nobody sees does not get.
        self._ask("Emulation.setFocusEmulationEnabled", enabled=True)
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._socket.close()
        self._process.kill()
        self._process.wait()
        self._profile.cleanup()

    def open(self, url: str, width: int, height: int = 900, *, dark: bool = False) -> None:
        """Load a page, as wide as that, until it has loaded."""
        self.requested, self.complaints = [], []
        self._ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._ask("Emulation.setEmulatedMedia", features=[scheme])
        # From one anchor of a page to another nothing would be loaded.
        self._ask("Page.navigate", url="about:blank")
        self._ask("Page.navigate", url=url)
        self.until(lambda: self.value("document.readyState") == "complete" and self.value("location.href") != "about:blank", url)

    def value(self, expression: str) -> Any:
        """What JavaScript says of the page."""
        answer = self._ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        return answer["result"].get("value")

    def until(self, is_so: Callable[[], bool], otherwise: str) -> None:
        """Wait for what scripts of the page do.

        Raises:
            RuntimeError: it takes too long.
        """
        deadline = time.monotonic() + LIMIT_SECONDS
        while not is_so():
            if time.monotonic() > deadline:
                raise RuntimeError(f"the browser waited {LIMIT_SECONDS} s: {otherwise}")
            time.sleep(0.02)

    def picture(self, selector: str = "html", scale: int = 1) -> bytes:
        """An element of the page, as far as it is in sight, as PNG; with `scale=2` twice as fine.

        Raises:
            RuntimeError: there is no such element.
        """
        box = self.value(BOX % selector)
        if box is None:
            raise RuntimeError(f"no {selector} is on the page")
        return base64.b64decode(self._ask("Page.captureScreenshot", format="png", clip={**box, "scale": scale})["data"])

    def _ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            said: dict[str, Any] = json.loads(self._socket.recv())
            if said.get("id") == self._number:
                if "error" in said:
                    raise RuntimeError(f"{method}: {said['error']['message']}")
                result: dict[str, Any] = said["result"]
                return result
            self._note(said)

    def _note(self, said: dict[str, Any]) -> None:
        parameters = said.get("params", {})
        if said.get("method") == "Network.requestWillBeSent":
            self.requested.append(parameters["request"]["url"])
        elif said.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(parameters["exceptionDetails"]["text"])
        elif said.get("method") == "Log.entryAdded" and parameters["entry"]["level"] == "error":
            self.complaints.append(parameters["entry"]["text"])
