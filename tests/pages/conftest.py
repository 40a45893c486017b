"""The application for its tests: run without a browser, or served to a real one."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
WAIT = 60_000
STATES = ("done", "failed", "waiting", "ahead")


class Visit:
    """One session of the application, whose every run must go through without an exception.

    What is not found here is Streamlit's own :class:`AppTest`: ``visit.slider(key="snr")``.
    Whatever acts returns the visit again, so that acts can be written one after another.
    """

    first_page = "denoise"

    def __init__(self, page: str = "") -> None:
        self.app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
        self.run()
        if (page := page or self.first_page) != "denoise":
            self.go(page)

    def __getattr__(self, name: str) -> object:
        return getattr(self.app, name)

    def run(self) -> Visit:
        self.app.run()
        assert not self.app.exception, self.app.exception[0].value
        return self

    def go(self, page: str) -> Visit:
        """Open a page by its folder's name."""
        self.app.switch_page(f"pages/{page}/page.py")
        return self.run()

    def choose(self, key: str, value: object) -> Visit:
        """Choose in a segmented control or in pills."""
        groups = self.app.get("button_group")
        next(group for group in groups if group.key == key).set_value(value)
        return self.run()

    def press(self, button: str) -> Visit:
        """Press a button, given by its key or its label."""
        next(one for one in self.app.button if button in (one.key, one.label)).click()
        return self.run()

    def upload(self, files: dict[str, bytes], where: str = "upload") -> Visit:
        """Give files to the upload whose key begins like this."""
        box = next(box for box in self.app.file_uploader if box.key.startswith(where))
        kind = "application/octet-stream"
        box.set_value([(name, content, kind) for name, content in files.items()])
        return self.run()

    def until(self, there: Callable[[], bool], what: str) -> Visit:
        """Run again and again, as the pages' own timers do, until something is there."""
        end = time.monotonic() + 90
        while not there():
            assert time.monotonic() < end, f"{what} in time"
            time.sleep(0.3)
            self.run()
        return self

    def said(self) -> str:
        """Return all that is said in words, without the escapes of Markdown."""
        app = self.app
        groups = (app.markdown, app.caption, app.info, app.warning, app.error)
        return "\n".join(part.value for group in groups for part in group).replace("\\", "")

    def downloads(self) -> set[str]:
        """Return the labels of the files that can be downloaded."""
        return {button.label for button in self.app.get("download_button")}

    def drawn(self, key: str) -> dict:
        """Return what one of the components was given; nothing where it is not there."""
        for element in self.app.get("bidi_component"):
            if element.proto.id.endswith(f"-{key}"):
                return json.loads(element.proto.json)
        return {}

    def html(self, key: str) -> str:
        """Return the HTML that one of the components shows."""
        return self.drawn(key).get("html", "")


class DenoiseVisit(Visit):
    """View 1."""

    def views(self) -> dict[str, str]:
        """Return the HTML of each drawing and table by its key."""
        found = {}
        for element in self.app.get("bidi_component"):
            key = re.search(r"-([a-z_]+)$", element.proto.id)[1]
            found[key] = json.loads(element.proto.json)["html"]
        return found

    def rows(self) -> dict[str, list[str]]:
        """Return the metrics table's cells by signal."""
        lines = re.findall(r'<tr data-signal="(\w+)">(.*?)</tr>', self.html("metrics"))
        return {key: re.findall(r"<td>(.*?)</td>", cells) for key, cells in lines}


class RhythmVisit(Visit):
    """View 2."""

    first_page = "rhythm"

    def complete(self) -> RhythmVisit:
        """Wait for networks and transform."""

        def there() -> bool:
            answers = self.parts("rhythm_answers").get("answers", "")
            return "stack" in self.parts() and "loading the network" not in answers

        return self.until(there, "the networks were not loaded")

    def parts(self, key: str = "rhythm_view") -> dict[str, str]:
        """Return the drawings of one component by name."""
        return self.drawn(key).get("parts", {})


class PaperVisit(Visit):
    """View 3."""

    first_page = "paper"

    def complete(self) -> PaperVisit:
        """Wait until the open photo has been read, as far as it can be."""

        def there() -> bool:
            waiting = "waiting" in self.html("paper_steps")
            return "paper_report" in self.app.session_state and not waiting

        return self.until(there, "the page was not read")

    def give(self, photo: bytes | np.ndarray, name: str) -> PaperVisit:
        """Give a file's bytes, or a picture as a PNG."""
        if isinstance(photo, np.ndarray):
            content = io.BytesIO()
            Image.fromarray(photo).save(content, "PNG")
            photo = content.getvalue()
        return self.upload({name: photo}, "paper_file")

    def report(self):
        """Return what was read of the open photo."""
        return self.app.session_state["paper_report"]

    def states(self) -> list[str]:
        """Return the state of each stage."""
        steps = self.html("paper_steps").split("<li>")[1:]
        return [next(state for state in STATES if f"step {state}" in step) for step in steps]


@pytest.fixture
def open_denoise_page() -> type[DenoiseVisit]:
    """What opens the application, thus view 1."""
    return DenoiseVisit


@pytest.fixture
def open_rhythm_page() -> type[RhythmVisit]:
    """What opens view 2, whose networks may still be loading."""
    return RhythmVisit


@pytest.fixture
def open_paper_page() -> type[PaperVisit]:
    """What opens view 3, whose demo page is not read yet."""
    return PaperVisit


@pytest.fixture(scope="session")
def pages_package() -> Iterator[None]:
    """Let a test import ``pages``, which stands beside the application and is not installed."""
    sys.path.insert(0, str(ROOT))
    yield
    sys.path.remove(str(ROOT))


@contextmanager
def _served() -> Iterator[str]:
    """Start the application on a free port of this machine, and stop it afterwards.

    Between looking for a free port and taking it another process may take it, as the servers of
    other workers do: the server then ends at once, and another port is tried.
    """
    for _ in range(5):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        options = ["--server.headless=true", "--server.address=127.0.0.1", f"--server.port={port}"]
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", *options],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            if _answers(server, port):
                yield f"http://127.0.0.1:{port}"
                return
        finally:
            server.terminate()
            server.wait(10)
    raise RuntimeError("no server came up")


def _answers(server: subprocess.Popen[bytes], port: int) -> bool:
    """Wait for a server; False once it has ended."""
    end = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return server.poll() is None
        time.sleep(0.1)
    return False


@pytest.fixture(scope="session")
def serving() -> Callable[[], object]:
    """What serves the application as long as its context is open."""
    return _served


@pytest.fixture(scope="session")
def address(serving: Callable) -> Iterator[str]:
    """A server of this worker's own."""
    with serving() as found:
        yield found


@pytest.fixture(scope="session")
def browser():
    if not CHROMIUM or not Path(CHROMIUM).exists():
        pytest.skip("no Chromium here (set CHROMIUM)")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


@contextmanager
def _visited(browser, address: str, width: int = 1280, scheme: str = "light"):
    """Open the application; afterwards, nothing may have been asked of another machine."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    own = (address, "data:", "blob:", address.replace("http", "ws"))
    others: list[str] = []
    page.on(
        "request",
        lambda request: None if request.url.startswith(own) else others.append(request.url),
    )
    page.goto(address)
    page.locator(".sheet").first.wait_for(timeout=WAIT)
    yield page
    assert not page.locator("[data-testid=stException]").count()
    assert others == []
    context.close()


@pytest.fixture
def visit(browser, address: str) -> Callable:
    """What opens the application in a browser: ``with visit(width, scheme) as page``."""
    return lambda width=1280, scheme="light": _visited(browser, address, width, scheme)
