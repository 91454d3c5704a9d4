"""The conversation as HTML. Pure; whatever comes from outside is escaped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from kb import Answer
from kb.answering.treatment import TREATMENTS
from retrieval.index.snapshot import Hit
from ui.chat.citing import answered, sentences_html
from ui.chat.export import turn_markdown
from ui.chat.records import record_json
from ui.chat.turns import Turn, Turns
from ui.locale.messages import Words
from ui.widgets.document_view import document_address, language_attribute, meta_line
from ui.widgets.icons import icon, icon_button

TitleOf = Callable[[str], str]
"""Gives a document's title by its id."""


def conversation(turns: Turns, words: Words, title_of: TitleOf, offered: Sequence[str] = ()) -> str:
    """Return the welcome, which shows while there is no turn, all turns, and what the script shows by itself.

    `offered` are questions to begin with, in the page's language.
    """
    rendered = "".join(turn_html(turn, number, words, title_of) for number, turn in enumerate(turns, 1))
    return (
        f"{welcome(words, offered)}"
        f'<div class="turns" role="log" aria-label="{escape(words("conversation"))}">{rendered}</div>'
        f'<template id="pending-turn">{turn_html(Turn("", "pending"), 0, words, title_of)}</template>'
        f'<template id="lost-turn">{_lost(words)}</template>'
    )


def welcome(words: Words, offered: Sequence[str] = ()) -> str:
    """Return what a new reader sees: what this is, and questions to try."""
    questions = "".join(_example(words.language, question) for question in offered)
    examples = f'<h2>{escape(words("examples"))}</h2><ul class="examples">{questions}</ul>' if offered else ""
    return (
        f'<section class="welcome" lang="{words.language}"><p class="product">{escape(words("product"))}</p>'
        f"<h1>{escape(words('welcome'))}</h1><p>{escape(words('promise'))}</p>{examples}"
        "</section>"
    )


def turn_html(turn: Turn, number: int, words: Words, title_of: TitleOf) -> str:
    """Return one question and what came of it, with its record and its Markdown once it is settled."""
    outcome = turn.outcome
    language, kept = "", ""
    if isinstance(outcome, Answer):
        language = language_attribute(outcome.language)
        body = understood(outcome, words)
        if not TREATMENTS[outcome.kind].looked_up:
            body += replied(outcome, words)
        else:
            body += answered(outcome, words) if outcome.answered else refused(outcome, words, title_of)
        body += _actions(words, rated=True)
        if turn.follow_ups:
            body += _questions("follow_ups", turn.follow_ups, outcome.language, words)
        state = "answered" if outcome.answered else "refused"
    else:
        state = outcome
        said = f'<div class="answer">{sentences_html(turn.partial, words)}</div>' if turn.partial else ""
        body = f'{said}<p class="status" lang="{words.language}">{escape(words(outcome))}</p>'
        body += "" if outcome == "pending" else _actions(words, rated=False)
    if outcome != "pending":
        markdown = turn_markdown(turn, words)
        kept = f' data-record="{escape(record_json(turn))}" data-markdown="{escape(markdown)}"'
    return (
        f'<article class="turn {state}" id="turn-{number}"{kept}>'
        f'<h2 class="asked"{language}>{escape(turn.question)}</h2>'
        f"{body}</article>"
    )


def understood(answer: Answer, words: Words) -> str:
    """Return the question as it was completed from the turns before it; nothing where it stands on its own."""
    if not answer.completed:
        return ""
    return (
        f'<p class="understood" lang="{words.language}">{escape(words("understood"))}'
        f"<span{language_attribute(answer.language)}>{escape(answer.completed)}</span></p>"
    )


def replied(answer: Answer, words: Words) -> str:
    """Return what the assistant says for itself, which no source bears out, and questions that can be answered."""
    offered = _questions("answerable", answer.suggestions, answer.language, words) if answer.suggestions else ""
    return f'<div class="answer"><p{language_attribute(answer.language)}>{escape(answer.text)}</p></div>{offered}'


