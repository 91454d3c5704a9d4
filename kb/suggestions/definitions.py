"""What the texts say a concept is: the sentence that defines it, in whatever language it is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from kb.answering.answers import Answer
from kb.knowledge_base import KnowledgeBase
from kb.question.question_words import states_definition
from kb.terms.concepts import Concept

# A name stands where it keeps its dictionary form.
_QUESTIONS = {
    "zh-Hans": ("什么是{0}？", "什么是{0}？"),
    "zh-Hant": ("什麼是{0}？", "什麼是{0}？"),
    "pl": ("Co to jest {0}?", "Kim jest {0}?"),
    "en": ("What is {0}?", "Who is a {0}?"),
}


def question_about(concept: Concept, language: str) -> str:
    """Return the question what a concept is, a role being somebody."""
    return _QUESTIONS[language][concept.kind == "role"].format(concept.name(language))


_LEAD_IN = 12.0
"""How much may stand before the name in a sentence that defines it, as `text_width` counts."""
_LATIN_WIDTH = 0.32


def text_width(text: str) -> float:
    """Return how much there is to read: a Han character counts as one, any other as about a third."""
    return sum(1.0 if character >= "\u2e80" else _LATIN_WIDTH for character in text)


def _begins_with(sentence: str, names: Collection[str]) -> bool:
    """Tell whether a sentence is about what one of `names` names: only few words stand before it."""
    text = sentence.casefold()
    places = [place for name in names if (place := text.find(name)) >= 0]
    return bool(places) and text_width(text[: min(places)]) <= _LEAD_IN


def definition_of(base: KnowledgeBase, concept: Concept, language: str, speaking: Collection[int]) -> Answer | None:
    """Return the sentence that says what a concept is, from the texts in `language` first, None where no text says so.

    `speaking` are the numbers of the passages that speak of it: what stands elsewhere defines something else.
    """
    names = [name.casefold() for name in (*concept.all_names(), *concept.abbreviations)]
    for tag in sorted(_QUESTIONS, key=lambda other: other != language):
        answer = base.ask(question_about(concept, tag), quotes_only=True)
        if not answer.answered or not answer.hits or answer.hits[0].number not in speaking:
            continue
        defining = tuple(
            sentence
            for sentence in answer.sentences
            if states_definition(sentence.text) and _begins_with(sentence.text, names)
        )[:1]
        if defining:
            cited = {number for sentence in defining for number in sentence.citations}
            citations = tuple(citation for citation in answer.citations if citation.number in cited)
            return replace(answer, sentences=defining, citations=citations, language=language)
    return None
