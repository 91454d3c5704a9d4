"""The page's HTML and words, exactly: what comes from documents is escaped, spans are right, no word is missing."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter

import pytest

from corpus.documents import Block, Document, Passage
from kb import Answer, AnswerSentence, Citation
from kb.answering.answers import Difference
from kb.question.kinds import Kind
from retrieval.index.snapshot import Hit
from ui.chat import citing, records, render
from ui.chat import turns as chat
from ui.chat.export import conversation_json, conversation_markdown, turn_markdown
from ui.chat.turns import Turn
from ui.locale.messages import LANGUAGES, MESSAGES, PLURALS, Words, plural_form
from ui.settings.view import FIELDS
from ui.widgets import document_view as reading
from ui.widgets import shell

HOSTILE = """<img src=https://evil.example/x onerror="alert(1)"></p><script>x</script>'{{value}}${value}`"""
TEXT = "# Kot 🐈\n\nKot 🐈‍⬛ śpi. Kot 𠮷 je <b>rybę</b>.\n\n- raz & dwa\n- trzy\n"
ENGLISH, POLISH = Words("en"), Words("pl")


def a_document(**changes: object) -> Document:
    """A document whose characters outside the first plane would shift every span counted in UTF-16."""
    blocks = tuple(
        Block(kind, TEXT.index(piece), TEXT.index(piece) + len(piece), level)
        for kind, piece, level in (
            ("heading", "Kot 🐈", 1),
            ("paragraph", "Kot 🐈‍⬛ śpi. Kot 𠮷 je <b>rybę</b>.", 0),
            ("item", "raz & dwa", 1),
            ("item", "trzy", 1),
        )
    )
    whole = Document("koty/1", "Koty & psy", TEXT, "pl", "koty.md", "0" * 64, blocks, "2026-11-22")
    return replace(whole, **changes)  # type: ignore[arg-type]


def a_citation(number: int = 1, quote: str = "Kot 𠮷 je <b>rybę</b>.", **changes: object) -> Citation:
    start = TEXT.index(quote) if quote in TEXT else 0
    end = start + len(quote)
    whole = Citation(number, "koty/1", "Koty & psy", "koty.md", "pl", "Kot 🐈", None, "2026-11-22", start, end, quote)
    return replace(whole, **changes)  # type: ignore[arg-type]


def an_answer(*citations: Citation, confidence: float = 0.9) -> Answer:
    sentences = tuple(AnswerSentence(citation.quote, (citation.number,)) for citation in citations)
    return Answer("Co je kot?", "pl", True, confidence, "extractive", "", sentences, citations)


def a_hit(text: str, start: int, end: int) -> Hit:
    passage = Passage("koty/1", 10, 10 + len(text), text, "pl", "Sekcja <1>", ((10, 10 + len(text)),))
    return Hit(passage, 0, 0.5, 0.5, 0.5, start, end)


