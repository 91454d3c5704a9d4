"""BM25 worked by hand for three short passages."""

from __future__ import annotations

from math import log
from pathlib import Path

import numpy as np
import pytest

from retrieval.index.sparse import LENGTH_NORMALISATION as B
from retrieval.index.sparse import TERM_SATURATION as K1
from retrieval.index.sparse import SparseIndex, highest
from retrieval.index.vocabulary import Vocabulary

# Passage 0: "cat cat" + "dog"; passage 1: title "fish", "dog"; passage 2: "cat bird bird fish dog" in one sentence.
HEADINGS = [[], ["fish"], []]
SENTENCES = [[["cat", "cat"], ["dog"]], [["dog"]], [["cat", "bird", "bird", "fish", "dog"]]]
LENGTHS = [3, 2, 5]
MEAN = 10 / 3


@pytest.fixture
def index() -> SparseIndex:
    return SparseIndex.build(HEADINGS, SENTENCES)


def rarity(passages_with_it: int) -> float:
    return log(1 + (3 - passages_with_it + 0.5) / (passages_with_it + 0.5))


def weight(count: int, length: int) -> float:
    return count / (count + K1 * (1 - B + B * length / MEAN))


def test_scores_are_bm25(index: SparseIndex) -> None:
    cat = [rarity(2) * weight(2, 3), 0.0, rarity(2) * weight(1, 5)]
    fish = [0.0, rarity(2) * weight(1, 2), rarity(2) * weight(1, 5)]
    bird = [0.0, 0.0, rarity(1) * weight(2, 5)]
    assert index.scores({"cat": 1.0}) == pytest.approx(cat, rel=1e-5)
    assert index.scores({"bird": 1.0}) == pytest.approx(bird, rel=1e-5)
    assert index.scores({"cat": 1.0, "fish": 0.5}) == pytest.approx(
        [c + 0.5 * f for c, f in zip(cat, fish, strict=True)], rel=1e-5
    )


def test_rarity_is_the_inverse_document_frequency(index: SparseIndex) -> None:
    assert index.rarity("dog") == pytest.approx(rarity(3))
    assert index.rarity("cat") == pytest.approx(rarity(2))
    assert index.rarity("never seen") == pytest.approx(rarity(0))
    assert index.ideal({"cat": 1.0, "never seen": 0.5}) == pytest.approx(rarity(2) + 0.5 * rarity(0))


def test_an_unknown_token_scores_nothing(index: SparseIndex) -> None:
    assert index.scores({"never seen": 1.0}).tolist() == [0, 0, 0]
    assert index.scores({}).tolist() == [0, 0, 0]


def test_a_sentence_covers_its_share_of_the_question(index: SparseIndex) -> None:
    question = {"cat": 1.0, "dog": 1.0, "never seen": 1.0}
    whole = rarity(2) + rarity(3) + rarity(0)
    assert index.sentence_coverage(0, question) == pytest.approx([rarity(2) / whole, rarity(3) / whole], rel=1e-5)
    assert index.sentence_coverage(1, question) == pytest.approx([rarity(3) / whole], rel=1e-5)
    assert index.sentence_coverage(2, question) == pytest.approx([(rarity(2) + rarity(3)) / whole], rel=1e-5)
    # The heading counts for its passage, not for its sentences.
    assert index.sentence_coverage(1, {"fish": 1.0}).tolist() == [0]
    assert index.sentence_coverage(1, {}).tolist() == [0]


def test_an_index_is_the_same_after_the_disk(index: SparseIndex, tmp_path: Path) -> None:
    index.save(tmp_path)
    again = SparseIndex.load(tmp_path)
    for question in ({"cat": 1.0}, {"fish": 1.0, "dog": 2.0}, {"never seen": 1.0}):
        assert again.scores(question).tolist() == index.scores(question).tolist()
        assert again.ideal(question) == index.ideal(question)
        for passage in range(3):
            held = again.sentence_coverage(passage, question)
            assert held.tolist() == index.sentence_coverage(passage, question).tolist()


