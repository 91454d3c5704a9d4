"""Questions that the indexed texts answer, proposed by templates and, where there is one, by a language model."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from corpus.documents import Document
from kb.evaluation.figures.measures import tight
from kb.generation.checking import speaks
from kb.knowledge_base import KnowledgeBase
from kb.question.question_words import names_in
from kb.suggestions import chinese, english, polish
from kb.suggestions.drafts import Draft
from kb.suggestions.model import ModelWriter
from kb.terms.lexicon import Lexicon

_MAKERS: Mapping[str, Callable[[Document], Iterator[Draft]]] = {
    "zh-Hans": chinese.drafts,
    "zh-Hant": chinese.drafts,
    "pl": polish.drafts,
    "en": english.drafts,
}
_LONGEST_ANSWER = 400


@dataclass(frozen=True)
class Suggestion:
    """A question, and the words of one document that answer it."""

    question: str
    language: str
    answers: tuple[str, ...]
    document_id: str
    start: int
    end: int
    """Where the first answer stands: `document.text[start:end] == answers[0]`."""
    kind: str
    by: str
    """`template` or `model`."""

    def to_json(self, number: int) -> dict[str, Any]:
        """Return it as a line of a question set."""
        return {
            "id": f"suggested-{number}",
            "question": self.question,
            "language": self.language,
            "answers": list(self.answers),
            "documents": [self.document_id],
            "kind": self.kind,
            "by": self.by,
            "from": {"start": self.start, "end": self.end},
        }


def suggest(base: KnowledgeBase, count: int = 20, *, languages: Collection[str] = ()) -> list[Suggestion]:
    """Return up to `count` questions on the texts of an index, a few of each document, in the documents' languages.

    The same for the same index, always, unless a language model is set up, which then proposes every second one.
    """
    documents = [d for d in base.documents() if d.language in _MAKERS and (not languages or d.language in languages)]
    makers: list[Iterator[Suggestion]] = [_by_templates(document) for document in documents]
    if base.settings.llm.base_url:
        writer = ModelWriter(base.settings.llm)
        makers = [
            _by_turns(_by_model(document, writer), maker) for document, maker in zip(documents, makers, strict=True)
        ]
    found: list[Suggestion] = []
    asked: set[str] = set()
    while makers and len(found) < count:
        for maker in list(makers):
            suggestion = next((s for s in maker if tight(s.question) not in asked), None)
            if suggestion is None:
                makers.remove(maker)
                continue
            asked.add(tight(suggestion.question))
            found.append(suggestion)
            if len(found) == count:
                break
    return found


def _by_templates(document: Document) -> Iterator[Suggestion]:
    """Yield a document's questions, the kinds by turns, so that the first few are not all alike."""
    kinds: dict[str, list[Suggestion]] = {}
    taken: set[int] = set()
    for draft in _MAKERS[document.language](document):
        suggestion = checked(document, draft, "template")
        # A heading alone seldom says what it is about: one that names nothing is left out.
        if suggestion is None or suggestion.start in taken or (draft.kind == "heading" and not _names(draft.question)):
            continue
        taken.add(suggestion.start)
        kinds.setdefault(draft.kind, []).append(suggestion)
    while kinds:
        for kind in list(kinds):
            yield kinds[kind].pop(0)
            if not kinds[kind]:
                del kinds[kind]


def _names(question: str) -> bool:
    return bool(Lexicon.load().said_in(question) or names_in(question))


def _by_model(document: Document, writer: ModelWriter) -> Iterator[Suggestion]:
    for draft in writer.drafts(document):
        if suggestion := checked(document, draft, "model"):
            yield suggestion


def _by_turns(first: Iterator[Suggestion], second: Iterator[Suggestion]) -> Iterator[Suggestion]:
    turns = [first, second]
    while turns:
        for turn in list(turns):
            suggestion = next(turn, None)
            if suggestion is None:
                turns.remove(turn)
            else:
                yield suggestion


def checked(document: Document, draft: Draft, by: str) -> Suggestion | None:
    """Return the question if it is in the document's language and does not give away its answer, else None."""
    spans = [span for span in draft.answers if document.text[slice(*span)].strip()]
    answers = tuple(dict.fromkeys(document.text[slice(*span)] for span in spans))
    if not answers or not speaks(draft.question, document.language) or "\n" in draft.question:
        return None
    if any(len(answer) > _LONGEST_ANSWER or tight(answer) in tight(draft.question) for answer in answers):
        return None
    start, end = spans[0]
    return Suggestion(draft.question, document.language, answers, document.id, start, end, draft.kind, by)
