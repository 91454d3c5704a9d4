"""The page that is shown while the program starts, in a real browser."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from starlette.types import Receive, Scope, Send

from tests.ui.operations.test_starting import starting_server
from tests.ui.page.test_page import violations
from ui.locale.messages import LANGUAGES, Words
from ui.starting import STEPS, Step, page


def text(page: Page, part: str) -> str:
    return page.locator(f'[data-part="{part}"]').inner_text()


def test_it_follows_the_start_and_opens_the_page_at_the_same_address(browser: Browser) -> None:
    async def real(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            for event in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{event}.complete"})
            return
        json = scope["path"] == "/healthz"
        kind = b"application/json" if json else b"text/html"
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
        await send({"type": "http.response.body", "body": b'{"status": "ok"}' if json else b"<title>there</title>"})

    with starting_server() as (site, server, loop), browser.new_context(locale="pl-PL") as context:
        shown = context.new_page()
        errors: list[str] = []
        shown.on("pageerror", lambda error: errors.append(str(error)))
        shown.goto(f"{server.address}/?a=1#/library")
        assert shown.title() == "Uruchamianie · Baza wiedzy CCO"
        assert (text(shown, "label"), text(shown, "count")) == ("Wczytywanie programu", "")
        site.report("encoding", 256, 968)
        shown.locator('[data-part="count"]', has_text="256 z 968").wait_for()
        assert text(shown, "label") == "Tworzenie indeksu"
        assert shown.locator("progress").evaluate("bar => bar.value / bar.max") == pytest.approx(256 / 968)
        asyncio.run_coroutine_threadsafe(server.hand_over(real), loop).result(10)
        site.site = real
        shown.wait_for_function("document.title === 'there'")
        assert shown.url == f"{server.address}/?a=1#/library"
        assert errors == []


def test_it_says_so_when_the_program_has_ended_and_goes_on_when_it_is_back(browser: Browser) -> None:
    with browser.new_context(locale="en-GB") as context:
        shown = context.new_page()
        with starting_server() as (_, server, _):
            shown.goto(server.address)
            assert not shown.locator('[data-part="gone"]').is_visible()
        gone = shown.locator('[data-part="gone"]')
        gone.wait_for(state="visible")
        assert gone.inner_text() == Words("en")("starting_gone")
        assert not shown.locator("progress").is_visible()


def test_the_language_chosen_on_the_page_before_is_kept(browser: Browser) -> None:
    with starting_server() as (_, server, _), browser.new_context(locale="en-GB") as context:
        shown = context.new_page()
        shown.goto(server.address)
        shown.evaluate("localStorage.setItem('cco-language', 'zh-Hant')")
        shown.reload()
        assert text(shown, "label") == "正在載入程式"
        shown.goto(f"{server.address}/?ui=pl")
        assert text(shown, "label") == "Wczytywanie programu"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everyone_can_use_it_at_any_width(browser: Browser, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install axe-playwright-python").Axe()
    faults = []
    with starting_server() as (site, server, _), browser.new_context(color_scheme=scheme) as context:  # type: ignore[arg-type]
        shown = context.new_page()
        shown.set_viewport_size({"width": 320, "height": 640})
        for language in LANGUAGES:
            for step in STEPS:
                site.step = Step(step, 3, 20) if step in ("reading", "encoding") else Step(step)
                shown.goto(f"{server.address}/?ui={language}")
                assert shown.locator("html").get_attribute("lang") == language
                assert shown.evaluate("document.documentElement.scrollWidth") <= 320
            faults += violations(axe, shown, language)
    assert faults == []


def test_it_is_the_same_without_a_script_and_holds_no_word_but_ours(tmp_path: Path) -> None:
    for language in LANGUAGES:
        words = Words(language)
        shown = page(Step("reading", 3, 20), words)
        assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in shown
        assert f">{words('step_reading')}</span>" in shown and words("step_count", done=3, total=20) in shown
