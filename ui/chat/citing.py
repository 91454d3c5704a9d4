"""An answer as HTML: its sentences with their numbers, how well they are supported and why, and the exact quotes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from html import escape
from itertools import groupby

from corpus.text.normalize import to_script
from kb import Answer, AnswerSentence, Citation
from kb.answering.confidence import level
from kb.answering.extractive import MOST_ITEMS
from ui.locale.messages import Words
from ui.widgets.document_view import document_address, language_attribute, marked, meta_line

QUOTES_SHOWN = 3
"""Quotes listed under an answer at once; the others are folded away."""
_SCRIPTS = {"zh-Hans": "zh-Hant", "zh-Hant": "zh-Hans"}


def answered(answer: Answer, words: Words) -> str:
    """Return the sentences with their citation numbers, what is to be known of them, and their sources."""
    body = "".join(_part(part, words) for part in answer.parts) or sentences_html(answer, words)
    return (
        f'<div class="answer">{body}</div>{_origin(answer, words)}'
        f"{_differences(answer, words)}{_support(answer, words)}{_sources(answer, words)}"
    )


def sentences_html(answer: Answer, words: Words) -> str:
    """Return a list as one under its lead, anything else as one paragraph, and before it whose words they are."""
    citations = {citation.number: citation for citation in answer.citations}
    html = [_sentence(sentence, citations, answer, words) for sentence in answer.sentences]
    opening = f'<p class="lead"{language_attribute(answer.language)}>{escape(answer.lead)}</p>' if answer.lead else ""
    if listed(answer):
        led = leading(answer)
        items = "".join(f"<li>{item}</li>" for item in html[led:])
        return f"{opening}{''.join(f'<p>{item}</p>' for item in html[:led])}<ul>{items}</ul>"
    if any(sentence.label for sentence in answer.sentences):
        return opening + _labelled(answer, html)
    return f"{opening}<p>{' '.join(html)}</p>"


def _labelled(answer: Answer, html: Sequence[str]) -> str:
    """Return what is about nothing by itself as a paragraph, the rest in a column each, or a row on a narrow screen."""
    whole = [item for sentence, item in zip(answer.sentences, html, strict=True) if not sentence.label]
    columns = "".join(
        f"<div><dt{language_attribute(answer.language)}>{escape(sentence.label)}</dt><dd>{item}</dd></div>"
        for sentence, item in zip(answer.sentences, html, strict=True)
        if sentence.label
    )
    return f'{"".join(f"<p>{item}</p>" for item in whole)}<dl class="sides">{columns}</dl>'


def listed(answer: Answer) -> bool:
    """Tell whether an answer is a list: one of its source, or a model's lead and what follows it."""
    led = len(answer.sentences) > 2 and answer.sentences[0].text.rstrip().endswith((":", "："))
    return answer.items > 0 or led


def leading(answer: Answer) -> int:
    """Return how many sentences of a list stand before its items."""
    return len(answer.sentences) - min(answer.items, MOST_ITEMS) if answer.items else 1


def _part(answer: Answer, words: Words) -> str:
    """Return one of several questions and what is said to it."""
    attribute = language_attribute(answer.language)
    note = f'<p class="note"{attribute}>{escape(answer.note)}</p>' if answer.note else ""
    said = sentences_html(answer, words) if answer.answered else f"<p{attribute}>{escape(answer.text)}</p>"
    return f'<section class="part"><h3{attribute}>{escape(answer.question)}</h3>{said}{note}</section>'


def reason(answer: Answer, words: Words) -> str:
    """Return in words why an answer is as sure as it is."""
    supported = level(answer.support)
    documents = {citation.number: citation.document_id for citation in answer.citations}
    sources = len(set(documents.values()))
    if answer.differences:
        return words("differ")
    if supported == "weak":
        return words("one_weak_match") if sources < 2 else words.count("weak_matches", sources)
    if sources < 2:
        return words("plainly" if supported == "strong" else "one_match")
    agreeing = max(len({documents[number] for number in sentence.citations}) for sentence in answer.sentences)
    return words.count("agree", agreeing) if agreeing > 1 else words.count("from_documents", sources)


def converted(text: str, language: str, asked: str) -> str:
    """Return Chinese `text` in the script of the question where it is in the other one; nothing otherwise."""
    if _SCRIPTS.get(language) != asked:
        return ""
    other = _in_script(text, asked)
    return other if other != text else ""


@lru_cache(maxsize=2000)
def _in_script(text: str, language: str) -> str:
    return to_script(text, language)


def _sentence(sentence: AnswerSentence, citations: dict[int, Citation], answer: Answer, words: Words) -> str:
    cited = [citations[number] for number in sentence.citations if number in citations]
    # A quote is in its source's language, what a model says in the question's.
    language = answer.language if answer.engine == "llm" or not cited else cited[0].language
    text = sentence.text
    if other := converted(text, language, answer.language):
        text, language = other, answer.language
    # While an answer is still being written its numbers have nothing to lead to.
    links = "".join(_number(citation, words) for citation in cited) or "".join(
        f'<span class="cite">{number}</span>' for number in sentence.citations
    )
    return f"<span{language_attribute(language)}>{escape(text)}</span>{links}"


