"""Turns as Markdown and as JSON, to be taken elsewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from kb import Answer, Citation
from ui.chat.citing import leading, listed
from ui.chat.turns import Turn
from ui.locale.messages import Words

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~!])")


def turn_markdown(turn: Turn, words: Words) -> str:
    """Return a question, its answer and the exact quotes; nothing in them acts as markup."""
    parts = [f"## {_plain(turn.question)}"]
    if not isinstance(turn.outcome, Answer):
        return "\n\n".join([*parts, f"*{_plain(words(turn.outcome))}*"]) + "\n"
    answer = turn.outcome
    if answer.answered:
        whole = _sentences(answer) if answer.sentences else _plain(answer.text)
        parts += [_part(part) for part in answer.parts] or [whole]
        if answer.note:
            parts.append(f"*{_plain(answer.note)}*")
        parts += [_source(citation, words) for citation in answer.citations]
    else:
        parts.append(_plain(answer.text))
    return "\n\n".join(parts) + "\n"


def conversation_markdown(turns: Sequence[Turn], words: Words, now: datetime | None = None) -> str:
    """Return a whole conversation under the product's name and the day of the export."""
    day = (now or datetime.now(UTC)).date().isoformat()
    head = f"# {words('product')}\n\n*{words('asked_on', date=words.date(day))}*\n"
    return "\n".join([head, *(turn_markdown(turn, words) for turn in turns)])


def conversation_json(turns: Sequence[Turn], now: datetime | None = None) -> dict[str, Any]:
    """Return a conversation as plain values, each answer in the form of `cco ask --json`."""
    return {
        "exported": (now or datetime.now(UTC)).isoformat(timespec="seconds"),
        "turns": [
            {"question": turn.question, "state": "answered" if turn.outcome.answered else "refused"}
            | {"answer": turn.outcome.to_json(), "follow_ups": list(turn.follow_ups)}
            if isinstance(turn.outcome, Answer)
            else {"question": turn.question, "state": turn.outcome}
            for turn in turns
        ],
    }


def _sentences(answer: Answer) -> str:
    said = [
        (f"**{_plain(s.label)}**: " if s.label else "")
        + " ".join(filter(None, [_plain(s.text), "".join(rf"\[{number}\]" for number in s.citations)]))
        for s in answer.sentences
    ]
    opening = f"{_plain(answer.lead)}\n\n" if answer.lead else ""
    if listed(answer):
        led = leading(answer)
        return opening + "\n".join([*said[:led], "", *(f"- {item}" for item in said[led:])]).strip()
    return opening + ("\n\n" if any(s.label for s in answer.sentences) else " ").join(said)


def _part(answer: Answer) -> str:
    """Return one of several questions and what is said to it."""
    note = f"\n\n*{_plain(answer.note)}*" if answer.note else ""
    return f"### {_plain(answer.question)}\n\n{_sentences(answer) if answer.answered else _plain(answer.text)}{note}"


def _source(citation: Citation, words: Words) -> str:
    place = [
        f"**{_plain(citation.title)}**",
        _plain(citation.section),
        words("page", page=citation.page) if citation.page is not None else "",
        words.date(citation.date) if citation.date else "",
    ]
    quote = "\n".join(f"> {_plain(line)}" for line in citation.quote.splitlines() if line.strip())
    return rf"\[{citation.number}\] {' · '.join(filter(None, place))}" + f"\n\n{quote}"


def _plain(text: str) -> str:
    """Return text in which nothing is markup: an image in a quote must not be fetched where it is pasted."""
    escaped = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return re.sub(r"^([-+]|\d+\.)(?=\s)", r"\\\1", escaped)
