"""What the sources are, and what one of them or several say in short: sentences of theirs, in their order."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from weakref import WeakKeyDictionary

import numpy as np

from corpus.documents import Document
from corpus.text.language import FAMILIES, family_of
from corpus.text.normalize import search_form
from corpus.text.segment import content_tokens, fold, sentence_spans
from kb.answering.answers import Citation
from kb.answering.quoting import Quoted, cited
from kb.answering.wording import described, held, titles_of
from kb.question.question_words import is_question
from kb.question.understanding import Understood
from retrieval.index.snapshot import Hit, Snapshot

MOST_DOCUMENTS = 24
"""Shown of a library at once."""
MOST_SENTENCES = 8
_SHORTEST = 12
"""Width below which a sentence tells nothing by itself; a Han character counts two."""
_APART = 0.5
"""What being like a sentence that is chosen already takes from another, beside what telling for the whole gives."""
_OPENS = 0.05
"""What opening the text adds, which is where authors say what it is about."""
_TELLING = 0.6
"""Share of what the most telling sentence about a subject is worth that another must be."""
_ONE = re.compile(
    r"[那这這该該此][篇份个個]|文章|文件|文档|文檔"
    r"|\b(?:dokument|tekst|artykul|plik)\w*|\b(?:document|article|text|file)\b"
)
"""How a question speaks of one document."""
_SEVERAL_WORDS = 3
"""Words that a title has which is more than the name of a thing."""
_TITLE_SAID = 0.75
"""Share of a title's words that a question must say to mean that document."""


def overview(snapshot: Snapshot, question: Understood, languages: Collection[str] = ()) -> Quoted:
    """Name the documents, those in the question's language first, each with the sentence that it opens with."""
    own = question.language
    among = [document for document in snapshot.contents.documents if not languages or document.language in languages]
    # Those in the other script come next.
    documents = sorted(among, key=lambda d: (d.language != own, family_of(d.language) != family_of(own)))
    shown = [(document, span) for document in documents if (span := _opening(document))][:MOST_DOCUMENTS]
    passages = {passage.document_id: passage for passage in reversed(snapshot.contents.passages)}
    citations = [
        Citation.of(number, document, passages[document.id], span) for number, (document, span) in enumerate(shown, 1)
    ]
    labels = [described(question.language, document.title, document.language, document.date) for document, _ in shown]
    more = titles_of(question.language, len(shown), len(documents)) if len(documents) > len(shown) else ""
    return cited(citations, labels, lead=held(question.language, len(documents)), note=more)


def names_a_title(snapshot: Snapshot, question: Understood) -> bool:
    """Tell whether a question says the whole title of a document, of several words."""
    form = search_form(question.text)
    return any(title in form for title, words in _titles(snapshot).values() if len(words) >= _SEVERAL_WORDS)


def document_meant(snapshot: Snapshot, question: Understood, languages: Collection[str] = ()) -> Document | None:
    """Return the document, among those in `languages`, that a question names by its title, or by words of it."""
    said, form = set(content_tokens(question.text)), search_form(question.text)
    named = {
        name: (title in form, len(words & said) / len(words))
        for name, (title, words) in _titles(snapshot).items()
        if words and (not languages or snapshot.documents[name].language in languages)
    }
    best = max(named, key=lambda name: named[name], default="")
    whole, share = named.get(best, (False, 0.0))
    meant = whole or share >= _TITLE_SAID or (share > 0 and _ONE.search(fold(form)))
    return snapshot.documents[best] if meant else None


_TITLES: WeakKeyDictionary[Snapshot, dict[str, tuple[str, set[str]]]] = WeakKeyDictionary()


def _titles(snapshot: Snapshot) -> dict[str, tuple[str, set[str]]]:
    """Return each document's title in search form, and its words; made once for a library as it is."""
    if snapshot not in _TITLES:
        titles = {document.id: document.title for document in snapshot.contents.documents}
        _TITLES[snapshot] = {name: (search_form(title), set(content_tokens(title))) for name, title in titles.items()}
    return _TITLES[snapshot]


