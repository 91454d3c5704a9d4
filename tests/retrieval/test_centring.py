"""Language means and what is left without them, in two dimensions and by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from corpus.text.language import LANGUAGES
from retrieval import calibration
from retrieval.languages import centring
from retrieval.languages.centring import (
    PRIOR_WINDOWS,
    Asked,
    CentredRows,
    LanguageMeans,
    centred,
    hubness,
    prompt_shifts,
)
from retrieval.languages.probes import PROBES, ProbeMeans, measure


def array(*rows: object) -> np.ndarray:
    return np.array(rows, np.float32)


PROBE_MEANS = ProbeMeans(
    documents={"zh-Hans": array(1, 0), "zh-Hant": array(1, 1), "pl": array(0, 1), "en": array(0, 2)},
    questions={"zh-Hans": array(1, 0.5), "zh-Hant": array(1, 1.5), "pl": array(0, 1.5), "en": array(0, 2.5)},
)


def test_a_vector_loses_the_mean_of_its_language_and_gets_unit_length() -> None:
    means = {"pl": array(0, 1), "en": array(1, 0), "und": array(0.5, 0.5)}
    left = centred(array([3, 5], [1, -2], [0.5, 3], [0.5, 1]), ["pl", "en", "und", "de"], means)
    assert left == pytest.approx(array([0.6, 0.8], [0, -1], [0, 1], [0, 1]))


def test_a_vector_that_is_its_languages_mean_stays_as_it_is() -> None:
    assert centred(array([0.6, 0.8]), ["pl"], {"pl": array(0.6, 0.8), "und": array(0, 0)}) == pytest.approx(
        array([0.6, 0.8])
    )
    assert centred(np.empty((0, 2), np.float32), [], {"und": array(0, 0)}).shape == (0, 2)


def test_centring_brings_a_translation_before_a_near_miss_in_the_own_language() -> None:
    # First axis: the language; second and third: what is said.
    means = {"pl": array(1, 0, 0), "zh-Hans": array(-1, 0, 0), "und": array(0, 0, 0)}
    question = array([0.9, 0.4, 0])
    texts = array([-0.9, 0.4, 0], [0.9, 0, 0.4])  # its translation; a Polish text about something else
    assert (texts @ question[0]).argmax() == 1
    found = centred(texts, ["zh-Hans", "pl"], means) @ centred(question, ["pl"], means)[0]
    assert found.argmax() == 0


def test_a_language_with_many_windows_has_their_mean() -> None:
    vectors = array(*[[0.2, 0.4]] * 50, *[[0.4, 0.8]] * 50)
    means = LanguageMeans.estimate(vectors, ["pl"] * 100, PROBE_MEANS, {})
    assert means.documents["pl"] == pytest.approx([0.3, 0.6])


def test_a_language_without_windows_is_moved_by_the_probes_offset() -> None:
    means = LanguageMeans.estimate(array(*[[0.3, 0.6]] * 10), ["pl"] * 10, PROBE_MEANS, {})
    # Polish windows plus (zh-Hans probes - Polish probes) = (0.3, 0.6) + (1, 0) - (0, 1).
    assert means.documents["zh-Hans"] == pytest.approx([1.3, -0.4])
    assert means.documents["en"] == pytest.approx([0.3, 1.6])


def test_a_language_with_few_windows_is_drawn_to_what_the_others_say() -> None:
    count = int(PRIOR_WINDOWS)
    vectors = array(*[[0.0, 0.8]] * count, *[[0.5, 0.5]] * 200)
    means = LanguageMeans.estimate(vectors, ["pl"] * count + ["zh-Hans"] * 200, PROBE_MEANS, {})
    prior = array(0.5, 0.5) + array(0, 1) - array(1, 0)
    assert means.documents["pl"] == pytest.approx((array(0, 0.8) + prior) / 2)


def test_a_questions_mean_is_moved_by_the_prompt() -> None:
    vectors = array(*[[0.3, 0.6]] * 10)
    means = LanguageMeans.estimate(vectors, ["pl"] * 10, PROBE_MEANS, {"pl": array(0.1, -0.1)})
    assert means.questions["pl"] == pytest.approx([0.4, 0.5])
    # No sentence of its own: the probes tell what the prompt does.
    assert means.questions["en"] == pytest.approx(means.documents["en"] + array(0, 0.5))


def test_an_undetermined_text_is_held_against_all_languages_by_their_share() -> None:
    vectors = array([1, 0], [1, 0], [1, 0], [0, 1])
    means = LanguageMeans.estimate(vectors, ["pl", "pl", "pl", "en"], PROBE_MEANS, {})
    expected = 0.75 * means.documents["pl"] + 0.25 * means.documents["en"]
    assert means.documents["und"] == pytest.approx(expected)


def test_an_empty_index_has_the_probes_means() -> None:
    means = LanguageMeans.estimate(np.empty((0, 2), np.float32), [], PROBE_MEANS, {})
    for language in LANGUAGES:
        assert means.documents[language] == pytest.approx(PROBE_MEANS.documents[language])
        assert means.questions[language] == pytest.approx(PROBE_MEANS.questions[language])
    assert means.documents["und"] == pytest.approx([0.5, 1.0])


def test_the_prompts_shift_is_the_mean_difference_by_language() -> None:
    shifts = prompt_shifts(array([1, 1], [3, 1], [0, 5]), array([0, 1], [1, 1], [0, 0]), ["pl", "pl", "en"])
    assert {tag: shift.tolist() for tag, shift in shifts.items()} == {"pl": [1.5, 0.0], "en": [0.0, 5.0]}


UNRELATED = {tag: array(0, 0) for tag in LANGUAGES}
"""Means of probe sentences that are at right angles to each other: twins are then what has a cosine of .8."""


def crowded(windows: np.ndarray, told: np.ndarray, asked: Asked) -> np.ndarray:
    return hubness(windows, told, np.arange(len(windows)), asked, UNRELATED)


def test_a_window_near_to_every_question_is_crowded_and_its_own_passage_does_not_count() -> None:
    windows = array([1, 0], [0, 1], [0.6, -0.8])
    # One in four is looked at: the two nearest. What they tell is each something else.
    asked, told = array(*[[1, 0]] * 8), np.eye(12, dtype=np.float32)
    everyone = Asked(asked, told[:8], np.array(["pl"] * 8), np.arange(10, 18))
    for column in crowded(windows, told[8:11], everyone).T:
        assert column == pytest.approx([1, 0, 0.6])
    for column in crowded(windows, told[8:11], replace(everyone, owners=np.zeros(8, int))).T:
        assert column == pytest.approx([0, 0, 0.6])
    assert not crowded(windows, told[8:11], everyone.sampled(3)).any()  # too few to tell


def test_a_passage_is_not_crowded_by_its_twins() -> None:
    # Eight invoices that say the same, and a note that stands beside them; a sentence of each is asked.
    windows = array(*[[1, 0]] * 8, [0.6, 0.8])
    told = array(*[[1, 0, 0.1 * n] for n in range(8)], [0, 1, 0])
    told /= np.linalg.norm(told, axis=1, keepdims=True)
    asked = Asked(windows, told, np.array(["pl"] * 9), np.arange(9))
    crowding = crowded(windows, told, asked)
    # Nine sentences of two kinds are two, of which none is another passage's to more than one: too few to tell.
    assert not crowding.any()
    # With eight more on other things, the two nearest for the invoices are the note's and nothing.
    others = np.zeros((8, 12), np.float32)
    others[:, 4:] = np.eye(8)
    told = np.hstack([told, np.zeros((9, 9), np.float32)])
    more = Asked(
        np.vstack([windows, array(*[[0, 0]] * 8)]),
        np.vstack([told, others]),
        np.array(["pl"] * 17),
        np.arange(17),
    )
    for column in crowded(windows, told, more).T:
        assert column == pytest.approx([*[(0.6 + 0) / 2] * 8, (0.6 + 0) / 2])


def test_crowding_is_the_same_in_blocks_of_whole_passages(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = np.random.default_rng(0)
    windows, told, asked = (numbers.normal(size=(40, 4)).astype(np.float32) for _ in range(3))
    owners = np.sort(numbers.integers(0, 9, 40))
    sentences = Asked(asked, told, np.array(["pl", "zh-Hans"] * 20), owners)
    whole = hubness(windows, told, owners, sentences, UNRELATED)
    monkeypatch.setattr(centring, "_AT_ONCE", 3)
    assert hubness(windows, told, owners, sentences, UNRELATED).tolist() == whole.tolist()


def test_the_probe_sentences_are_as_many_in_every_language_and_none_twice(encoder: object) -> None:
    assert set(PROBES) == set(LANGUAGES)
    assert {len(set(sentences)) for sentences in PROBES.values()} == {24}
    means = measure(encoder)  # type: ignore[arg-type]
    for table in (means.documents, means.questions):
        assert {tag: mean.tolist() for tag, mean in table.items()} == {tag: [0, 0, 0, 0, 1] for tag in LANGUAGES}


def test_rows_that_are_centred_when_they_are_read_are_the_same_rows() -> None:
    numbers = np.random.default_rng(0)
    vectors, beside = (numbers.normal(size=(50, width)).astype(np.float32) for width in (6, 2))
    languages = np.array(["pl", "en"] * 25)
    means = {tag: numbers.normal(size=6).astype(np.float32) for tag in ("pl", "en", "und")}
    rows = CentredRows(vectors, languages, means)
    whole = centred(vectors, languages, means)
    assert (rows.shape, rows.with_beside(beside).shape) == ((50, 6), (50, 8))
    for chosen in (slice(10, 30), slice(0, 0), slice(40, 99), np.array([3, 3, 49])):
        assert rows[chosen].tolist() == whole[chosen].tolist()
        assert rows.with_beside(beside)[chosen].tolist() == np.hstack([whole, beside])[chosen].tolist()


def test_a_mean_over_several_blocks_is_the_mean_over_all(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32)
    whole = LanguageMeans.estimate(vectors, ["pl", "en"] * 25, PROBE_MEANS, {})
    monkeypatch.setattr(calibration, "_BLOCK", 7)
    parts = LanguageMeans.estimate(vectors, ["pl", "en"] * 25, PROBE_MEANS, {})
    for language in LANGUAGES:
        assert parts.documents[language] == pytest.approx(whole.documents[language], abs=1e-7)
