"""Sites to look at: the sample organisation behind a running server, and small ones that lack something."""

import contextlib
import functools
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from ingest import run, settings, warehouse

# The command as a user has it, beside the interpreter that runs the tests.
COMMAND = str(Path(sys.executable).with_name("twinledger"))
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# --no-sandbox: tests run as root in containers, and open nothing but our own pages.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]  # fmt: skip


def told(*words: str | Path, code: int = 0) -> str:
    """What the real command prints, with the exit code it must have."""
    done = subprocess.run([COMMAND, *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == code, f"{words}: {done.returncode}: {done.stderr}"
    return done.stdout


@dataclass(frozen=True)
class Site:
    """A folder with a settings file and what an ingest makes of it."""

    folder: Path

    @property
    def settings(self) -> Path:
        return self.folder / "settings.toml"

    @property
    def warehouse(self) -> Path:
        return self.folder / "data" / "warehouse"

    @property
    def generation(self) -> Path:
        file = warehouse.current(self.warehouse)
        assert file is not None
        return file

    def ingest(self) -> list[run.Outcome]:
        return run.ingest(settings.load(self.settings), lambda _: None)


@pytest.fixture(scope="session")
def shop(sample: Path) -> Site:
    """The sample organisation. Nobody writes to it."""
    return Site(sample)


@pytest.fixture
def site(tmp_path: Path, sample: Path) -> Callable[..., Site]:
    """Makes a small site: one repository of the sample and, if wanted, its drop folder; nothing is ingested yet."""

    def make(*drop: str, more: str = "") -> Site:
        """`drop` names the files of the sample's drop folder to copy; without any there is no drop folder."""
        made = Site(tmp_path / "site")
        made.folder.mkdir()
        text = '[organisation]\nname = "Small"\n\n[[repositories]]\nname = "shop-search"\n'
        text += f'location = "{sample / "repos" / "shop-search.git"}"\nservices = ["search"]\n'
        if drop:
            (made.folder / "drop").mkdir()
            for name in drop:
                shutil.copy2(sample / "drop" / name, made.folder / "drop")  # its time says how far it reaches
            text += '\n[sources.drop]\nfolder = "drop"\n'
        made.settings.write_text(text + more)
        return made

    return make


@contextlib.contextmanager
def served(site: Site) -> Iterator[str]:
    """The address of `twinledger serve` on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    said = site.folder / f"serve-{port}.log"
    command = [COMMAND, "serve", "--settings", str(site.settings), "--port", str(port)]
    with said.open("w") as log, subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT) as server:
        address = f"http://127.0.0.1:{port}"
        try:
            deadline = time.monotonic() + 60
            while answer(f"{address}/healthz")[0] == 0:
                assert server.poll() is None, said.read_text()
                assert time.monotonic() < deadline, said.read_text()
                time.sleep(0.1)
            yield address
        finally:
            server.terminate()
            server.wait(20)


def answer(url: str) -> tuple[int, str]:
    """The status and the text behind a URL; 0 where nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=10) as reply:  # noqa: S310 - our own server
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except OSError:
        return 0, ""


@pytest.fixture(scope="session")
def server(shop: Site) -> Iterator[str]:
    """The address of the sample organisation's dashboard."""
    with served(shop) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium: the one that BROWSER_PATH names, or one of the system's."""
    path = os.environ.get("BROWSER_PATH") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.fail("There is no Chromium. Install your system's package (apt install chromium), or set BROWSER_PATH.")
    with sync_playwright() as playwright, contextlib.closing(
        playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
    ) as launched:  # fmt: skip
        yield launched


# Asked on every frame. What is read is read in the same breath: a page that has been at rest for 300 ms may be emptied by
# another run of its script a moment later, where the machine is busy.
_AT_REST = """() => {
    const app = document.querySelector('[data-testid="stApp"]');
    const figures = [...document.querySelectorAll('[data-testid="stPlotlyChart"]')];
    const isAtRest = app?.dataset.testScriptState === "notRunning"
        && document.querySelector('.tl .tile[data-metric], .tl .card')
        && figures.every(figure => figure.querySelector(".main-svg"));
    window.atRestSince = isAtRest ? window.atRestSince ?? performance.now() : null;
    return isAtRest && performance.now() - window.atRestSince > 300 && {read: (%s)};
}"""


@dataclass
class Visit:
    """A page in the browser, and everything it asked for and complained about."""

    page: Page
    requests: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def read(self, expression: str) -> Any:
        """What a JavaScript expression says once the script has run and its figures are drawn, and that has held.

        The script runs again when the page tells it of its ground and of its address, and may find the page empty.
        """
        self.page.evaluate("window.atRestSince = null")
        return self.page.wait_for_function(_AT_REST % expression).json_value()["read"]

    def settle(self) -> None:
        """Wait until nothing moves."""
        self.read("null")

    def numbers(self) -> dict[str, str]:
        """What each tile shows, to the last digit."""
        tiles = "[...document.querySelectorAll('[data-metric]')]"
        return dict(self.read(f"{tiles}.map(tile => [tile.dataset.metric, tile.dataset.value])"))


@pytest.fixture(scope="session")
def contexts(browser: Browser) -> Callable[..., BrowserContext]:
    """Contexts of the browser: one for each width and ground, which keeps Streamlit's own files, or a fresh one."""

    def new(width: int, scheme: Literal["light", "dark"]) -> BrowserContext:
        made = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        made.set_default_timeout(20_000)
        return made

    kept = functools.cache(new)
    return lambda *, is_fresh, **kind: new(**kind) if is_fresh else kept(**kind)


@pytest.fixture
def visit(contexts: Callable[..., BrowserContext]) -> Iterator[Callable[..., Visit]]:
    """Opens a URL in a new window; afterwards nothing may have gone wrong, nor asked another machine for anything."""
    with contextlib.ExitStack() as windows:
        visits: list[Visit] = []

        def open_(url: str, *, width: int = 1440, scheme: str = "light", is_fresh: bool = False) -> Visit:
            context = contexts(width=width, scheme=scheme, is_fresh=is_fresh)
            made = Visit(windows.enter_context(contextlib.closing(context.new_page())))
            made.page.on("request", lambda request: made.requests.append(request.url))
            made.page.on("websocket", lambda socket: made.requests.append(socket.url))
            made.page.on("pageerror", lambda error: made.problems.append(f"exception: {error}"))
            # Nobody dismisses a dialogue: the page would wait for ever, and the test would say at what.
            made.page.on("dialog", lambda dialog: made.problems.append(f"dialog: {dialog.message}"))
            made.page.on(
                "console", lambda said: made.problems.extend(_complaint(said.type, said.text, said.location["url"]))
            )
            visits.append(made)
            made.page.goto(url)
            made.settle()
            return made

        yield open_
        for made in visits:
            assert made.problems == []
            assert made.page.get_by_test_id("stException").count() == 0
            assert [url for url in made.requests if not _is_ours(url)] == []


def _is_ours(url: str) -> bool:
    return re.match(r"(http|ws)://127\.0\.0\.1:\d+/|data:|blob:http://127\.0\.0\.1:\d+/", url) is not None


def _complaint(kind: str, text: str, url: str) -> list[str]:
    # Below a page's own path Streamlit asks in vain for what it then finds at the root.
    is_probe = re.search(r"/\w+/_stcore/(health|host-config)$", url) and "404" in text
    return [f"{kind}: {text} ({url})"] if kind in ("error", "warning") and not is_probe else []
