"""A Chromium without a network, driven through a pipe by the DevTools protocol.

Each message is JSON and ends in a zero byte. See https://chromedevtools.github.io/devtools-protocol.
"""

from __future__ import annotations

import base64
import io
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

FLAGS = (
    "--headless=new", "--no-sandbox", "--remote-debugging-pipe", "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader", "--host-resolver-rules=MAP * ~NOTFOUND", "--disable-extensions",
    "--disable-background-networking", "--disable-component-update", "--no-first-run",
    "--disable-dev-shm-usage", "--mute-audio", "--window-size=1280,900",
)  # fmt: skip
"""WebGL is drawn by the CPU; no name of a host is found."""

PATIENCE = 60.0
"""Seconds that anything may take."""


@cache
def program() -> str | None:
    """The browser, if there is one that starts: some systems have a script in its place."""
    for found in filter(None, map(shutil.which, PROGRAMS)):
        told = subprocess.run([found, "--version"], capture_output=True, check=False)
        if told.returncode == 0 and b"Chrom" in told.stdout:
            return found
    return None


class Browser:
    """A browser with one page, which keeps what went wrong in it and what it asked for."""

    def __init__(self, *flags: str) -> None:
        self.home = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        ours, theirs = os.pipe(), os.pipe()
        # The browser reads from 3 and writes to 4.
        script = f'exec "$@" 3<&{ours[0]} 4>&{theirs[1]}'
        self.process = subprocess.Popen(
            ["bash", "-c", script, "bash", str(program()), *FLAGS, *flags,
             f"--user-data-dir={self.home.name}", "about:blank"],
            pass_fds=(ours[0], theirs[1]), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env={**os.environ, "HOME": self.home.name},
        )  # fmt: skip
        os.close(ours[0])
        os.close(theirs[1])
        self.to, self.of = ours[1], theirs[0]
        self.held = b""
        self.count = 0
        self.session: str | None = None
        self.troubles: list[str] = []
        self.requests: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self.session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call(
            "Network.emulateNetworkConditions",
            offline=True, latency=0, downloadThroughput=0, uploadThroughput=0,
        )  # fmt: skip

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE)
        os.close(self.to)
        os.close(self.of)
        self.home.cleanup()

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Ask for something and wait until it is done."""
        self.count += 1
        message = {"id": self.count, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.to, data) :]
        end = time.monotonic() + PATIENCE
        while True:
            answer = self._next(end)
            if answer.get("id") == self.count:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return dict(answer["result"])

    def _next(self, end: float) -> dict[str, Any]:
        """The next message, noted if it tells of trouble or a request."""
        while b"\0" not in self.held:
            ready, _, _ = select.select([self.of], [], [], max(end - time.monotonic(), 0))
            if not ready:
                raise TimeoutError("the browser says nothing")
            data = os.read(self.of, 2**20)
            if not data:
                raise RuntimeError("the browser has ended")
            self.held += data
        first, _, self.held = self.held.partition(b"\0")
        message: dict[str, Any] = json.loads(first)
        self._note(message.get("method", ""), message.get("params", {}))
        return message

    def _note(self, method: str, facts: dict[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            if not facts["request"]["url"].startswith("data:"):  # which stand in the page
                self.requests.append(facts["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.troubles.append(json.dumps(facts["exceptionDetails"]))
        elif method == "Log.entryAdded":
            self.troubles.append(f"{facts['entry']['level']}: {facts['entry']['text']}")
        elif method == "Runtime.consoleAPICalled" and facts["type"] in ("error", "warning"):
            self.troubles.append(json.dumps(facts["args"]))
        elif method == "Page.javascriptDialogOpening":
            self.troubles.append(f"dialog: {facts['message']}")

    def open(self, path: Path, width: int = 960, height: int = 760) -> None:
        """Go to a file and wait until it is loaded."""
        self.troubles.clear()
        self.requests.clear()
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip
        self.call("Page.navigate", url=path.as_uri())
        self.until("document.readyState === 'complete' && location.protocol === 'file:'")

    def do(self, script: str) -> Any:
        """The value of an expression in the page, promises awaited."""
        found = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in found:
            raise RuntimeError(json.dumps(found["exceptionDetails"]))
        return found["result"].get("value")

    def until(self, condition: str) -> Any:
        """Wait for an expression to be true, and return its value."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            value = self.do(condition)
            if value:
                return value
            time.sleep(0.02)
        raise TimeoutError(f"{condition} is not so; {self.troubles}")

    def box(self, selector: str) -> tuple[float, float, float, float]:
        """Left, top, width and height of an element, in the window."""
        found = self.do(
            f"(() => {{ const b = document.querySelector({json.dumps(selector)})"
            ".getBoundingClientRect(); return [b.x, b.y, b.width, b.height]; })()"
        )
        return tuple(found)

    def click(self, selector: str) -> None:
        """Scroll to an element and click into its middle."""
        self.do(
            f"document.querySelector({json.dumps(selector)}).scrollIntoView({{block:'center'}})"
        )
        x, y, width, height = self.box(selector)
        self.mouse("mouseMoved", x + width / 2, y + height / 2)
        for kind in ("mousePressed", "mouseReleased"):
            self.mouse(kind, x + width / 2, y + height / 2, button="left", clickCount=1)

    def mouse(self, kind: str, x: float, y: float, **more: Any) -> None:
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self.call("Input.insertText", text=text)

    def press(self, key: str) -> None:
        """Press and release a key; a letter or digit is written, too."""
        written = {"text": key} if len(key) == 1 else {"text": "\r"} if key == "Enter" else {}
        code = {"Enter": 13, "Escape": 27, "Tab": 9, " ": 32}.get(key, 0)
        about = {"key": key, "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown", **about, **written)
        self.call("Input.dispatchKeyEvent", type="keyUp", **about)

    def picture(self, selector: str = "", path: Path | None = None) -> np.ndarray:
        """Pixels of an element or the window, uint8 `[height, width, 3]`."""
        from PIL import Image

        clip = {}
        if selector:
            x, y, width, height = self.box(selector)
            x, y = x + self.do("scrollX"), y + self.do("scrollY")
            clip = {"clip": {"x": x, "y": y, "width": width, "height": height, "scale": 1}}
        shot = self.call("Page.captureScreenshot", format="png", **clip)
        data = base64.b64decode(shot["data"])
        if path:
            path.write_bytes(data)
        return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
