"""Pictures of the page, four for the README and docs/using.md and each page in three languages.

python -m tests.helpers.screenshots docs
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from kb import KnowledgeBase
from kb.evaluation.runs import run
from kb.evaluation.sets.question_sets import load_question_set
from tests.needs import chromium
from ui.app import web_app
from ui.evaluation.page import SHIPPED_SET
from ui.server.server import Server, listen
from ui.widgets.shell import PAGES

TEXTS = Path(__file__).resolve().parents[2] / "corpus" / "texts"
LARGEST = 400_000
"""Bytes that a picture may have; the README and docs/using.md show four."""


class Picture(NamedTuple):
    """What one picture shows."""

    name: str
    locale: str
    page: str = "ask"
    question: str = ""
    """Asked, and its first source opened; without one the page as it comes."""
    size: tuple[int, int] = (1280, 800)
    scheme: Any = "light"


SHOWN = (
    Picture("page-zh-hans", "zh-CN", question="首席客户官和首席营销官有什么区别？"),
    Picture("page-zh-hant", "zh-TW", question="客戶長是做什麼的？", scheme="dark"),
    Picture("page-pl", "pl-PL", "concepts", size=(1280, 900)),
    Picture("page-narrow", "pl-PL", question="Komu podlega CXO?", size=(412, 860)),
)
"""Those that stand in the README and in docs/using.md."""
LOCALES = {"zh-hans": "zh-CN", "zh-hant": "zh-TW", "pl": "pl-PL"}
EVERY_PAGE = tuple(
    Picture(f"{page}-{tag}", locale, page, size=(1280, 900), scheme="dark" if tag == "zh-hant" else "light")
    for page in PAGES
    for tag, locale in LOCALES.items()
)
"""Each page in the three languages of the texts, to be looked at; they go into `out/pages`."""


def launch(playwright: Playwright) -> Browser:
    """Start the browser without a window, and be patient: it shares its processors with all else that is tested."""
    expect.set_options(timeout=30_000)
    return playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])


@contextmanager
def running_page(base: KnowledgeBase, port: int = 0) -> Iterator[str]:
    """Serve the page on `port`, without one on any that is free, for as long as the block lasts; gives its address."""
    ready = threading.Event()
    with listen("127.0.0.1", port) as listener:
        server = Server(web_app(base), listener, lambda address: ready.set())
        # What a browser still listens to is cut off at once: it goes on listening for as long as it may.
        server.config.timeout_graceful_shutdown = 0
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
    page.goto(f"{address}/#/{'' if picture.page == 'ask' else picture.page}")
    page.locator("body.ready").wait_for()
    if picture.page != "ask":
        page.locator("#sheet:not([aria-busy]) h1").wait_for()
    if picture.question:
        ask(page, picture.question)
        page.locator(".next").wait_for()
        page.locator(".cite").first.click()
        page.locator("#quote").wait_for()
    page.wait_for_timeout(300)  # for the fonts of three scripts
    file = folder / f"{picture.name}.png"
    page.screenshot(path=file)
    page.close()
    with Image.open(file) as image:
        # A page of text has few colours; a palette of them makes the file a third as large.
        image.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(file, optimize=True)
    return file


def main(folder: Path) -> None:
    """Make all pictures. Raises `ValueError` at one that is too large."""
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        base = KnowledgeBase.build([TEXTS], Path(scratch) / "index")
        run_once(base)
        with running_page(base) as address:
            browser = launch(playwright)
            for pictures, into in ((SHOWN, folder), (EVERY_PAGE, folder.parent / "out" / "pages")):
                into.mkdir(parents=True, exist_ok=True)
                for picture in pictures:
                    file = take(browser, address, picture, into)
                    print(f"{file}: {file.stat().st_size // 1000} kB")
                    if file.stat().st_size > LARGEST:
                        raise ValueError(f"{file} has {file.stat().st_size:,} bytes, at most {LARGEST:,} are wanted")
            browser.close()


def run_once(base: KnowledgeBase) -> None:
    """Evaluate the first questions of the shipped set twice, so that there are runs to be shown."""
    questions = load_question_set(SHIPPED_SET)
    some = replace(questions, questions=questions.questions[::4])
    runs = base.settings.beside_index("runs")
    runs.mkdir(parents=True)
    result = json.dumps(run(base, some), ensure_ascii=False)
    for name in ("20261124-091500", "20261125-083000"):
        (runs / f"{name}.json").write_text(result, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs").resolve())
