"""An understood question to its answer: sentences with their citations, or a refusal."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import replace

from kb.answering.answers import Answer, text_of
from kb.answering.confidence import SUMMED_UP, quote_support
from kb.answering.extractive import PASSAGES_WEIGHED, Findings, findings, in_one_language
from kb.answering.quoting import Quoted, labelled, quoted
from kb.answering.treatment import TREATMENTS
from kb.answering.wording import refusal, stand_in
from kb.asking.comparison import compared, sides_of
from kb.asking.summaries import document_meant, names_a_title, on_subject, overview, summary
from kb.generation.checking import Cosines
from kb.generation.llm import OnText
from kb.library.generations import OpenGeneration
from kb.library.in_use import InUse
from kb.question.kinds import Kind
from kb.question.understanding import Understood
from kb.reading.trained import TrainedReader
from kb.terms.lexicon import Lexicon
from retrieval.index.snapshot import Hit


def answered(
    opened: OpenGeneration,
    question: Understood,
    in_use: InUse,
    lexicon: Lexicon,
    *,
    k: int | None = None,
    languages: Collection[str] = (),
    encode_ms: float = 0.0,
    on_text: OnText | None = None,
    comparing: bool = True,
) -> Answer:
    """Answer a question that was understood for `opened`, by the parts that are `in_use`.

    `on_text` is given a model's sentences as they become final; `encode_ms` is what understanding it took.
    `comparing` may have each of the things compared looked up by itself, which costs as much as a question each.
    """
    started = time.perf_counter()
    snapshot, settings = opened.snapshot, in_use.settings
    given = k or settings.passages
    hits = in_use.search(snapshot, question, max(given, PASSAGES_WEIGHED), languages=languages)
    search_ms = _ms(started)
    told, sure, nearest = _told(opened, question, in_use, hits, lexicon, languages, comparing=comparing)
    tells = bool(told.sentences)
    answer_ms = _ms(started) - search_ms
    answer = Answer(
        question=question.text,
        language=question.language,
        kind=question.kind,
        answered=tells,
        confidence=sure,
        engine="extractive",
        text=text_of(told.sentences, told.lead, listed=told.items > 0) if tells else refusal(question.language),
        sentences=told.sentences,
        citations=told.citations,
        differences=told.differences,
        note=told.note,
        lead=told.lead,
        items=told.items,
        support=told.support,
        hits=tuple(nearest[:given]),
        timings_ms={
            "encode": encode_ms,
            "search": search_ms,
            "answer": answer_ms,
            "total": encode_ms + search_ms + answer_ms,
        },
    )
    # What the sources do not answer a model is not asked, nor what it would need to read whole documents for.
    worded = in_use.llm and tells and TREATMENTS[question.kind].means == "reading"
    return _worded(answer, in_use, opened, question, on_text) if worded else answer


def _told(
    opened: OpenGeneration,
    question: Understood,
    in_use: InUse,
    hits: Sequence[Hit],
    lexicon: Lexicon,
    languages: Collection[str],
    *,
    comparing: bool,
) -> tuple[Quoted, float, Sequence[Hit]]:
    """Return what the sources say, nothing where that is not sure enough; how sure that is; the passages in order."""
    snapshot, answer = opened.snapshot, in_use.settings.answer
    means = TREATMENTS[question.kind].means
    concept = any(word.synonyms for word in question.words)
    if question.kind is Kind.SEVERAL and names_a_title(snapshot, question):
        means = "summary"  # what stands in a title is not asked
    if means == "overview" and not concept:  # whoever names a concept asks what is said of that
        told = overview(snapshot, question, languages)
        return told, float(bool(told.sentences)), hits
    document = document_meant(snapshot, question, languages) if means == "summary" else None
    if document is not None and (told := summary(snapshot, question, document)).sentences:
        return replace(told, support=SUMMED_UP), 1.0, hits
    found = findings(snapshot, question, hits, TrainedReader.beside(opened.encoder))
    if not found.ranked or found.confidence < answer.refuse_below:
        return Quoted(), found.confidence, found.hits
    if means != "reading":
        return replace(on_subject(snapshot, question, found.hits), support=SUMMED_UP), found.confidence, found.hits
    side_by_side = _compared(opened, question, in_use, found, lexicon, languages) if comparing else None
    told = side_by_side or quoted(snapshot, question, found.ranked, most=answer.most_sentences)
    best = in_one_language(question, found.ranked)[0]
    told = replace(told, support=quote_support(best.probability, best.reading.log_probability))
    return told, found.confidence, found.hits


def _compared(
    opened: OpenGeneration,
    question: Understood,
    in_use: InUse,
    found: Findings,
    lexicon: Lexicon,
    languages: Collection[str],
) -> Quoted | None:
    """Quote what contrasts the things that a question compares, and what each is; None where it compares none."""

    def find(text: str) -> Findings:
        asked = Understood.by(text, lexicon, opened.snapshot, opened.encoder)
        hits = in_use.search(opened.snapshot, asked, PASSAGES_WEIGHED, languages=languages)
        return findings(opened.snapshot, asked, hits, TrainedReader.beside(opened.encoder))

    sides = sides_of(question)
    result = compared(question, found, sides, find, in_use.settings.answer.refuse_below) if sides else None
    if result is None:
        return None
    said = [("", result.contrast)] if result.contrast else []
    return labelled(opened.snapshot, question, [*said, *((side.shown, candidate) for side, candidate in result.sides)])


def _worded(
    answer: Answer, in_use: InUse, opened: OpenGeneration, question: Understood, on_text: OnText | None
) -> Answer:
    """Return the language model's answer, or `answer` and why it stands in."""
    assert in_use.llm is not None
    started = time.perf_counter()
    cosines = Cosines(opened.snapshot, opened.encoder)
    most = in_use.settings.answer.most_sentences
    reader = TrainedReader.beside(opened.encoder)
    drafted = in_use.llm.answer(opened.snapshot, question, answer.hits, reader, cosines, on_text, most=most)
    spent = _ms(started)
    timings = answer.timings_ms | {"llm": spent, "total": answer.timings_ms["total"] + spent}
    if not drafted.sentences:
        reason = stand_in(drafted.reason, question.language, drafted.status)
        return replace(answer, reason=reason, failure=drafted.reason, dropped=drafted.dropped, timings_ms=timings)
    return replace(
        answer,
        engine="llm",
        text=text_of(drafted.sentences),
        sentences=drafted.sentences,
        citations=drafted.citations,
        differences=(),
        note="",
        lead="",
        items=0,
        dropped=drafted.dropped,
        timings_ms=timings,
    )


def _ms(started: float) -> float:
    return (time.perf_counter() - started) * 1e3
