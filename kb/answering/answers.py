"""What an answer is: sentences, each with the citations that prove it, or an honest refusal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from corpus.documents import Document, Passage
from kb.question.kinds import Kind
from retrieval.index.snapshot import Hit


@dataclass(frozen=True)
class Citation:
    """The exact words of a source: `document.text[start:end] == quote`, always."""

    number: int
    """From 1, as in the answer's [1]."""
    document_id: str
    title: str
    source: str
    language: str
    section: str
    page: int | None
    date: str | None
    start: int
    end: int
    quote: str
    marks: tuple[tuple[int, int], ...] = ()
    """The words in the quote that answer, as spans of the document's text in order; empty where all of it does."""

    @classmethod
    def of(cls, number: int, document: Document, passage: Passage, span: tuple[int, int]) -> Citation:
        """Cite `span` of `document`, which stands in `passage`, or in a list that begins there."""
        section = passage.section
        if not passage.start <= span[0] < passage.end:
            section = next((s.title for s in document.sections if s.start <= span[0] < s.end), "")
        return cls(
            number=number,
            document_id=document.id,
            title=document.title,
            source=document.source,
            language=passage.language,
            section=section,
            page=document.page_at(span[0]),
            date=document.date,
            start=span[0],
            end=span[1],
            quote=document.text[span[0] : span[1]],
        )

    def to_json(self) -> dict[str, Any]:
        """Return the citation as plain values."""
        return vars(self) | {"marks": [list(span) for span in self.marks]}


@dataclass(frozen=True)
class AnswerSentence:
    """One sentence of an answer and the numbers of its citations."""

    text: str
    citations: tuple[int, ...]
    support: float = 1.0
    """How far the quotes bear it out, 0 to 1; a quote bears itself out."""
    label: str = ""
    """What it is about, where that is to stand before it: one of the things compared, a document's title."""


@dataclass(frozen=True)
class Difference:
    """Quotes that say different things of the same matter."""

    citations: tuple[int, ...]
    """Numbers of the citations, one for each of the things said."""
    said: tuple[str, ...]
    """What each says, in its own words: a figure, a name."""


class Refusal(StrEnum):
    """Why a question is not answered, by the names that programs see."""

    OFF_TOPIC = "off-topic"
    """The sources do not treat of it."""
    FACT_MISSING = "fact-missing"
    """They do, and do not say this."""
    UNCLEAR = "unclear"
    """It cannot be told what is asked."""


@dataclass(frozen=True)
class Answer:
    """A cited answer to a question, or a refusal with the nearest passages."""

    question: str
    language: str
    answered: bool
    confidence: float
    """How sure it is that the sources answer the question; 0 to 1."""
    engine: str
    text: str
    """The sentences with their citation numbers; on a refusal, what is said instead, in the question's language."""
    sentences: tuple[AnswerSentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    hits: tuple[Hit, ...] = ()
    timings_ms: dict[str, float] = field(default_factory=dict)
    completed: str = ""
    """The question as it was understood from the turns before it; empty where it stands on its own."""
    support: float = 1.0
    """How likely what is quoted answers, 0 to 1; the sources may well answer, and elsewhere."""
    reason: str = ""
    """Why it is made of quotes though a language model is set up: one line in the question's language."""
    failure: str = ""
    """The same for programs: which of `kb.answering.wording.stand_in` it was."""
    differences: tuple[Difference, ...] = ()
    """Where the quotes contradict each other; `note` says so in words."""
    note: str = ""
    """What the reader should know of the answer as a whole: one line in the question's language, or nothing."""
    lead: str = ""
    """What kind of source is quoted, where it is in another language than the question: one line in the question's."""
    items: int = 0
    """Where it is a list, how many items that has in its source; else 0."""
    parts: tuple[Answer, ...] = ()
    """Where several questions were asked in one message, the answer to each; their citations are numbered through."""
    suggestions: tuple[str, ...] = ()
    """Where it is a refusal: up to three questions near this one that the sources do answer, in its language."""
    kind: Kind = Kind.FACT
    """What was wanted."""
    refusal: Refusal | None = None
    """Where it is one: what is missing."""
    dropped: int = 0
    """Sentences of the language model that were left out, since no source bears them out."""

    def to_json(self) -> dict[str, Any]:
        """Return the answer as plain values, in the form that `cco ask --json` prints."""
        return {
            "question": self.question,
            "completed": self.completed,
            "language": self.language,
            "kind": self.kind.value,
            "answered": self.answered,
            "refusal": self.refusal,
            "confidence": round(self.confidence, 4),
            "support": round(self.support, 4),
            "engine": self.engine,
            "answer": self.text,
            "sentences": [
                {"text": s.text, "citations": list(s.citations), "label": s.label, "support": round(s.support, 4)}
                for s in self.sentences
            ],
            "citations": [citation.to_json() for citation in self.citations],
            "differences": [{"citations": list(d.citations), "said": list(d.said)} for d in self.differences],
            "note": self.note,
            "lead": self.lead,
            "items": self.items,
            "parts": [part.to_json() for part in self.parts],
            "suggestions": list(self.suggestions),
            "passages": [passage_json(hit) for hit in self.hits],
            "reason": self.reason,
            "failure": self.failure,
            "dropped": self.dropped,
            "timings_ms": {name: round(value, 2) for name, value in self.timings_ms.items()},
        }


def text_of(sentences: Sequence[AnswerSentence], lead: str = "", *, listed: bool = False) -> str:
    """Return sentences with the numbers of their citations: as one paragraph, or a line each where they are a list.

    So are those that are about things that stand before them, "NPS: …".
    """
    said = [
        f"{f'{s.label}: ' if s.label else ''}{s.text} " + "".join(f"[{number}]" for number in s.citations)
        for s in sentences
    ]
    return ("\n" if listed or any(s.label for s in sentences) else " ").join(filter(None, [lead, *said]))


def passage_json(hit: Hit) -> dict[str, Any]:
    """Return a hit as plain values."""
    passage = hit.passage
    return {
        "document_id": passage.document_id,
        "language": passage.language,
        "section": passage.section,
        "page": passage.page,
        "start": passage.start,
        "end": passage.end,
        "score": round(hit.score, 4),
        "dense": round(hit.dense, 4),
        "sparse": round(hit.sparse, 4),
        "text": passage.text,
    }
