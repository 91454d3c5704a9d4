"""What is said without asking the sources, and why a question that they were asked is not answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kb.answering.answers import Answer, Refusal
from kb.answering.confidence import asks_nothing
from kb.answering.replies import reply
from kb.answering.treatment import TREATMENTS
from kb.answering.wording import fact_missing, unclear
from kb.question.understanding import Understood
from kb.terms.lexicon import Lexicon
from retrieval.index.snapshot import Hit, Snapshot


def replied(message: Understood, language: str, near: Sequence[Hit], encode_ms: float) -> Answer:
    """Return the fixed reply, in `language`, to a message that the sources are not asked for; `near` is nearest it."""
    meant = TREATMENTS[message.kind].answered
    return Answer(
        question=message.text,
        language=language,
        answered=meant,
        confidence=1.0 if meant else 0.0,
        engine="fixed",
        text=reply(message.text, message.kind, language),
        kind=message.kind,
        hits=tuple(near),
        refusal=None if meant else Refusal.OFF_TOPIC,
        timings_ms={"encode": encode_ms, "search": 0.0, "answer": 0.0, "total": encode_ms},
    )


def explained(refusal: Answer, question: Understood, lexicon: Lexicon, snapshot: Snapshot) -> Answer:
    """Return a refusal that says what is missing: the subject, this fact of it, or a question."""
    spoken_of = _spoken_of(question, lexicon, snapshot)
    if spoken_of:
        text = fact_missing(refusal.language, spoken_of)
        return replace(refusal, refusal=Refusal.FACT_MISSING, text=text)
    if asks_nothing(snapshot, question):
        return replace(refusal, refusal=Refusal.UNCLEAR, text=unclear(refusal.language))
    return replace(refusal, refusal=Refusal.OFF_TOPIC)


def _spoken_of(question: Understood, lexicon: Lexicon, snapshot: Snapshot) -> str:
    """Return the concept that is asked about and that some text speaks of, as the question's language calls it."""
    named = [lexicon.concepts[terms[0]] for terms in lexicon.said_in(question.text) if len(terms) == 1]
    # A role or metric before a practice, which may be no more than an everyday word.
    for concept in sorted(named, key=lambda concept: concept.kind == "practice"):
        if len(lexicon.passages_of(lexicon.concepts.index(concept), snapshot)):
            return concept.name(question.language)
    return ""
