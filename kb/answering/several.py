"""The answers to several questions of one message, as one answer whose citations are numbered through."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from kb.answering.answers import Answer, text_of
from kb.question.kinds import Kind

_CITED = re.compile(r"\[(\d+)\]")


def joined(question: str, answers: Sequence[Answer]) -> Answer:
    """Return the answer to a message that asks several questions, given the answer to each, in order.

    It is as sure as the least sure of those that are answered, and a refusal only where all are.
    """
    parts: list[Answer] = []
    for answer in answers:
        parts.append(_numbered_from(answer, sum(len(part.citations) for part in parts)))
    told = [part for part in parts if part.answered] or parts
    nearest = {hit.number: hit for part in parts for hit in part.hits}
    spent = {name for part in parts for name in part.timings_ms}
    return Answer(
        question=question,
        language=parts[0].language,
        answered=any(part.answered for part in parts),
        confidence=min(part.confidence for part in told),
        support=min(part.support for part in told),
        engine="llm" if any(part.engine == "llm" for part in parts) else "extractive",
        text="\n\n".join(f"{part.completed or part.question}\n{part.text}" for part in parts),
        sentences=tuple(sentence for part in parts for sentence in part.sentences),
        citations=tuple(citation for part in parts for citation in part.citations),
        hits=tuple(nearest.values())[: max(len(part.hits) for part in parts)],
        timings_ms={name: sum(part.timings_ms.get(name, 0.0) for part in parts) for name in sorted(spent)},
        reason=next((part.reason for part in parts if part.reason), ""),
        failure=next((part.failure for part in parts if part.failure), ""),
        differences=tuple(difference for part in parts for difference in part.differences),
        suggestions=next((part.suggestions for part in parts if part.suggestions), ()),
        dropped=sum(part.dropped for part in parts),
        parts=tuple(parts),
        kind=Kind.SEVERAL,
    )


def _numbered_from(answer: Answer, before: int) -> Answer:
    """Return an answer whose citations count on from `before`."""
    if not before:
        return answer
    moved = {citation.number: citation.number + before for citation in answer.citations}
    sentences = tuple(
        replace(sentence, citations=tuple(moved[number] for number in sentence.citations))
        for sentence in answer.sentences
    )
    return replace(
        answer,
        text=text_of(sentences, answer.lead, listed=answer.items > 0) if answer.answered else answer.text,
        note=_CITED.sub(lambda match: f"[{moved[int(match[1])]}]" if int(match[1]) in moved else match[0], answer.note),
        citations=tuple(replace(citation, number=moved[citation.number]) for citation in answer.citations),
        sentences=sentences,
        differences=tuple(
            replace(difference, citations=tuple(moved[number] for number in difference.citations))
            for difference in answer.differences
        ),
    )