def _number(citation: Citation, words: Words) -> str:
    name = escape(words("source_number", number=citation.number, title=citation.title))
    return (
        f'<a class="cite" data-pane href="{escape(_address(citation, words))}" aria-label="{name}"'
        f' data-tip="{escape(citation.quote)}"{language_attribute(citation.language)}>{citation.number}</a>'
    )


def _address(citation: Citation, words: Words) -> str:
    return document_address(
        citation.document_id,
        words,
        (citation.start, citation.end),
        marks=citation.marks,
        check=check_of(citation.quote),
    )


def check_of(quote: str) -> str:
    """Return eight hexadecimal digits by which it shows whether a quote is still where it was."""
    return hashlib.sha256(quote.encode()).hexdigest()[:8]


def _origin(answer: Answer, words: Words) -> str:
    """Return whose words the answer is in, where that needs saying, and what else is to be known of it."""
    lines = []
    if answer.engine == "llm":
        lines.append(escape(words("in_model_words")))
    elif any(converted(citation.quote, citation.language, answer.language) for citation in answer.citations):
        lines.append(escape(words(f"converted_{answer.language}")))
    if answer.reason:
        reason = f"<span{language_attribute(answer.language)}>{escape(answer.reason)}</span>"
        lines.append(f"{reason} {escape(words('stands_in'))}")
    html = "".join(f'<p class="meta origin" lang="{words.language}">{line}</p>' for line in lines)
    if answer.note:
        html = f'<p class="note"{language_attribute(answer.language)}>{escape(answer.note)}</p>{html}'
    return html


def _differences(answer: Answer, words: Words) -> str:
    """Return what the sources say differently, each with the number that leads to it."""
    citations = {citation.number: citation for citation in answer.citations}
    rows = []
    for difference in answer.differences:
        said = "".join(
            f"<li{language_attribute(cited.language)}>{escape(text)}{_number(cited, words)}</li>"
            for number, text in zip(difference.citations, difference.said, strict=False)
            if (cited := citations.get(number))
        )
        rows.append(f"<ul>{said}</ul>")
    if not rows:
        return ""
    title = escape(words("differences"))
    return f'<section class="differences" lang="{words.language}"><h3>{title}</h3>{"".join(rows)}</section>'


def _support(answer: Answer, words: Words) -> str:
    supported = level(answer.support)
    quotes = words.count("quotes", len(answer.citations))
    basis = meta_line(escape(reason(answer, words)), escape(quotes))
    return (
        f'<p class="support {supported}" lang="{words.language}"><strong>{escape(words(supported))}</strong>'
        f'<span class="meta">{basis}</span></p>'
    )


def _sources(answer: Answer, words: Words) -> str:
    """Return the exact quotes under the titles that they come from; those past the first few folded away."""
    shown, folded = answer.citations[:QUOTES_SHOWN], answer.citations[QUOTES_SHOWN:]
    if len(folded) == 1:
        shown, folded = answer.citations, ()
    more = ""
    if folded:
        summary = escape(words.count("more_quotes", len(folded)))
        listed = _cited(folded, answer.language, words)
        more = f'<details class="more"><summary>{summary}</summary>{listed}</details>'
    return (
        f'<section class="sources" lang="{words.language}"><h3>{escape(words("sources"))}</h3>'
        f"{_cited(shown, answer.language, words)}{more}</section>"
    )


def _cited(citations: tuple[Citation, ...], asked: str, words: Words) -> str:
    html = []
    for _, group in groupby(citations, key=lambda c: (c.document_id, c.section, c.page)):
        quotes = list(group)
        first = quotes[0]
        meta = meta_line(
            f"<span{language_attribute(first.language)}>{escape(first.section)}</span>" if first.section else "",
            escape(words("page", page=first.page)) if first.page is not None else "",
            escape(words.name_of(first.language)),
            f'<time datetime="{escape(first.date)}">{escape(words.date(first.date))}</time>' if first.date else "",
        )
        items = "".join(_quote(citation, asked, words) for citation in quotes)
        html.append(
            f'<div class="from"><p class="title"{language_attribute(first.language)}>{escape(first.title)}</p>'
            f'<p class="meta">{meta}</p><ol>{items}</ol></div>'
        )
    return "".join(html)


def _quote(citation: Citation, asked: str, words: Words) -> str:
    name = escape(f"{words('source_number', number=citation.number, title=citation.title)}. {words('open_source')}")
    text = marked(citation.quote, [(a - citation.start, b - citation.start) for a, b in citation.marks])
    quote = f"<blockquote{language_attribute(citation.language)}>{text}</blockquote>"
    if other := converted(citation.quote, citation.language, asked):
        quote = (
            f'<div class="scripts"><div>{quote}<p class="meta">{escape(words("original"))}</p></div><div>'
            f"<blockquote{language_attribute(asked)}>{escape(other)}</blockquote>"
            f'<p class="meta">{escape(words(f"as_{asked}"))}</p></div></div>'
        )
    return (
        f'<li value="{citation.number}"><a data-pane href="{escape(_address(citation, words))}" aria-label="{name}">'
        f"{citation.number}</a>{quote}</li>"
    )
