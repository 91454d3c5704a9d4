"""What is quoted, in which order, and how sure it is, by a reader that says what the test has it say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from kb import KnowledgeBase, Settings
from kb.answering.extractive import Findings, chosen, findings
from kb.answering.quoting import quoted
from kb.reading.readings import Excerpt, Reading
from tests.helpers.fakes import FakeEncoder, document

CATS = "猫是一种动物。它每天睡十六个小时。毛色有黑有白。冬天喜欢晒太阳。"
DOGS = "狗喜欢散步。狗每天散步两次。"


class Scripted:
    """A reader that finds the given words with the given score in the texts that hold them, else nothing."""

    def __init__(self, scores: Mapping[str, float]) -> None:
        self._scores = scores

    def read(self, question: str, excerpts: Sequence[Excerpt]) -> list[Reading]:
        return [self._reading(excerpt.text) for excerpt in excerpts]

    def _reading(self, text: str) -> Reading:
        words = next((words for words in self._scores if words in text), "")
        starts, ends = np.full(len(text), -9.0), np.full(len(text), -9.0)
        if words:
            starts[text.index(words)] = ends[text.index(words) + len(words) - 1] = -0.01
        places = np.array([(n, n + 1) for n in range(len(text))])
        reading = Reading(0.0, 0.0, places, starts, ends)
        return Reading(self._scores.get(words, -8.0) - reading.score, 0.0, places, starts, ends)


@pytest.fixture
def base(tmp_path: Path) -> KnowledgeBase:
    texts = [document("cats", CATS), document("dogs", DOGS)]
    return KnowledgeBase.of_documents(texts, settings=Settings(index=tmp_path / "index"), encoder=FakeEncoder())


def found(base: KnowledgeBase, question: str, scores: Mapping[str, float]) -> Findings:
    asked = base.question(question)
    return findings(base.snapshot, asked, base.snapshot.search(asked, k=10), Scripted(scores))


def quotes(base: KnowledgeBase, question: str, scores: Mapping[str, float]) -> list[tuple[str, list[str]]]:
    """Return what is quoted, each with the words marked in it."""
    asked = base.question(question)
    told = quoted(base.snapshot, asked, found(base, question, scores).ranked, most=3)
    texts = base.snapshot.documents
    return [(c.quote, [texts[c.document_id].text[a:b] for a, b in c.marks]) for c in told.citations]


def test_the_sentence_is_quoted_that_holds_the_words_and_they_are_marked(base: KnowledgeBase) -> None:
    assert quotes(base, "猫睡多久？", {"十六个小时": 5.0}) == [("它每天睡十六个小时。", ["十六个小时"])]


def test_words_that_run_over_two_sentences_bring_both_and_are_not_marked_where_they_are_all(
    base: KnowledgeBase,
) -> None:
    told = quotes(base, "猫什么样？", {"毛色有黑有白。冬天喜欢晒太阳": 5.0})
    assert told == [("毛色有黑有白。", []), ("冬天喜欢晒太阳。", [])]


def test_another_passage_adds_a_sentence_only_where_it_answers_about_as_likely(base: KnowledgeBase) -> None:
    question = "猫和狗每天做什么？"
    assert len(quotes(base, question, {"睡十六个小时": 6.0, "散步两次": 5.8})) == 2
    assert quotes(base, question, {"睡十六个小时": 6.0, "散步两次": -3.0})[0][0] == "它每天睡十六个小时。"
    assert len(quotes(base, question, {"睡十六个小时": 6.0, "散步两次": -3.0})) == 1


def test_what_the_reader_finds_moves_a_passage_up(base: KnowledgeBase) -> None:
    first = found(base, "猫和狗每天做什么？", {"睡十六个小时": -6.0, "散步两次": 6.0})
    other = found(base, "猫和狗每天做什么？", {"睡十六个小时": 6.0, "散步两次": -6.0})
    assert [hit.passage.document_id for hit in first.hits] == ["dogs", "cats"]
    assert [hit.passage.document_id for hit in other.hits] == ["cats", "dogs"]


def test_a_question_in_a_text_is_not_quoted_as_its_answer(tmp_path: Path) -> None:
    text = "猫每天睡几个小时？大约十六。毛色有黑有白。"
    base = KnowledgeBase.of_documents(
        [document("cats", text)], settings=Settings(index=tmp_path / "other"), encoder=FakeEncoder()
    )
    assert quotes(base, "猫睡几个小时？", {"猫每天睡几个小时": 5.0})[0][0] != "猫每天睡几个小时？"


def test_the_surer_the_reader_the_surer_the_answer_and_of_nothing_found_nothing_is_sure(base: KnowledgeBase) -> None:
    sure = [found(base, "猫睡多久？", {"十六个小时": score}).confidence for score in (-8.0, -2.0, 2.0, 8.0)]
    # Even where the search is as sure as can be, as here.
    assert sure == sorted(sure) and sure[0] < base.settings.answer.refuse_below / 1.5 and sure[-1] > 0.9
    asked = base.question("猫睡多久？")
    nothing = findings(base.snapshot, asked, [], Scripted({}))
    assert (nothing.hits, nothing.ranked, nothing.confidence) == ((), (), 0.0)
    assert chosen(base.snapshot, asked, (), most=3).spans == []


def test_an_everyday_word_in_another_language_does_not_answer_what_no_text_speaks_of(tmp_path: Path) -> None:
    texts = [document("work", "员工可以在家工作。"), document("dogs", DOGS)]
    base = KnowledgeBase.of_documents(texts, settings=Settings(index=tmp_path / "index"), encoder=FakeEncoder())
    fever = found(base, "Czy z gorączką można iść do pracy?", {"可以在家工作": 6.0})
    assert fever.confidence <= 0.1
    work = found(base, "Czy można pracować w domu?", {"可以在家工作": 6.0})
    assert work.confidence > 0.9