def summary(snapshot: Snapshot, question: Understood, document: Document) -> Quoted:
    """Quote the sentences that tell most of what the rest of a document says, in its order."""
    numbers = [n for n, passage in enumerate(snapshot.contents.passages) if passage.document_id == document.id]
    spans, vectors = _sentences(snapshot, numbers)
    if not spans:
        return Quoted()
    telling = _text(vectors) @ _text(vectors).mean(axis=0)
    telling[0] += _OPENS
    most = min(MOST_SENTENCES, max(3, len(spans) // 6))
    chosen = sorted(spans[place] for place in _chosen(vectors, telling, most))
    citations = [
        Citation.of(number, document, snapshot.contents.passages[passage], span)
        for number, (passage, span) in enumerate(chosen, 1)
    ]
    return cited(citations, question=question)


def on_subject(snapshot: Snapshot, question: Understood, hits: Sequence[Hit]) -> Quoted:
    """Quote what the first passages say of a subject: the nearest sentences that do not say the same."""
    own = [hit for hit in hits if family_of(hit.passage.language) == family_of(question.language)]
    spans, vectors = _sentences(snapshot, [hit.number for hit in (own if len(own) >= 3 else hits)])
    if not spans:
        return Quoted()
    # A sentence tells of the subject where it says the question's words, in whatever language, and is near it.
    shares = {number: snapshot.sentence_shares(question, number) for number in {passage for passage, _ in spans}}
    said = np.array([shares[n][snapshot.contents.passages[n].sentences.index(span)] for n, span in spans])
    worth = vectors @ question.vector + said
    telling = np.flatnonzero(worth >= _TELLING * worth.max())
    most = min(MOST_SENTENCES, len(telling))
    chosen = [spans[telling[place]] for place in _chosen(vectors[telling], worth[telling], most)]
    passages = snapshot.contents.passages
    citations = [
        Citation.of(number, snapshot.documents[passages[passage].document_id], passages[passage], span)
        for number, (passage, span) in enumerate(chosen, 1)
    ]
    return cited(citations, question=question)


def _sentences(snapshot: Snapshot, numbers: Sequence[int]) -> tuple[list[tuple[int, tuple[int, int]]], np.ndarray]:
    """Return the sentences of passages that tell something by themselves: passage, span; and their vectors."""
    windows = snapshot.contents.windows
    alone = np.flatnonzero(np.isin(windows[:, 0], numbers) & (windows[:, 2] == 1) & (windows[:, 3] == 0))
    found = [(int(n), int(passage), int(first)) for n, (passage, first) in zip(alone, windows[alone, :2], strict=True)]
    passages = snapshot.contents.passages
    spans = [(passage, passages[passage].sentences[first]) for _, passage, first in found]
    texts = [passages[p].text[a - passages[p].start : b - passages[p].start] for p, (a, b) in spans]
    kept = [n for n, text in enumerate(texts) if _width(text) >= _SHORTEST and not is_question(text)]
    vectors = snapshot.dense.vectors(np.array([found[n][0] for n in kept], np.int64))
    return [spans[n] for n in kept], np.asarray(vectors)


def _chosen(vectors: np.ndarray, worth: np.ndarray, most: int) -> list[int]:
    """Return the places of the sentences that are worth most and unlike each other (maximal marginal relevance).

    Carbonell and Goldstein, 1998.
    """
    chosen: list[int] = []
    likest, texts = np.zeros(len(vectors)), _text(vectors)
    while len(chosen) < most:
        left = worth - _APART * likest
        left[chosen] = -np.inf
        chosen.append(int(np.argmax(left)))
        likest = np.maximum(likest, texts @ texts[chosen[-1]])
    return chosen


def _text(vectors: np.ndarray) -> np.ndarray:
    """Return vectors without what they hold for questions alone: how crowded a window is."""
    return vectors[:, : -len(FAMILIES)]


def _opening(document: Document) -> tuple[int, int] | None:
    """Return the first sentence of a document that is no heading."""
    for block in document.blocks:
        if block.kind != "heading" and (spans := sentence_spans(document.text, block.start, block.end)):
            return spans[0]
    return None


def _width(text: str) -> int:
    return sum(2 if character >= "\u2e80" else 1 for character in text)
