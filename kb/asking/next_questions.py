"""What could be asked next: questions about the concepts that an answer touches, each tried before it is offered."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from weakref import WeakKeyDictionary

from kb.answering.answers import Answer
from kb.asking.answered import answered
from kb.library.generations import OpenGeneration
from kb.library.in_use import InUse
from kb.question.understanding import Understood
from kb.terms.concepts import Concept
from kb.terms.lexicon import Lexicon
from retrieval.index.snapshot import Snapshot

MOST_OFFERED, MOST_TRIED = 3, 6
SURE_ENOUGH = 0.1
"""How far above the threshold of refusal the answer to an offered question must be."""

# By language and what is asked of a concept; a name stands where it keeps its dictionary form.
_ABOUT: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "zh-Hans": {"tasks": ("{0}是做什么的？",), "metric": ("{0}怎么算？", "什么是{0}？"), "other": ("什么是{0}？",)},
    "zh-Hant": {"tasks": ("{0}是做什麼的？",), "metric": ("{0}怎麼算？", "什麼是{0}？"), "other": ("什麼是{0}？",)},
    "pl": {"tasks": ("Czym zajmuje się {0}?",), "metric": ("Co to jest {0}?",), "other": ("Co to jest {0}?",)},
    "en": {"tasks": ("What does a {0} do?",), "metric": ("What is {0}?",), "other": ("What is {0}?",)},
}
_APART = {
    "zh-Hans": "{0}和{1}有什么区别？",
    "zh-Hant": "{0}和{1}有什麼差別？",
    "pl": "{0} a {1}: czym się różnią?",
    "en": "How do a {0} and a {1} differ?",
}


class NextQuestions:
    """Finds questions to ask after an answer that the texts do answer. Safe to use from several threads."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._common: WeakKeyDictionary[Snapshot, list[int]] = WeakKeyDictionary()
        self._tried: WeakKeyDictionary[Snapshot, dict[tuple[object, ...], bool]] = WeakKeyDictionary()

    def after(
        self, answer: Answer, opened: OpenGeneration, in_use: InUse, *, languages: Collection[str] = ()
    ) -> tuple[str, ...]:
        """Return up to `MOST_OFFERED` questions in the language of the one that was answered, each about another.

        Texts of `opened` in `languages` answer them, quoted and not put in words by a model.
        """
        return self._answered(self._possible(answer), opened, in_use, languages)

    def first(
        self, language: str, opened: OpenGeneration, in_use: InUse, languages: Collection[str] = ()
    ) -> tuple[str, ...]:
        """Return the same to begin with: about the roles and metrics that most passages speak of."""
        language, snapshot = language if language in _ABOUT else "en", opened.snapshot
        if snapshot not in self._common:
            told = {n: len(self._lexicon.passages_of(n, snapshot)) for n in range(len(self._lexicon.concepts))}
            asked = [number for number, count in told.items() if count and self._asks(number) != "other"]
            self._common[snapshot] = sorted(asked, key=lambda number: -told[number])
        return self._answered(self._about(self._common[snapshot], language), opened, in_use, languages)

    def _answered(
        self,
        possible: Iterator[tuple[str, tuple[int, ...]]],
        opened: OpenGeneration,
        in_use: InUse,
        languages: Collection[str],
    ) -> tuple[str, ...]:
        """Return those of the possible questions that are answered, each about another concept."""
        in_use = replace(in_use, llm=None)
        found: dict[tuple[int, ...], str] = {}
        for question, concepts in islice(possible, MOST_TRIED):
            if len(found) == MOST_OFFERED:
                break
            if concepts not in found and self._is_answered(question, concepts, opened, in_use, languages):
                found[concepts] = question
        return tuple(found.values())

    def _possible(self, answer: Answer) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Yield questions and the numbers of the concepts that they are about, the nearest to the answer first."""
        language = answer.language if answer.language in _ABOUT else "en"
        lexicon = self._lexicon
        asked = _certain(lexicon.said_in(answer.completed or answer.question))
        # What the sources do not say of a concept they may not say at all, but what it is they often do.
        refused = asked if not answer.answered else []
        quoted = " \n".join(f"{citation.title} \n{citation.quote}" for citation in answer.citations)
        around = " \n".join(hit.passage.text for hit in answer.hits[:2])
        nearby = [n for n in _certain([*lexicon.said_in(quoted), *lexicon.said_in(around)]) if n not in asked]
        touched = [*refused, *nearby]
        for number in touched:
            rival = next((n for n in asked if n != number and self._asks(n) == self._asks(number) == "tasks"), None)
            if rival is not None:
                named = (self._name(rival, language), self._name(number, language))
                yield _APART[language].format(*named), (rival, number)
                break
        yield from self._about(touched, language)

    def _about(self, numbers: Iterable[int], language: str) -> Iterator[tuple[str, tuple[int, ...]]]:
        for number in numbers:
            for form in _ABOUT[language][self._asks(number)]:
                yield form.format(self._name(number, language)), (number,)

    def _is_answered(
        self,
        question: str,
        concepts: tuple[int, ...],
        opened: OpenGeneration,
        in_use: InUse,
        languages: Collection[str],
    ) -> bool:
        """Tell whether the texts answer a question, from a passage that speaks of what it is about."""
        snapshot, settings = opened.snapshot, in_use.settings
        tried, key = self._tried.setdefault(snapshot, {}), (question, frozenset(languages), settings.digest)
        if key not in tried:
            asked = Understood.by(question, self._lexicon, snapshot, opened.encoder)
            answer = answered(opened, asked, in_use, self._lexicon, languages=languages)
            speaking = {int(n) for number in concepts for n in self._lexicon.passages_of(number, snapshot)}
            sure = answer.confidence >= settings.answer.refuse_below + SURE_ENOUGH
            tried[key] = bool(answer.answered and sure and answer.hits and answer.hits[0].number in speaking)
        return tried[key]

    def _asks(self, number: int) -> str:
        concept = self._lexicon.concepts[number]
        return "tasks" if concept.has_tasks else "metric" if concept.kind == "metric" else "other"

    def _name(self, number: int, language: str) -> str:
        concept: Concept = self._lexicon.concepts[number]
        return concept.name(language)


def _certain(said: list[tuple[int, ...]]) -> list[int]:
    """Return the concepts that names mean for certain, in order, each once."""
    return list(dict.fromkeys(numbers[0] for numbers in said if len(numbers) == 1))
