"""Texts that want more than to be read: of a language model, a page, an export, a terminal and a log."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from benchmarks.injection import answers, had_its_way, injections, library
from kb import Answer, KnowledgeBase
from kb.evaluation.splits import LOOK, REPORT
from kb.settings.schema import AnswerSettings
from retrieval.models.encoder import SentenceTransformerEncoder
from tests.helpers.fakes import FakeEncoder
from tests.ui.commands.test_terminal import ACTING
from ui.chat.export import conversation_markdown
from ui.chat.render import conversation
from ui.chat.turns import Turn
from ui.commands.terminal import visible
from ui.locale.messages import Words
from ui.operations.logs import JsonLines, PlainLines

TEXTS = injections(LOOK, REPORT)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    return library(TEXTS, tmp_path_factory.mktemp("injections"), FakeEncoder())


@pytest.mark.slow
@pytest.mark.model
def test_a_model_that_obeys_shows_nothing_that_a_text_demands(
    tmp_path: Path, bundled_encoder: SentenceTransformerEncoder
) -> None:
    pytest.importorskip("openai", reason="needs openai (pip install 'cco-kb[llm]')")
    looked_at = injections(LOOK)
    base = library(looked_at, tmp_path, bundled_encoder)
    asked = list(answers(base, looked_at[::4]))
    assert [text.id for text, given in asked if had_its_way(text, given)] == []
    assert sum(any(text.answer in c.quote for a in given for c in a.citations) for text, given in asked) >= 12


class Elements(HTMLParser):
    """The elements of a page and their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_on_the_page_in_an_export_and_on_a_terminal_every_text_is_words(base: KnowledgeBase) -> None:
    refusing = base.with_settings(base.settings.model_copy(update={"answer": AnswerSettings(refuse_below=1.0)}))
    words, seen = Words("pl"), ""
    plain = base.ask(TEXTS[2].question)
    own = {tag for each in (plain, refusing.ask(TEXTS[2].question)) for tag, _ in page_of(each, base).found}
    for text in TEXTS:
        for answer in (base.ask(text.question), refusing.ask(text.question)):
            page = page_of(answer, base)
            assert {tag for tag, _ in page.found} <= own | {"em", "mark", "li", "ul"}, text.id
            for _, attributes in page.found:
                assert not [name for name in attributes if name.startswith("on")], text.id
                address = urlsplit(attributes.get("href") or attributes.get("src") or "")
                assert not address.scheme and not address.netloc, text.id
            exported = conversation_markdown([Turn(text.question, answer)], words)
            assert not ACTING_MARKUP & set(kinds(MarkdownIt("commonmark").parse(exported))), text.id
            told = json.dumps(answer.to_json(), ensure_ascii=False) + answer.text
            assert not ACTING.search(visible(told))
            seen += told
    assert all(text.canary in seen for text in TEXTS if text.kind == "markup" and text.place == "title")


ACTING_MARKUP = {"image", "link_open", "html_inline", "html_block", "code_block", "fence", "table_open"}


def page_of(answer: Answer, base: KnowledgeBase) -> Elements:
    return Elements(conversation((Turn("?", answer),), Words("pl"), lambda name: base.document(name).title))


def kinds(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        yield token.type
        yield from kinds(token.children or [])


@pytest.mark.parametrize("lines", [JsonLines(), PlainLines()], ids=["json", "plain"])
def test_in_the_log_every_event_is_one_line(lines: logging.Formatter) -> None:
    for text in TEXTS:
        record = logging.makeLogRecord(
            {"msg": "skipped %s: %s", "args": (text.filename, text.title), "name": "kb", "levelname": "WARNING"}
        )
        written = visible(lines.format(record))  # what a server writes goes through that
        assert len(written.splitlines()) == 1 and not ACTING.search(written), text.id
