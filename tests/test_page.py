"""The page in a real browser, on the shipped texts."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from kb import KnowledgeBase, Settings
from tests.fakes import FakeEncoder
from tests.screenshots import ask, chromium, launch, running_page
from ui import guard, web
from ui.messages import EXAMPLES, LANGUAGES, MESSAGES, OWN_NAMES

playwright_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
from playwright.sync_api import Browser, Page, expect  # noqa: E402

needs_browser = pytest.mark.skipif(
    chromium() is None,
    reason="no Chromium: apt-get install chromium fonts-noto-cjk, or name one in CCO_CHROMIUM",
)
LOCALES = {"zh-Hans": "zh-CN", "zh-Hant": "zh-TW", "pl": "pl-PL", "en": "en-GB"}
QUESTIONS = {
    "zh-Hans": "首席客户官和首席营销官有什么区别？",
    "zh-Hant": "客戶長是做什麼的？",
    "pl": "Komu podlega CXO?",
}
UNANSWERED = "Jaka jest stolica Australii?"

Opened = Callable[..., Page]


@pytest.fixture(scope="module")
def page_server(shipped_base: KnowledgeBase) -> Iterator[str]:
    """The address of one server for the whole module."""
    with running_page(shipped_base) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for the whole module."""
    with playwright_api.sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def opened(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Opened]:
    """Opens the page in a browser profile of its own; fails the test at a request beyond loopback or a script error."""
    contexts, beyond, errors = list[Any](), list[str](), list[str]()

    def open_page(language: str = "pl", width: int = 1280, height: int = 800, at: str = "") -> Page:
        context = browser.new_context(
            locale=LOCALES[language], viewport={"width": width, "height": height}, reduced_motion="reduce"
        )
        contexts.append(context)
        context.on("request", lambda sent: beyond.append(sent.url) if is_beyond(sent.url) else None)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("websocket", lambda socket: beyond.append(socket.url) if is_beyond(socket.url) else None)
        page.goto(at or request.getfixturevalue("page_server"))
        page.locator(".example").first.wait_for()
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


# ----------------------------------------------------------------------------------------------------- conversations


@needs_browser
@pytest.mark.parametrize("language", QUESTIONS)
def test_a_conversation(opened: Opened, shipped_base: KnowledgeBase, language: str) -> None:
    answer = shipped_base.ask(QUESTIONS[language])
    page = opened(language)
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page).to_have_title(MESSAGES["product"][language])
    ask(page, QUESTIONS[language])
    turn = page.locator("#turn-1.answered")
    expect(turn.locator(".asked")).to_have_text(QUESTIONS[language])
    assert turn.locator(".answer .cite").all_text_contents() == [str(c.number) for c in answer.citations]
    assert turn.locator("blockquote").all_text_contents() == [c.quote for c in answer.citations]
    expect(turn.locator(".from .title").first).to_have_text(answer.citations[0].title)
    ask(page, UNANSWERED)
    expect(page.locator(".turn")).to_have_count(2)
    expect(page.locator("#question")).to_have_value("")


@needs_browser
@pytest.mark.parametrize("language", QUESTIONS)
def test_a_citation_opens_the_source_at_the_exact_quote(
    opened: Opened, shipped_base: KnowledgeBase, language: str
) -> None:
    citations = shipped_base.ask(QUESTIONS[language]).citations
    page = opened(language)
    ask(page, QUESTIONS[language])
    for number, citation in enumerate(citations):
        page.locator(".answer .cite").nth(number).click()
        expect(page.locator("#pane .pane-title")).to_have_text(citation.title)
        expect(page.locator(f'.cite[aria-current]:text-is("{citation.number}")')).to_have_count(1)
        assert marked(page) == citation.quote
        expect(page.locator("#quote")).to_be_in_viewport()
    expect(page.locator("#pane .pane-bar .meta")).to_contain_text(MESSAGES[f"in_{citations[0].language}"][language])
    page.keyboard.press("Escape")
    expect(page.locator("#pane")).to_be_hidden()
    expect(page.locator(".answer .cite").nth(len(citations) - 1)).to_be_focused()


@needs_browser
def test_a_refusal_looks_different_and_offers_the_nearest_passages(opened: Opened, shipped_base: KnowledgeBase) -> None:
    answer = shipped_base.ask(UNANSWERED)
    assert not answer.answered
    page = opened("pl")
    ask(page, UNANSWERED)
    turn = page.locator("#turn-1.refused")
    expect(turn.locator(".said")).to_have_text(answer.text)
    expect(turn.locator(".answer, .cite, .sources")).to_have_count(0)
    expect(turn.locator("blockquote").first).to_be_hidden()
    turn.locator("summary").click()
    expect(turn.locator("blockquote")).to_have_count(len(answer.hits))
    turn.locator(".nearest a").first.click()
    hit = answer.hits[0]
    page.locator("#quote").wait_for()
    text = shipped_base.document(hit.passage.document_id).text[hit.start : hit.end]
    assert "".join(marked(page).split()) in "".join(text.split())


