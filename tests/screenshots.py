"""Pictures of the page for the README: `python -m tests.screenshots docs`."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from kb import KnowledgeBase
from ui import web
from ui.app import web_app

TEXTS = Path(__file__).resolve().parents[1] / "corpus" / "texts"
LARGEST = 400_000
"""Bytes that a picture may have; the README shows four."""


class Picture(NamedTuple):
    """What one picture shows."""

    name: str
    locale: str
    question: str
    size: tuple[int, int]
    scheme: Any = "light"
    pane: bool = True


PICTURES = (
    Picture("page-zh-hans", "zh-CN", "首席客户官和首席营销官有什么区别？", (1280, 800)),
    Picture("page-zh-hant", "zh-TW", "客戶長是做什麼的？", (1280, 800), "dark"),
    Picture("page-pl", "pl-PL", "Co to jest CLV?", (1280, 800)),
    Picture("page-narrow", "pl-PL", "Komu podlega CXO?", (412, 860)),
)


def chromium() -> str | None:
    """Return the path of the browser: `CCO_CHROMIUM`, else Debian's, else whatever is called so; None without any."""
    named = os.environ.get("CCO_CHROMIUM")
    if named:
        return named
    return next((path for path in map(shutil.which, ("/usr/bin/chromium", "chromium", "google-chrome")) if path), None)


def launch(playwright: Playwright) -> Browser:
    """Start the browser without a window."""
    return playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])


@contextmanager
def running_page(base: KnowledgeBase, port: int = 0) -> Iterator[str]:
    """Serve the page on `port`, without one on any that is free, for as long as the block lasts; gives its address."""
    ready = threading.Event()
    with web.listen("127.0.0.1", port) as listener:
        server = web.Server(web_app(base), listener, lambda address: ready.set())
        thread = threading.Thread(target=server.serve_until_interrupted, daemon=True)
        thread.start()
        if not ready.wait(60):
            raise TimeoutError("the page was not up within 60 s")
        yield server.address
        server.should_exit = True
        thread.join(10)


def ask(page: Page, question: str) -> None:
    """Type a question, send it and wait for what comes of it."""
    turns = page.locator(".turn").count()
    page.locator("#question").fill(question)
    page.keyboard.press("Enter")
    page.locator(f"#turn-{turns + 1}:is(.answered, .refused, .failed)").wait_for()


def take(browser: Browser, address: str, picture: Picture, folder: Path) -> Path:
    """Make one picture and return its file."""
    width, height = picture.size
    page = browser.new_page(
        locale=picture.locale,
        color_scheme=picture.scheme,
        viewport={"width": width, "height": height},
        device_scale_factor=1.5,
        reduced_motion="reduce",
    )
    page.goto(address)
    page.locator("body.ready").wait_for()
    ask(page, picture.question)
    page.locator(".cite").first.click()
    page.locator("#quote").wait_for()
    file = folder / f"{picture.name}.png"
    page.screenshot(path=file)
    page.close()
    with Image.open(file) as image:
        # A page of text has few colours; a palette of them makes the file a third as large.
        image.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(file, optimize=True)
    return file


def main(folder: Path) -> None:
    """Make all pictures. Raises `ValueError` at one that is too large."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        base = KnowledgeBase.build([TEXTS], Path(scratch) / "index")
        with running_page(base) as address:
            browser = launch(playwright)
            for picture in PICTURES:
                file = take(browser, address, picture, folder)
                print(f"{file}: {file.stat().st_size // 1000} kB")
                if file.stat().st_size > LARGEST:
                    raise ValueError(f"{file} has {file.stat().st_size:,} bytes, at most {LARGEST:,} are wanted")
            browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
