"""The conversation, its header and its question box as HTML. Pure; whatever comes from outside is escaped."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from itertools import groupby

from kb import Answer, AnswerSentence, Citation
from retrieval.index import Hit
from ui.chat import Turn, Turns
from ui.messages import EXAMPLES, LANGUAGES, OWN_NAMES, Words
from ui.reading import document_address, language_attribute, library_address, meta_line

STRONG, FAIR = 0.85, 0.65
"""Confidence from which an answer is called strongly and fairly supported."""
QUOTES_SHOWN = 3
"""Quotes listed under an answer at once; the others are folded away."""

TitleOf = Callable[[str], str]
"""Gives a document's title by its id."""

_MARK = (
    '<svg class="logo" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8"/>'
    '<path d="M9 11.5h6M9 16h4.5M9 20.5h6M22.5 12.2a5 5 0 1 0 0 7.6"/></svg>'
)
_ICONS = {
    "send": '<path d="M12 19V6M6 11l6-6 6 6"/>',
    "stop": '<rect x="7" y="7" width="10" height="10" rx="1.5"/>',
    "library": '<path d="M5 4.5h10.5A2.5 2.5 0 0 1 18 7v12.5H7.5A2.5 2.5 0 0 1 5 17zM5 17a2.5 2.5 0 0 1 2.5-2.5H18"/>',
}


def header(words: Words, documents: int) -> str:
    """Return the line at the top: the name, how much is in the library, the language switch."""
    options = "".join(
        f'<option value="{tag}" lang="{tag}"{" selected" if tag == words.language else ""}>{OWN_NAMES[tag]}</option>'
        for tag in LANGUAGES
    )
    count = escape(words.count("documents", documents))
    return (
        f'<header class="top" lang="{words.language}" data-unreachable="{escape(words("unreachable"))}">'
        f'<h1 class="name">{_MARK}<span>{escape(words("product"))}</span></h1><nav>'
        f'<a class="pill" id="library" data-pane href="{escape(library_address(words))}"'
        f' aria-label="{escape(words("library"))}: {count}">{_icon("library")}'
        f'<span class="long">{count}</span><span class="short">{documents}</span></a>'
        f'<select id="language" class="pill" aria-label="{escape(words("interface_language"))}">{options}</select>'
        "</nav></header>"
    )


def composer(words: Words, problem: str = "", *, empty: bool = True) -> str:
    """Return the question box with its buttons, and what is wrong with the question if anything is."""
    clear = "" if empty else f'<button type="button" id="clear" class="quiet">{escape(words("clear"))}</button>'
    return (
        f'<form class="ask" lang="{words.language}"><p id="problem" role="alert">{escape(problem)}</p><div class="box">'
        f'<textarea id="question" rows="1" autocomplete="off" aria-describedby="problem"'
        f' aria-label="{escape(words("question"))}" placeholder="{escape(words("placeholder"))}"></textarea>'
        f"{_icon_button('send', 'submit', words)}{_icon_button('stop', 'button', words)}</div>"
        f'<div class="under"><span class="keys">{escape(words("keys"))}</span>{clear}</div></form>'
    )


def conversation(turns: Turns, words: Words, title_of: TitleOf) -> str:
    """Return all turns, or the welcome where there is none."""
    if not turns:
        return welcome(words)
    rendered = "".join(turn_html(turn, number, words, title_of) for number, turn in enumerate(turns, 1))
    return f'<div class="turns" role="log" aria-label="{escape(words("conversation"))}">{rendered}</div>'


def welcome(words: Words) -> str:
    """Return what a new reader sees: what this is, and questions to try, the page's own language first."""
    order = sorted(EXAMPLES, key=lambda tag: tag != words.language)
    buttons = "".join(
        f'<li><button type="button" class="example" lang="{tag}" data-question="{escape(question)}">'
        f"{escape(question)}</button></li>"
        for tag in order
        for question in EXAMPLES[tag]
    )
    return (
        f'<section class="welcome" lang="{words.language}"><h2>{escape(words("welcome"))}</h2>'
        f"<p>{escape(words('promise'))}</p><h3>{escape(words('examples'))}</h3>"
        f'<ul class="examples">{buttons}</ul></section>'
    )