@needs_browser
@pytest.mark.parametrize("language", EXAMPLES)
def test_an_example_asks_its_question_and_is_answered(opened: Opened, language: str) -> None:
    for question in EXAMPLES[language]:
        page = opened(language)
        page.locator(f'[data-question="{question}"]').click()
        expect(page.locator("#turn-1.answered .asked")).to_have_text(question)


@needs_browser
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


@needs_browser
@pytest.mark.parametrize(
    ("question", "message"),
    [("", "empty"), ("？！", "no_words"), ("a" * 3000, "too_long")],
    ids=["empty", "signs", "long"],
)
def test_a_question_that_cannot_be_asked_gets_one_line_and_stays_in_the_box(
    opened: Opened, question: str, message: str
) -> None:
    page = opened("pl")
    page.locator("#question").fill(question)
    page.locator("#send").click()
    expect(page.locator("#problem")).to_have_text(MESSAGES[message]["pl"].format(count=3000, most=2000))
    expect(page.locator("#question")).to_have_value(question)
    expect(page.locator(".turn")).to_have_count(0)


@needs_browser
def test_clear_begins_anew(opened: Opened) -> None:
    page = opened("pl")
    ask(page, UNANSWERED)
    page.locator("#clear").click()
    expect(page.locator(".turn")).to_have_count(0)
    expect(page.locator(".example").first).to_be_visible()
    ask(page, UNANSWERED)
    expect(page.locator(".turn")).to_have_count(1)


class _SlowBase:
    """Answers only when told to."""

    def __init__(self, base: KnowledgeBase) -> None:
        import threading

        self._base, self.go = base, threading.Event()

    def __getattr__(self, name: str) -> object:
        return getattr(self._base, name)

    def ask(self, question: str, **options: Any) -> object:
        self.go.wait(30)
        return self._base.ask(question, **options)


@needs_browser
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


# ------------------------------------------------------------------------------------------------ language and size


@needs_browser
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_speaks_the_browser_s_language(opened: Opened, language: str) -> None:
    page = opened(language)
    expect(page.locator(".welcome h2")).to_have_text(MESSAGES["welcome"][language])
    expect(page.locator("#language")).to_have_value(language)


@needs_browser
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
    page.reload()
    expect(page.locator(".welcome h2")).to_have_text(MESSAGES["welcome"]["en"])


@needs_browser
def test_on_a_narrow_screen_the_source_is_a_sheet_over_the_page(opened: Opened, shipped_base: KnowledgeBase) -> None:
    page = opened("pl", width=390, height=780)
    ask(page, QUESTIONS["pl"])
    page.locator(".cite").first.click()
    sheet = page.locator('#pane[role="dialog"][aria-modal="true"]')
    expect(sheet.locator("#quote")).to_be_in_viewport()
    assert marked(page) == shipped_base.ask(QUESTIONS["pl"]).citations[0].quote
    assert sheet.bounding_box()["width"] == 390  # type: ignore[index]
    assert page.evaluate("document.querySelector('gradio-app').inert")
    sheet.locator(".close").click()
    expect(page.locator("#pane")).to_be_hidden()
    expect(page.locator(".cite").first).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@needs_browser
def test_the_library_lists_every_document_and_opens_each_beside_the_conversation(
    opened: Opened, shipped_base: KnowledgeBase
) -> None:
    page = opened("en")
    documents = shipped_base.documents()
    expect(page.locator("#library .long")).to_have_text(f"{len(documents)} documents")
    page.locator("#library").click()
    expect(page.locator("#pane .shelf a")).to_have_count(len(documents))
    page.locator("#pane .shelf a", has_text=documents[0].title).click()
    expect(page.locator("#pane .pane-title")).to_have_text(documents[0].title)
    page.locator("#pane .back").click()
    expect(page.locator("#pane .shelf a")).to_have_count(len(documents))


@needs_browser
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
    expect(page.locator(".welcome h2")).to_be_visible()


# --------------------------------------------------------------------------------------------------- hostile sources

BEACONS = """# <img src="http://evil.example/title">

Birds sing at dawn <img src=http://evil.example/a onerror="fetch('http://evil.example/b')">
<svg><image href="http://evil.example/c"></svg> ![x](http://evil.example/d) <style>@import 'http://evil.example/e'</style>
and build nests of straw {{value}} ${fetch('http://evil.example/f')}.
"""


@needs_browser
def test_a_hostile_document_is_shown_as_the_words_it_is(opened: Opened, tmp_path: Path) -> None:
    (tmp_path / "birds.md").write_text(BEACONS, encoding="utf-8")
    base = KnowledgeBase.build(
        [tmp_path / "birds.md"], tmp_path / "index", settings=Settings(index=tmp_path / "index"), encoder=FakeEncoder()
    )
    with running_page(base) as address:
        page = opened("en", at=address)
        ask(page, "When do birds sing at dawn and build nests of straw?")
        page.locator("#library").click()
        page.locator("#pane .shelf a").first.click()
        expect(page.locator("#pane .text")).to_contain_text("nests of straw")
        assert page.locator("#pane .text").locator("img, svg, style").count() == 0
        assert page.locator(".turn").locator("img, style").count() == 0


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
            web.listen("127.0.0.1", port)