def refused(answer: Answer, words: Words, title_of: TitleOf) -> str:
    """Return the refusal, which looks unlike an answer, questions that can be answered, and the nearest passages."""
    nearest = "".join(_nearest(hit, words, title_of) for hit in answer.hits)
    folded = (
        f'<details class="nearest"><summary>{escape(words("nearest"))}</summary>'
        f'<p class="meta">{escape(words("nearest_note"))}</p><ul>{nearest}</ul></details>'
        if nearest
        else ""
    )
    note = f'<p class="note"{language_attribute(answer.language)}>{escape(answer.note)}</p>' if answer.note else ""
    offered = _questions("answerable", answer.suggestions, answer.language, words) if answer.suggestions else ""
    return (
        f'<div class="refusal" lang="{words.language}"><p class="verdict">{escape(words("not_found"))}</p>'
        f'<p class="said"{language_attribute(answer.language)}>{escape(answer.text)}</p>{note}{offered}{folded}</div>'
    )


def _lost(words: Words) -> str:
    """Return what is left of a turn when the server goes away: a script fills in the question."""
    return (
        '<article class="turn failed"><h2 class="asked"></h2>'
        f'<p class="status" lang="{words.language}">{escape(words("interrupted"))}</p>{_actions(words, rated=False)}'
        "</article>"
    )


def _actions(words: Words, *, rated: bool) -> str:
    """Return the buttons under a turn; `rated` says whether there is an answer to copy and to judge."""
    copy = icon_button("copy", words("copy"), f'data-do="copy" data-done="{escape(words("copied"))}"') if rated else ""
    rate = (
        icon_button("rate_up", words("rate_up"), 'data-do="rate" data-rating="up" aria-pressed="false"')
        + icon_button("rate_down", words("rate_down"), 'data-do="rate" data-rating="down" aria-pressed="false"')
        if rated
        else ""
    )
    again = icon_button("retry", words("retry"), 'data-do="retry"') + icon_button(
        "edit", words("edit"), 'data-do="edit"'
    )
    return (
        f'<div class="actions" role="group" lang="{words.language}" aria-label="{escape(words("answer_actions"))}"'
        f' data-rated="{escape(words("rated"))}" data-not-rated="{escape(words("not_rated"))}">{copy}{rate}{again}'
        '<span class="done" role="status"></span></div>'
    )


def _questions(message: str, questions: Sequence[str], language: str, words: Words) -> str:
    items = "".join(_example(language, question) for question in questions)
    return (
        f'<section class="next" lang="{words.language}"><h3>{escape(words(message))}</h3>'
        f'<ul class="examples">{items}</ul></section>'
    )


def _example(language: str, question: str) -> str:
    return (
        f'<li><button type="button" class="example"{language_attribute(language)}'
        f' data-question="{escape(question)}">{escape(question)}{icon("next")}</button></li>'
    )


def _nearest(hit: Hit, words: Words, title_of: TitleOf) -> str:
    """Return the best window of a passage; what was left off on either side shows as an ellipsis."""
    passage = hit.passage
    window = passage.text[hit.start - passage.start : hit.end - passage.start]
    before = "… " if hit.start > passage.start else ""
    after = " …" if hit.end < passage.end else ""
    language = language_attribute(passage.language)
    section = f"<span{language}>{escape(passage.section)}</span>" if passage.section else ""
    return (
        f'<li><p class="title"{language}>{escape(title_of(passage.document_id))}</p>'
        f'<p class="meta">{meta_line(section, escape(words.name_of(passage.language)))}</p>'
        f"<blockquote{language}>{before}{escape(window)}{after}</blockquote>"
        f'<a data-pane href="{escape(document_address(passage.document_id, words, (hit.start, hit.end)))}">'
        f"{escape(words('open_source'))}</a></li>"
    )