def turn_html(turn: Turn, number: int, words: Words, title_of: TitleOf) -> str:
    """Return one question and what came of it."""
    if isinstance(turn.outcome, Answer):
        language = language_attribute(turn.outcome.language)
        body = understood(turn.outcome, words)
        body += answered(turn.outcome, words) if turn.outcome.answered else refused(turn.outcome, words, title_of)
        state = "answered" if turn.outcome.answered else "refused"
    else:
        language, state = "", turn.outcome
        body = f'<p class="status" lang="{words.language}">{escape(words(turn.outcome))}</p>'
    return (
        f'<article class="turn {state}" id="turn-{number}"><h2 class="asked"{language}>{escape(turn.question)}</h2>'
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


def answered(answer: Answer, words: Words) -> str:
    """Return the sentences with their citation numbers, how well they are supported, and their sources."""
    citations = {citation.number: citation for citation in answer.citations}
    # A quote is in its source's language, what a model says in the question's.
    own = answer.language if answer.engine == "llm" else ""
    sentences = _sentences(answer.sentences, citations, words, own)
    origin = _origin(answer, words)
    return f'<div class="answer">{sentences}</div>{origin}{_support(answer, words)}{_sources(answer, words)}'


def refused(answer: Answer, words: Words, title_of: TitleOf) -> str:
    """Return the refusal, which looks unlike an answer, and the nearest passages folded away."""
    nearest = "".join(_nearest(hit, words, title_of) for hit in answer.hits)
    folded = (
        f'<details class="nearest"><summary>{escape(words("nearest"))}</summary>'
        f'<p class="meta">{escape(words("nearest_note"))}</p><ul>{nearest}</ul></details>'
        if nearest
        else ""
    )
    return (
        f'<div class="refusal" lang="{words.language}"><p class="verdict">{escape(words("not_found"))}</p>'
        f'<p class="said"{language_attribute(answer.language)}>{escape(answer.text)}</p>{folded}</div>'
    )


def support(confidence: float) -> str:
    """Return the message that puts a confidence in words."""
    return "strong" if confidence >= STRONG else "fair" if confidence >= FAIR else "weak"


def _origin(answer: Answer, words: Words) -> str:
    """Return whose words the answer is in where a language model is set up, nothing where there is none."""
    if answer.engine == "llm":
        return f'<p class="meta origin" lang="{words.language}">{escape(words("in_model_words"))}</p>'
    if not answer.reason:
        return ""
    reason = f"<span{language_attribute(answer.language)}>{escape(answer.reason)}</span>"
    return f'<p class="meta origin" lang="{words.language}">{reason} {escape(words("stands_in"))}</p>'


def _sentences(
    sentences: tuple[AnswerSentence, ...], citations: dict[int, Citation], words: Words, language: str = ""
) -> str:
    """Return a lead that ends in a colon and what follows as a list, anything else as one paragraph."""
    html = [_sentence(sentence, citations, words, language) for sentence in sentences]
    if len(sentences) > 2 and sentences[0].text.rstrip().endswith((":", "：")):
        items = "".join(f"<li>{item}</li>" for item in html[1:])
        return f"<p>{html[0]}</p><ul>{items}</ul>"
    return f"<p>{' '.join(html)}</p>"


def _sentence(sentence: AnswerSentence, citations: dict[int, Citation], words: Words, language: str = "") -> str:
    cited = [citations[number] for number in sentence.citations]
    links = "".join(_number(citation, words) for citation in cited)
    language = language or (cited[0].language if cited else "")
    return f"<span{language_attribute(language)}>{escape(sentence.text)}</span>{links}"


def _number(citation: Citation, words: Words) -> str:
    name = escape(words("source_number", number=citation.number, title=citation.title))
    return (
        f'<a class="cite" data-pane href="{escape(_address(citation, words))}" aria-label="{name}"'
        f' title="{escape(citation.quote)}">{citation.number}</a>'
    )


def _address(citation: Citation, words: Words) -> str:
    return document_address(citation.document_id, words, (citation.start, citation.end))


def _support(answer: Answer, words: Words) -> str:
    level = support(answer.confidence)
    documents = len({citation.document_id for citation in answer.citations})
    gap = " " if words.language in ("pl", "en") else "，"
    basis = words.count("quotes", len(answer.citations)) + gap + words.count("from_documents", documents)
    return (
        f'<p class="support {level}" lang="{words.language}"><strong>{escape(words(level))}</strong>'
        f"<span>{escape(basis)}</span></p>"
    )


def _sources(answer: Answer, words: Words) -> str:
    """Return the exact quotes under the titles that they come from; those past the first few folded away."""
    shown, folded = answer.citations[:QUOTES_SHOWN], answer.citations[QUOTES_SHOWN:]
    if len(folded) == 1:
        shown, folded = answer.citations, ()
    more = ""
    if folded:
        summary = escape(words.count("more_quotes", len(folded)))
        more = f'<details class="more"><summary>{summary}</summary>{_cited(folded, words)}</details>'
    return (
        f'<section class="sources" lang="{words.language}"><h3>{escape(words("sources"))}</h3>'
        f"{_cited(shown, words)}{more}</section>"
    )


def _cited(citations: tuple[Citation, ...], words: Words) -> str:
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
        items = "".join(_quote(citation, words) for citation in quotes)
        html.append(
            f'<div class="from"><p class="title"{language_attribute(first.language)}>{escape(first.title)}</p>'
            f'<p class="meta">{meta}</p><ol>{items}</ol></div>'
        )
    return "".join(html)


def _quote(citation: Citation, words: Words) -> str:
    name = escape(f"{words('source_number', number=citation.number, title=citation.title)}. {words('open_source')}")
    return (
        f'<li value="{citation.number}"><a data-pane href="{escape(_address(citation, words))}" aria-label="{name}">'
        f"{citation.number}</a><blockquote{language_attribute(citation.language)}>{escape(citation.quote)}</blockquote></li>"
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


def _icon(name: str) -> str:
    return f'<svg viewBox="0 0 24 24" aria-hidden="true">{_ICONS[name]}</svg>'


def _icon_button(name: str, kind: str, words: Words) -> str:
    label = escape(words(name))
    return f'<button type="{kind}" id="{name}" aria-label="{label}" title="{label}">{_icon(name)}</button>'