@pytest.mark.parametrize(
    ("headings", "sentences"), [([], []), ([[]], [[]]), ([[], []], [[[]], [[], []]])], ids=["none", "bare", "wordless"]
)
def test_an_index_without_a_word_scores_nothing(
    headings: list[list[str]], sentences: list[list[list[str]]], tmp_path: Path
) -> None:
    index = SparseIndex.build(headings, sentences)
    index.save(tmp_path)
    for either in (index, SparseIndex.load(tmp_path)):
        assert either.scores({"cat": 1.0}).tolist() == [0.0] * len(headings)
        for passage, held in enumerate(sentences):
            assert either.sentence_coverage(passage, {"cat": 1.0}).tolist() == [0.0] * len(held)


def test_a_wordless_passage_between_others_moves_nothing() -> None:
    index = SparseIndex.build([[], [], []], [[["cat"]], [[]], [["cat"], ["dog"]]])
    assert np.flatnonzero(index.scores({"dog": 1.0})).tolist() == [2]
    assert index.sentence_coverage(2, {"dog": 1.0}).tolist() == [0.0, 1.0]
    assert index.sentence_coverage(1, {"dog": 1.0}).tolist() == [0.0]


def test_a_passage_is_asked_what_it_holds(index: SparseIndex) -> None:
    assert [index.holds(passage, ["fish", "never seen"]) for passage in range(3)] == [False, True, True]
    assert [index.holds(passage, ["bird"]) for passage in range(3)] == [False, False, True]
    assert not index.holds(0, ["never seen"]) and not index.holds(0, [])
    assert index.knows("bird") and not index.knows("never seen")


def test_passages_may_come_one_at_a_time(index: SparseIndex) -> None:
    streamed = SparseIndex.build((heading for heading in HEADINGS), (passage for passage in SENTENCES))
    assert streamed.scores({"cat": 1.0, "fish": 2.0}).tolist() == index.scores({"cat": 1.0, "fish": 2.0}).tolist()
    with pytest.raises(ValueError, match="longer"):
        SparseIndex.build(iter(HEADINGS[:2]), iter(SENTENCES))


def test_the_disk_s_arrays_are_mapped_and_not_read(index: SparseIndex, tmp_path: Path) -> None:
    index.save(tmp_path)
    again = SparseIndex.load(tmp_path)
    for values in (*again._arrays.values(), *again._vocabulary._arrays.values()):
        base = values
        while base is not None and not isinstance(base, np.memmap):
            base = base.base
        assert isinstance(base, np.memmap)
        assert not values.flags.writeable


WORDS = ["", "a", "aa", "b", "zażółć", "貓", "猫", "猫猫", "𠮷", "\ud800", "\x00"]


def test_every_word_has_its_number_and_no_other_word_has_one(tmp_path: Path) -> None:
    vocabulary = Vocabulary.of({word: number for number, word in enumerate(WORDS)})
    vocabulary.save(tmp_path, "words")
    for either in (vocabulary, Vocabulary.load(tmp_path, "words")):
        assert [either.number(word) for word in WORDS] == list(range(len(WORDS)))
        for stranger in ("ab", "aaa", "c", "zażółc", "狗", "𠮸", "\x01", "\ud801"):
            assert either.number(stranger) is None
    assert Vocabulary.of({}).number("a") is None


@pytest.mark.parametrize("count", [1, 3, 5, 8, 100])
def test_the_highest_are_those_of_a_stable_sort(count: int) -> None:
    for scores in ([0.5, 0.1, 0.5, 0.9, 0.0, 0.5, 0.1, 0.0], [0.0] * 8, [3.0, 2.0, 1.0], [-1.0, 0.0, -1.0, 2.0]):
        values = np.array(scores, np.float32)
        assert highest(values, count).tolist() == np.argsort(-values, kind="stable")[:count].tolist()
    assert highest(np.empty(0, np.float32), count).tolist() == []
