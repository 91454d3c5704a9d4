"""What could be asked next: questions about the concepts that an answer touches, each tried before it is offered."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain, islice
from weakref import WeakKeyDictionary

from kb.answering.answers import Answer
from kb.asking.answered import answered
from kb.library.generations import OpenGeneration
from kb.library.in_use import InUse
from kb.question.understanding import Understood
from kb.terms.concepts import Concept
from kb.terms.lexicon import Lexicon
from retrieval.index.snapshot import Snapshot

MOST_OFFERED, MOST_TRIED, MOST_TRIED_FIRST = 3, 6, 15
"""Questions offered; tried at most after an answer, and once for all to begin with."""
SURE_ENOUGH = 0.8
"""How sure the answer to an offered question must be, whatever else is refused."""

# By language and what is asked of a concept. A name stands where it keeps its dictionary form; of what may be many or
# one (uprawnienia, customers) it is asked what the word means, which is right of either.
_ABOUT: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "zh-Hans": {"tasks": ("{0}是做什么的？",), "metric": ("{0}怎么算？", "什么是{0}？"), "other": ("什么是{0}？",)},
    "zh-Hant": {"tasks": ("{0}是做什麼的？",), "metric": ("{0}怎麼算？", "什麼是{0}？"), "other": ("什麼是{0}？",)},
    "pl": {"tasks": ("Czym zajmuje się {0}?",), "metric": ("Co to jest {0}?",), "other": ("Co oznacza „{0}”?",)},
    "en": {"tasks": ("What does a {0} do?",), "metric": ("What is {0}?",), "other": ("What does “{0}” mean?",)},
}
# Tried first of all, as good questions on the field to begin with.
_TO_BEGIN_WITH: Mapping[str, tuple[str, ...]] = {
    "zh-Hans": ("首席客户官和首席营销官有什么区别？", "首席客户官最早是什么时候提出的？", "客户总监要具备哪些素质？"),
    "zh-Hant": ("客戶長是做什麼的？", "流失率怎麼算？", "NPS、CSAT和CES有什麼差別？"),
    "pl": ("Komu podlega CXO?", "Co to jest CLV?", "Czym CXO różni się od CMO?"),
    "en": ("What is a Chief Customer Officer?", "What is customer lifetime value?", "Who does a CXO report to?"),
}
# What every library answers: of what it is, and what one of its documents says.
_ALWAYS = {
    "zh-Hans": ("有哪些资料？", "总结一下《{title}》"),
    "zh-Hant": ("有哪些資料？", "幫我整理《{title}》的重點"),
    "pl": ("Jakie są tu dokumenty?", "Streść tekst „{title}”"),
    "en": ("What documents are there?", "Summarize “{title}”"),
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
        """Return `MOST_OFFERED` questions to begin with: some on the field, else on the library as it is.

        None where it holds nothing. Those on the field are tried once for a library as it is.
        """
        language, snapshot = language if language in _ABOUT else "en", opened.snapshot
        if snapshot not in self._common:
            told = {n: len(self._lexicon.passages_of(n, snapshot)) for n in range(len(self._lexicon.concepts))}
            asked = [number for number, count in told.items() if count and self._asks(number) != "other"]
            self._common[snapshot] = sorted(asked, key=lambda number: -told[number])
        field = chain(self._to_begin_with(language), self._about(self._common[snapshot], language))
        found = self._answered(field, opened, in_use, languages, tried=MOST_TRIED_FIRST)
        documents = [d for d in snapshot.contents.documents if not languages or d.language in languages]
        title = next((d.title for d in sorted(documents, key=lambda d: d.language != language)), "")
        always = [form.format(title=title) for form in _ALWAYS[language]] if documents else []
        return (*found, *always)[:MOST_OFFERED]

    def _to_begin_with(self, language: str) -> Iterator[tuple[str, tuple[int, ...]]]:
        for question in _TO_BEGIN_WITH[language]:
            yield question, tuple(_certain(self._lexicon.said_in(question)))

    def _answered(
        self,
        possible: Iterator[tuple[str, tuple[int, ...]]],
        opened: OpenGeneration,
        in_use: InUse,
        languages: Collection[str],
        *,
        tried: int = MOST_TRIED,
    ) -> tuple[str, ...]:
        """Return those of the first `tried` of the possible questions that are answered, each about another concept."""
        in_use = replace(in_use, llm=None)
        found: dict[tuple[int, ...], str] = {}
        for question, concepts in islice(possible, tried):
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
                yield _raised(_APART[language].format(*named)), (rival, number)
                break
        yield from self._about(touched, language)

    def _about(self, numbers: Iterable[int], language: str) -> Iterator[tuple[str, tuple[int, ...]]]:
        for number in numbers:
            for form in _ABOUT[language][self._asks(number)]:
                yield _raised(form.format(self._name(number, language))), (number,)

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
            sure = answer.confidence >= max(SURE_ENOUGH, settings.answer.refuse_below)
            found = bool(answer.answered and sure and answer.hits and answer.hits[0].number in speaking)
            tried[key] = found and all(self._is_told(number, answer) for number in concepts)
        return tried[key]

    def _is_told(self, number: int, answer: Answer) -> bool:
        """Tell whether what is quoted first names the concept, or stands under its name."""
        concept, citations = self._lexicon.concepts[number], answer.citations[:MOST_OFFERED]
        names = [name.casefold() for name in (*concept.all_names(), *concept.abbreviations)]
        quoted = " ".join(f"{citation.section} {citation.quote}" for citation in citations).casefold()
        return any(name in quoted for name in names) or number in _certain(self._lexicon.said_in(quoted))

    def _asks(self, number: int) -> str:
        concept = self._lexicon.concepts[number]
        return "tasks" if concept.has_tasks else "metric" if concept.kind == "metric" else "other"

    def _name(self, number: int, language: str) -> str:
        concept: Concept = self._lexicon.concepts[number]
        return concept.name(language)


def _raised(question: str) -> str:
    return question[:1].upper() + question[1:]


def _certain(said: list[tuple[int, ...]]) -> list[int]:
    """Return the concepts that names mean for certain, in order, each once."""
    return list(dict.fromkeys(numbers[0] for numbers in said if len(numbers) == 1))