class _Elements(HTMLParser):
    """Collects the tags and attributes that a browser would see."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]


def assert_inert(html: str) -> None:
    """Fail where hostile text became an element or an attribute."""
    seen = _Elements(html)
    assert not {"img", "script", "b"} & set(seen.tags)
    assert not [name for name in seen.attributes if name.startswith("on") or name == "src"]


def marked(html: str) -> list[str]:
    return [unescape(piece) for piece in re.findall(r"<mark[^>]*>(.*?)</mark>", html)]


# ---------------------------------------------------------------------------------------------------------- sources


def test_a_document_s_text_is_shown_whole_with_the_quote_marked() -> None:
    citation = a_citation()
    assert reading.document_text(a_document(), (citation.start, citation.end)) == (
        "<h3>Kot 🐈</h3>"
        '<p>Kot 🐈‍⬛ śpi. <mark id="quote">Kot 𠮷 je &lt;b&gt;rybę&lt;/b&gt;.</mark></p>'
        '<ul><li data-depth="1">raz &amp; dwa</li><li data-depth="1">trzy</li></ul>'
    )


@pytest.mark.parametrize("quote", ["Kot 🐈‍⬛ śpi.", "Kot 𠮷 je <b>rybę</b>.", "raz & dwa", "🐈"])
def test_the_mark_holds_exactly_the_quote(quote: str) -> None:
    start = TEXT.index(quote)
    assert marked(reading.document_text(a_document(), (start, start + len(quote)))) == [quote]


def test_a_span_over_several_blocks_is_marked_in_each_and_named_once() -> None:
    html = reading.document_text(a_document(), (TEXT.index("śpi"), TEXT.index("dwa")))
    assert marked(html) == ["śpi. Kot 𠮷 je <b>rybę</b>.", "raz & "]
    assert html.count('id="quote"') == 1


def test_a_document_without_blocks_is_one_paragraph() -> None:
    assert reading.document_text(Document("a", "a", "x < y", "und", "a", ""), (0, 1)) == (
        '<p><mark id="quote">x</mark> &lt; y</p>'
    )


def test_a_document_without_a_span_has_no_mark() -> None:
    assert "<mark" not in reading.document(a_document(), POLISH)


def test_a_document_opens_with_its_title_language_date_and_what_it_restates() -> None:
    works = [{"title": "Praca <1>", "publisher": "Wydawca", "date": "2019-09-23"}, {"title": "Inna"}, "nonsense"]
    html = reading.document(a_document(metadata={"restates": works}), POLISH)
    assert '<span lang="pl">Koty &amp; psy</span></h2>' in html
    assert '<p class="meta"><span>polski</span><span><time datetime="2026-11-22">22 listopada 2026</time>' in html
    assert "Na podstawie: Praca &lt;1&gt; · Wydawca · 23 września 2019; Inna</p>" in html


def test_an_address_names_document_span_and_language_of_the_page() -> None:
    address = reading.document_address("koty/1 ?#", POLISH, (3, 9))
    assert address == "documents/koty%2F1%20%3F%23?ui=pl&start=3&end=9#quote"
    assert reading.document_address("a", ENGLISH) == "documents/a?ui=en"


def test_the_library_lists_documents_by_language_that_of_the_page_first() -> None:
    documents = [a_document(id=tag, title=tag, language=tag) for tag in ("zh-Hans", "pl", "und", "en")]
    html = reading.library(documents, POLISH)
    assert re.findall("<h3>(.*?)</h3>", html) == ["polski", "chiński uproszczony", "angielski", "język nieokreślony"]
    assert "4 dokumenty</h2>" in html


@pytest.mark.parametrize("ui", LANGUAGES)
def test_nothing_hostile_in_a_document_becomes_markup(ui: str) -> None:
    words = Words(ui)
    document = Document(
        HOSTILE,
        HOSTILE,
        HOSTILE,
        HOSTILE,
        HOSTILE,
        "",
        (),
        HOSTILE,
        {"restates": [{"title": HOSTILE, "date": HOSTILE}]},
    )
    for html in (
        reading.document(document, words, (3, 30)),
        reading.library([document], words),
        reading.missing(words, root=""),
    ):
        assert_inert(html)


# ------------------------------------------------------------------------------------------------------------ turns


def test_a_sentence_carries_its_number_as_a_link_to_the_exact_words() -> None:
    citation = a_citation()
    html = citing.answered(an_answer(citation), ENGLISH)
    check = citing.check_of(citation.quote)
    assert html.startswith(
        '<div class="answer"><p><span lang="pl">Kot 𠮷 je &lt;b&gt;rybę&lt;/b&gt;.</span><a class="cite" data-pane'
        f' href="documents/koty%2F1?ui=en&amp;start={citation.start}&amp;end={citation.end}&amp;check={check}#quote"'
        ' aria-label="Source 1: Koty &amp; psy" data-tip="Kot 𠮷 je &lt;b&gt;rybę&lt;/b&gt;." lang="pl">1</a></p></div>'
    )


def test_the_words_that_answer_are_set_off_in_the_quote_and_named_in_its_address() -> None:
    citation = a_citation()
    start = TEXT.index("rybę")
    html = citing.answered(an_answer(replace(citation, marks=((start, start + 4),))), ENGLISH)
    assert 'Kot 𠮷 je &lt;b&gt;<em class="key">rybę</em>&lt;/b&gt;.</blockquote>' in html
    assert f"marks={start}-{start + 4}&amp;check=" in html


def test_each_source_shows_its_title_section_language_date_and_exact_quote() -> None:
    html = citing.answered(an_answer(a_citation(page=3)), ENGLISH)
    assert '<p class="title" lang="pl">Koty &amp; psy</p>' in html
    assert re.findall('<p class="meta">(.*?)</p>', html) == [
        '<span><span lang="pl">Kot 🐈</span></span><span>page 3</span><span>Polish</span>'
        '<span><time datetime="2026-11-22">22 November 2026</time></span>'
    ]
    assert '<blockquote lang="pl">Kot 𠮷 je &lt;b&gt;rybę&lt;/b&gt;.</blockquote>' in html


def test_quotes_of_one_section_stand_under_one_title_and_those_past_three_are_folded() -> None:
    answer = an_answer(*(a_citation(number) for number in range(1, 7)))
    html = citing.answered(answer, POLISH)
    assert re.findall('<li value="(.)">', html) == list("123456")
    assert "<summary>Jeszcze 3 cytaty</summary>" in html
    assert html.count('class="title"') == 2
    assert "<details" not in citing.answered(an_answer(*(a_citation(n) for n in range(1, 5))), POLISH)


def test_a_lead_with_a_colon_makes_a_list() -> None:
    answer = an_answer(a_citation(1, "Lead:"), a_citation(2, "One."), a_citation(3, "Two."))
    html = citing.answered(answer, ENGLISH)
    assert re.sub("<a .*?</a>", "", html.split("</div>")[0]) == (
        '<div class="answer"><p><span lang="pl">Lead:</span></p>'
        '<ul><li><span lang="pl">One.</span></li><li><span lang="pl">Two.</span></li></ul>'
    )


@pytest.mark.parametrize(
    ("support", "ui", "level", "why", "quotes"),
    [
        (0.95, "en", "Strongly supported", "one source says so plainly", "2 quotes"),
        (0.7, "pl", "Umiarkowane oparcie w źródłach", "tylko jedno źródło, dość dobrze dopasowane", "2 cytaty"),
        (0.55, "zh-Hant", "依據薄弱，請核對原文", "只有一處不太吻合的段落", "2 處引文"),
    ],
)
def test_the_support_is_given_in_words_with_its_reason(
    support: float, ui: str, level: str, why: str, quotes: str
) -> None:
    html = citing.answered(replace(an_answer(a_citation(1), a_citation(2)), support=support), Words(ui))
    line = f'<strong>{level}</strong><span class="meta"><span>{why}</span><span>{quotes}</span></span>'
    assert line in html


def test_the_reason_tells_agreement_from_difference() -> None:
    one, two = a_citation(1), a_citation(2, document_id="psy/1")
    both = replace(an_answer(one, two), sentences=(AnswerSentence("Kot śpi.", (1, 2)),))
    assert citing.reason(both, ENGLISH) == "2 sources agree"
    assert citing.reason(both, POLISH) == "2 źródła są zgodne"
    assert citing.reason(an_answer(one, two), ENGLISH) == "from 2 documents"
    assert citing.reason(replace(both, support=0.5), POLISH) == "2 słabe dopasowania"
    differing = replace(both, differences=(Difference((1, 2), ("16 godzin", "<b>8 godzin</b>")),), note="Uwaga <1>.")
    assert citing.reason(differing, ENGLISH) == "the sources differ"
    html = citing.answered(differing, ENGLISH)
    assert '<p class="note" lang="pl">Uwaga &lt;1&gt;.</p>' in html
    assert re.findall(r'<li lang="pl">(.*?)<a ', html) == ["16 godzin", "&lt;b&gt;8 godzin&lt;/b&gt;"]


def test_an_answer_is_in_the_asker_s_script_and_keeps_the_original_beside_it() -> None:
    citation = a_citation(1, "客户长负责核心业务。", language="zh-Hans")
    html = citing.answered(replace(an_answer(citation), language="zh-Hant"), Words("zh-Hant"))
    assert '<div class="answer"><p><span lang="zh-Hant">客戶長負責核心業務。</span>' in html
    assert '<blockquote lang="zh-Hans">客户长负责核心业务。</blockquote><p class="meta">原文</p>' in html
    assert '<blockquote lang="zh-Hant">客戶長負責核心業務。</blockquote><p class="meta">轉為繁體</p>' in html
    assert "回答已轉為繁體；每處引文旁保留原文。" in html
    same = citing.answered(replace(an_answer(citation), language="zh-Hans"), Words("zh-Hant"))
    assert "scripts" not in same and "轉為" not in same


def test_a_refusal_looks_unlike_an_answer_and_folds_the_best_windows_away() -> None:
    hit = a_hit("Przed. Okno <tu>. Po.", 17, 27)
    refusal = Answer("Co?", "pl", False, 0.1, "extractive", "Źródła nie mówią.", hits=(hit,))
    html = render.turn_html(Turn("Co?", refusal), 1, ENGLISH, lambda document_id: "Koty & psy")
    assert 'class="turn refused"' in html and 'class="answer"' not in html
    assert '<p class="said" lang="pl">Źródła nie mówią.</p>' in html
    assert '<details class="nearest"><summary>The closest passages</summary>' in html
    assert '<blockquote lang="pl">… Okno &lt;tu&gt;. …</blockquote>' in html
    assert 'href="documents/koty%2F1?ui=en&amp;start=17&amp;end=27#quote">Show in the source</a>' in html


def test_a_refusal_offers_questions_that_can_be_answered_and_an_answer_what_to_ask_next() -> None:
    refusal = Answer("Co?", "pl", False, 0.1, "extractive", "Źródła nie mówią.", suggestions=("Co je <kot>?",))
    html = render.turn_html(Turn("Co?", refusal), 1, ENGLISH, str)
    assert "Questions that the sources do answer" in html
    assert 'class="example" lang="pl" data-question="Co je &lt;kot&gt;?"' in html
    html = render.turn_html(Turn("Co?", an_answer(a_citation()), follow_ups=("A pies?",)), 1, POLISH, str)
    assert "Możesz zapytać dalej" in html and 'data-question="A pies?"' in html


@pytest.mark.parametrize(("kind", "answered"), [(Kind.SMALL_TALK, True), (Kind.OTHER, False)])
def test_small_talk_is_shown_without_support_sources_or_passages(kind: Kind, answered: bool) -> None:
    reply = Answer("Hej", "pl", answered, 1.0, "fixed", "Dzień <dobry>!", kind=kind, suggestions=("Co je kot?",))
    turn = Turn("Hej", replace(reply, hits=(a_hit("Przed. Okno <tu>. Po.", 17, 27),)))
    html = render.turn_html(turn, 1, ENGLISH, str)
    assert (
        '<div class="answer"><p lang="pl">Dzień &lt;dobry&gt;!</p></div>' in html
        and 'data-question="Co je kot?"' in html
    )
    assert not any(f'class="{name}' in html for name in ("support", "sources", "refusal", "nearest"))
    assert "Dzień" in turn_markdown(turn, ENGLISH)
    kept = records.answer(records.record(turn))
    assert kept is not None and (kept.kind, kept.text) == (kind, reply.text)


@pytest.mark.parametrize(
    ("outcome", "said", "buttons"),
    [("pending", "Reading the sources…", []), ("stopped", "Stopped.", ["retry", "edit"])],
)
def test_a_turn_without_an_answer_says_why_and_can_be_asked_again(outcome: str, said: str, buttons: list[str]) -> None:
    html = render.turn_html(Turn("Q", outcome), 2, ENGLISH, str)  # type: ignore[arg-type]
    assert f'<article class="turn {outcome}" id="turn-2"' in html
    assert f'<p class="status" lang="en">{said}</p>' in html
    assert re.findall('data-do="(.*?)"', html) == buttons


def test_a_pending_turn_shows_the_sentences_so_far_with_numbers_that_lead_nowhere_yet() -> None:
    partial = Answer("Q", "pl", True, 0.0, "llm", "", (AnswerSentence("Kot <śpi>.", (1, 2)),))
    html = render.turn_html(Turn("Q", "pending", partial), 1, ENGLISH, str)
    assert '<span lang="pl">Kot &lt;śpi&gt;.</span><span class="cite">1</span><span class="cite">2</span>' in html
    assert "data-record" not in html


def test_nothing_hostile_in_an_answer_or_a_question_becomes_markup() -> None:
    citation = a_citation(
        1, HOSTILE, document_id=HOSTILE, title=HOSTILE, section=HOSTILE, date=HOSTILE, language=HOSTILE
    )
    refusal = Answer(HOSTILE, HOSTILE, False, 0.1, "x", HOSTILE, hits=(a_hit(HOSTILE, 10, 40),))
    turns = (Turn(HOSTILE, an_answer(citation)), Turn(HOSTILE, refusal), Turn(HOSTILE, "failed"))
    assert_inert(render.conversation(turns, ENGLISH, lambda document_id: HOSTILE))
    assert_inert(render.turn_html(Turn(HOSTILE, refusal, follow_ups=(HOSTILE,)), 1, ENGLISH, str))


def test_a_new_conversation_offers_what_it_is_given_in_the_page_s_language() -> None:
    html = render.conversation((), POLISH, str, ("Komu podlega CXO?", HOSTILE))
    assert re.findall('lang="pl" data-question="(.*?)"', html)[0] == "Komu podlega CXO?"
    assert html.count("data-question") == 2
    assert_inert(html)
    assert 'class="examples"' not in render.conversation((), POLISH, str)


def test_the_rail_leads_to_every_page_and_holds_the_language_switch() -> None:
    html = shell.rail(POLISH)
    assert re.findall('href="#/([a-z]*)" data-page="(.*?)"', html) == [("", "ask"), *((p, p) for p in shell.PAGES[1:])]
    assert '<option value="pl" lang="pl" selected>Polski</option>' in html


# --------------------------------------------------------------------------------------------------- a conversation


class _Base:
    """Answers one question, fails at another, tells a third sentence by sentence as a language model would."""

    def ask(self, question: str, *, history: Sequence[str] = (), on_text: Callable[[AnswerSentence], None]) -> Answer:
        if question == "boom":
            raise RuntimeError("a fault inside")
        if question == "model":
            for word in ("Kot.", "Śpi."):
                on_text(AnswerSentence(word, (1,)))
        return an_answer(a_citation(1), a_citation(2))


def moments(question: str) -> list[chat.Moment]:
    return list(chat.asking(_Base(), question, (), ENGLISH, lambda answer: ("A pies?",)))  # type: ignore[arg-type]


def told(question: str) -> list[object]:
    """Return what each moment shows: how many sentences so far, then the whole, then what to ask next."""
    shown: list[object] = []
    for moment in moments(question):
        assert moment.turn
        turn = moment.turn
        so_far = len(turn.partial.sentences) if turn.partial else turn.outcome
        shown.append(turn.follow_ups or ("whole" if isinstance(so_far, Answer) else so_far))
    return shown


def test_a_question_is_pending_then_unfolds_sentence_by_sentence_then_leads_on() -> None:
    assert told(" Co je kot? ") == ["pending", 1, "whole", ("A pies?",)]
    assert moments(" Co je kot? ")[-1].turn == Turn(
        "Co je kot?", an_answer(a_citation(1), a_citation(2)), None, ("A pies?",)
    )


def test_a_language_model_s_sentences_show_as_they_come() -> None:
    assert told("model") == ["pending", 1, 2, "whole", ("A pies?",)]


def test_a_fault_fails_the_turn_and_not_the_page(caplog: pytest.LogCaptureFixture) -> None:
    assert told("boom") == ["pending", "failed"]
    assert "a fault inside" in caplog.text


def test_what_nobody_waits_for_any_more_ends_at_its_next_sentence() -> None:
    ended = threading.Event()

    class Endless:
        def ask(self, question: str, *, history: Sequence[str], on_text: Callable[[AnswerSentence], None]) -> Answer:
            try:
                while True:
                    on_text(AnswerSentence("Kot.", ()))
            finally:
                ended.set()

    going = chat.asking(Endless(), "Co?", (), ENGLISH)  # type: ignore[arg-type]
    assert [next(going).turn is None for _ in range(3)] == [False] * 3
    going.close()  # type: ignore[attr-defined]
    assert ended.wait(5)


@pytest.mark.parametrize(
    ("question", "problem"),
    [
        ("  \n", "Type a question first."),
        ("？！…", "The question holds no word or figure. Ask it in words."),
        ("a" * 2001, "The question is 2001 characters long; the limit is 2000. Shorten it."),
    ],
)
def test_a_question_that_cannot_be_asked_changes_nothing(question: str, problem: str) -> None:
    assert moments(question) == [chat.Moment(None, problem)]


def test_a_question_is_asked_after_the_ones_before_it_and_shows_how_it_was_understood() -> None:
    class Base:
        def ask(self, question: str, *, history: Sequence[str], on_text: object) -> Answer:
            return replace(an_answer(a_citation()), question=question, completed=" < ".join([*history, question]))

    *_, last = chat.asking(Base(), "A CMO?", ["Kim jest CXO?"], POLISH)  # type: ignore[arg-type]
    assert last.turn
    html = render.turn_html(last.turn, 2, POLISH, str)
    shown = '<p class="understood" lang="pl">Pytanie rozumiem jako: <span>Kim jest CXO? &lt; A CMO?</span></p>'
    assert shown.replace("<span>", f"<span{reading.language_attribute('pl')}>") in html
    assert "understood" not in render.turn_html(Turn("Co je kot?", an_answer(a_citation())), 1, POLISH, str)


# ---------------------------------------------------------------------------------------------------------- records


def kept(turn: Turn) -> object:
    return json.loads(records.record_json(turn))


def test_a_turn_comes_back_from_its_record_as_it_was() -> None:
    marked = replace(a_citation(), marks=((1, 3),))
    answered = Turn("Co?", replace(an_answer(marked), differences=(Difference((1,), ("x",)),)), None, ("A?",))
    refused = Turn("Co?", Answer("Co?", "pl", False, 0.1, "extractive", "Nie.", hits=(a_hit("Okno.", 10, 15),)))
    turns = (answered, refused, Turn("Co?", "stopped"), Turn("Co?", "failed"))
    assert records.turns([kept(turn) for turn in turns]) == turns
    assert records.answer(kept(answered)) == answered.outcome
    assert records.answer(kept(Turn("Co?", "stopped"))) is None


def test_a_record_holds_no_passages_of_an_answer_that_never_shows_them() -> None:
    whole = Turn("Co?", replace(an_answer(a_citation()), hits=(a_hit("Okno.", 10, 15),)))
    assert records.turns([kept(whole)]) == (Turn("Co?", an_answer(a_citation())),)


@pytest.mark.parametrize(
    ("value", "turns"),
    [
        ("text", ()),
        ([None, 3, {}, {"question": 7}, {"question": " "}, {"question": "x" * 3000}], ()),
        ([{"question": "Q", "answer": {"text": "<b>"}}], (Turn("Q", "stopped"),)),
        ([{"question": "Q", "answer": "x", "follow_ups": 5}], (Turn("Q", "stopped"),)),
        (
            [{"question": str(n), "state": "failed"} for n in range(60)],
            tuple(Turn(str(n), "failed") for n in range(10, 60)),
        ),
    ],
    ids=["no list", "no turns", "half an answer", "no answer", "too many"],
)
def test_what_a_browser_makes_up_is_no_answer(value: object, turns: chat.Turns) -> None:
    assert records.turns(value) == turns


def test_a_record_that_cites_what_it_does_not_hold_is_no_answer() -> None:
    turn = Turn("Q", replace(an_answer(a_citation()), citations=()))
    assert records.turns([kept(turn)]) == (Turn("Q", "stopped"),)


# ---------------------------------------------------------------------------------------------------------- exports


def test_an_answer_as_markdown_has_its_numbers_its_sources_and_no_markup_of_theirs() -> None:
    citation = a_citation(1, "![x](http://evil.example/x) *kot*", title="Koty [1]", page=3)
    assert turn_markdown(Turn("Co je kot?", an_answer(citation)), POLISH) == (
        "## Co je kot?\n\n"
        "\\!\\[x\\](http://evil.example/x) \\*kot\\* \\[1\\]\n\n"
        "\\[1\\] **Koty \\[1\\]** · Kot 🐈 · str. 3 · 22 listopada 2026\n\n"
        "> \\!\\[x\\](http://evil.example/x) \\*kot\\*\n"
    )


def test_a_conversation_as_markdown_and_as_json() -> None:
    now = datetime(2026, 11, 25, 8, 30, tzinfo=UTC)
    turns = (Turn("Co?", an_answer(a_citation())), Turn("A?", "stopped"))
    text = conversation_markdown(turns, ENGLISH, now)
    assert text.startswith("# CCO Knowledge Base\n\n*Exported on 25 November 2026*\n\n## Co?\n")
    assert text.endswith("## A?\n\n*Stopped.*\n")
    assert conversation_json(turns, now) == {
        "exported": "2026-11-25T08:30:00+00:00",
        "turns": [
            {"question": "Co?", "state": "answered", "answer": an_answer(a_citation()).to_json(), "follow_ups": []},
            {"question": "A?", "state": "stopped"},
        ],
    }


# ------------------------------------------------------------------------------------------------------------ words


@pytest.mark.parametrize("message", MESSAGES)
def test_each_message_is_there_in_all_languages_with_the_same_places(message: str) -> None:
    texts = MESSAGES[message]
    assert set(texts) == set(LANGUAGES) and all(text.strip() for text in texts.values())
    places = {tag: {name for _, name, _, _ in Formatter().parse(text) if name} for tag, text in texts.items()}
    assert len(set(map(frozenset, places.values()))) == 1, places


@pytest.mark.parametrize("message", PLURALS)
def test_each_counted_message_has_all_forms_of_its_language(message: str) -> None:
    assert {tag: len(forms) for tag, forms in PLURALS[message].items()} == {
        "zh-Hans": 1,
        "zh-Hant": 1,
        "pl": 3,
        "en": 2,
    }
    assert all("{count}" in form for forms in PLURALS[message].values() for form in forms)


def test_every_message_that_the_page_asks_for_exists_and_no_other() -> None:
    source = "".join(path.read_text("utf-8") for path in Path(chat.__file__).parents[1].rglob("*.py"))
    asked = set(re.findall(r"""words\(\s*["']([\w-]+)["']""", source))
    counted = set(re.findall(r"""words\.count\(\s*["']([\w-]+)["']""", source))
    counted_by_value = tuple(re.findall(r"""words\.count\(\s*f["']([\w-]+)\{""", source))
    # Asked for by a value, of which the beginning stands in the source: the name of a language, a column.
    begun = tuple(re.findall(r"""(?:words|self)\(\s*f["']([\w-]+)\{""", source))
    # Asked for by a value: the state of a turn, how well an answer is supported, a button, why nothing can be changed.
    quoted = set(re.findall(r"""["']([\w-]+)["']""", source))
    by_value = quoted | {f"{name}_note" for name in quoted}
    by_value |= {f"{field.message}_{choice}" for field in FIELDS for choice in field.choices}
    unused = {m for m in MESSAGES if m not in asked and not m.startswith(begun) and m not in by_value}
    assert asked <= set(MESSAGES)
    assert unused == set()
    assert {m for m in PLURALS if m not in counted and not m.startswith(counted_by_value)} == set()
    assert counted <= set(PLURALS)


@pytest.mark.parametrize(
    ("count", "written"),
    [
        (0, "0 dokumentów"),
        (1, "1 dokument"),
        (2, "2 dokumenty"),
        (4, "4 dokumenty"),
        (5, "5 dokumentów"),
        (12, "12 dokumentów"),
        (21, "21 dokumentów"),
        (22, "22 dokumenty"),
        (112, "112 dokumentów"),
        (124, "124 dokumenty"),
    ],
)
def test_polish_counts(count: int, written: str) -> None:
    assert POLISH.count("documents", count) == written


def test_english_and_chinese_counts() -> None:
    assert [ENGLISH.count("documents", n) for n in (0, 1, 2)] == ["0 documents", "1 document", "2 documents"]
    assert plural_form("zh-Hans", 1) == plural_form("zh-Hans", 5) == 0


@pytest.mark.parametrize(
    ("ui", "written"),
    [("zh-Hans", "2019年9月3日"), ("zh-Hant", "2019年9月3日"), ("pl", "3 września 2019"), ("en", "3 September 2019")],
)
def test_dates(ui: str, written: str) -> None:
    assert Words(ui).date("2019-09-03") == written
    assert Words(ui).date("około 2019") == "około 2019"


@pytest.mark.parametrize("language", ["de", "", None, 7, "<script>"])
def test_a_language_from_outside_that_is_none_of_the_four_becomes_english(language: object) -> None:
    assert Words.of(language) == ENGLISH


# ------------------------------------------------------------------------------------------- a language model's words


def test_an_answer_in_a_models_words_says_so_and_is_in_the_language_of_the_question() -> None:
    answer = replace(an_answer(a_citation()), engine="llm", language="zh-Hant", question="貓吃什麼？")
    html = citing.answered(replace(answer, sentences=(AnswerSentence("貓吃魚。", (1,), 0.8),)), ENGLISH)
    assert '<span lang="zh-Hant">貓吃魚。</span>' in html
    assert "In a language model&#x27;s words; each sentence was checked against the quotes below." in html


def test_where_quotes_stand_in_for_the_model_the_reason_is_shown_and_escaped() -> None:
    html = citing.answered(replace(an_answer(a_citation()), reason=f"Nie odpowiada. {HOSTILE}"), ENGLISH)
    assert '<p class="meta origin" lang="en"><span lang="pl">Nie odpowiada. &lt;img' in html
    assert "So the sources themselves are quoted.</p>" in html
    assert_inert(html)


def test_without_a_model_nothing_is_said_of_one() -> None:
    assert "origin" not in citing.answered(an_answer(a_citation()), ENGLISH)
