"""What a question is measured by, worked by hand."""

from __future__ import annotations

from dataclasses import replace
from math import log2

import numpy as np
import pytest

from kb.answering.answers import Answer, AnswerSentence, Citation
from kb.evaluation.figures.bootstrap import exact, intervals, means, resampled
from kb.evaluation.figures.calibration import area_under_risk, auroc_of, calibration_error, reliability, risk_coverage
from kb.evaluation.figures.citations import Supports, citation_precision, citation_recall
from kb.evaluation.figures.measures import (
    ALL_RANKING_MEASURES,
    auroc,
    f1,
    holds_answer,
    mean,
    overlap_f1,
    ranking_measures,
    ranking_values,
)
from kb.evaluation.judging import Outcome
from kb.evaluation.sets.question_sets import EvaluationQuestion


def test_ranking_measures() -> None:
    right = {"first": {"x"}, "second": {"y"}, "missing": {"z"}, "unranked": {"w"}, "fifth": {"v"}}
    found = {"first": ["x", "y"], "second": ["q", "y"], "missing": ["q", "y"], "fifth": ["a", "b", "c", "d", "v"]}
    assert ranking_measures(right, found) == pytest.approx(
        {
            "R@1": 1 / 5,
            "R@3": 2 / 5,
            "R@10": 3 / 5,
            "MRR@10": (1 + 1 / 2 + 1 / 5) / 5,
            "nDCG@10": (1 + 1 / log2(3) + 1 / log2(6)) / 5,
        }
    )


def test_several_right_items_share_the_gain() -> None:
    measures = ranking_measures({"q": {"x", "y"}}, {"q": ["x", "a", "y"]})
    assert (measures["R@1"], measures["MRR@10"]) == (1.0, 1.0)
    assert measures["nDCG@10"] == pytest.approx((1 + 1 / log2(4)) / (1 + 1 / log2(3)))


def test_the_eleventh_place_is_no_place() -> None:
    measures = ranking_measures({"q": {"x"}}, {"q": [*"abcdefghij", "x"]})
    assert set(measures.values()) == {0.0}


def test_a_question_for_which_nothing_is_right_counts_as_0() -> None:
    assert ranking_measures({"a": {"x"}, "b": set()}, {"a": ["x"], "b": ["x"]})["R@1"] == 0.5
    assert ranking_measures({"a": {"x"}}, {})["MRR@10"] == 0.0
    assert set(ranking_measures({}, {}).values()) == {0.0}


def test_items_of_any_name_are_told_apart() -> None:
    long = "文" * 300
    right = {"0": {f"{long}#1"}, "1": {"a b\tc#1"}}
    assert ranking_measures(right, {"0": [f"{long}#2", f"{long}#1"], "1": ["a b\tc#1"]})["MRR@10"] == 0.75


@pytest.mark.parametrize(
    ("text", "answers", "held"),
    [
        ("全球超过 300 人担任这一职位", ["超过300人"], True),
        ("全球超過３００人", ["超过300人"], True),
        ("Ponad 300 osób,\nczyli wielu", ["ponad 300 OSÓB"], True),
        ("Ponad 300 osób", ["ponad 200 osób", "300"], True),
        ("Ponad 300 osób", ["3000"], False),
        ("Ponad 300 osób", [], False),
        ("客户长", ["客户总监"], False),
    ],
)
def test_an_answer_is_held_in_the_search_form_without_white_space(text: str, answers: list[str], held: bool) -> None:
    assert holds_answer(text, answers) is held


def test_auroc_f1_and_mean() -> None:
    # Of the four pairs (.9 > .1, .9 > .5, .5 > .1, .5 = .5) three and a half are in order.
    assert auroc([0.9, 0.5], [0.1, 0.5]) == pytest.approx(3.5 / 4)
    assert auroc([], [0.1]) is None and auroc([0.1], []) is None
    assert f1(3, 1, 2) == pytest.approx(2 * (3 / 4) * (3 / 5) / (3 / 4 + 3 / 5))
    assert (f1(0, 0, 0), f1(0, 3, 4)) == (0.0, 0.0)
    assert (mean([1, 0, 0.5]), mean([])) == (0.5, 0.0)


# ----------------------------------------------------------------------------------------------- F1, citations


def test_f1_counts_characters_of_han_and_words_of_polish() -> None:
    # Nine characters said, six asked for, five of them said: 2 · 5 / (9 + 6).
    assert overlap_f1("猫每天睡十六个小时。", ["十六个小时吗"]) == pytest.approx(2 * 5 / (9 + 6))
    # Four words said, three asked for, two shared whatever their case: 2 · 2 / (4 + 3).
    assert overlap_f1("Ryby nie śpią nigdy.", ["ryby nie pływają"]) == pytest.approx(4 / 7)
    assert overlap_f1("網際網路", ["互联网"]) == 1.0
    assert overlap_f1("CCO有300人", ["300人"]) == pytest.approx(2 * 2 / (4 + 2))
    assert overlap_f1("Ala ma kota", ["pies", "ma kota"]) == pytest.approx(2 * 2 / (3 + 2))
    assert (overlap_f1("", ["x"]), overlap_f1("x", []), overlap_f1("kot kot", ["kot"])) == (0.0, 0.0, 2 / 3)


def cited(*sentences: tuple[str, tuple[int, ...]], quotes: int = 4) -> Answer:
    citations = tuple(Citation(n, f"d{n}", "", "", "pl", "", None, None, 0, 1, str(n)) for n in range(1, quotes + 1))
    said = tuple(AnswerSentence(text, numbers) for text, numbers in sentences)
    return Answer("?", "pl", True, 1.0, "llm", "", said, citations)


def test_what_is_underlined_is_measured_and_the_whole_of_a_quote_without_marks() -> None:
    quotes = [("Kot śpi w koszu.", ((8, 15),)), ("Na płocie siedzi ptak.", ())]
    citations = tuple(
        Citation(
            n,
            "d",
            "",
            "",
            "pl",
            "",
            None,
            None,
            100,
            100 + len(quote),
            quote,
            tuple((100 + a, 100 + b) for a, b in marks),
        )
        for n, (quote, marks) in enumerate(quotes, 1)
    )
    answer = Answer("?", "pl", True, 1.0, "extractive", "", (), citations)
    question = EvaluationQuestion("q", "Gdzie śpi kot?", "pl", ("w koszu",))
    outcome = Outcome(question, answer, None, (), frozenset(), "pl")
    assert outcome.marked == "w koszu\nNa płocie siedzi ptak."
    assert replace(outcome, answer=None).marked == ""


def says(needed: dict[str, list[set[int]]]) -> Supports:
    """Return a test of support in which a sentence is borne out by any of these sets of citations."""
    return lambda text, citations: any(one <= {c.number for c in citations} for one in needed[text])


def test_citations_count_as_alce_has_it() -> None:
    # a: 1 alone bears it out, 2 is beside the point. b: only both together do. c: nothing does. d: none is cited.
    supports = says({"a": [{1}], "b": [{2, 3}], "c": [], "d": []})
    answer = cited(("a", (1, 2)), ("b", (2, 3)), ("c", (4,)), ("d", ()))
    assert citation_recall(answer, supports) == 2 / 4
    # Right are a's 1 and b's 2 and 3; a's 2 is not needed, c's 4 bears out nothing: three of five.
    assert citation_precision(answer, supports) == 3 / 5
    assert (citation_recall(cited(), supports), citation_precision(cited(), supports)) == (0.0, 0.0)


def test_two_citations_that_each_bear_a_sentence_out_both_count() -> None:
    assert citation_precision(cited(("a", (1, 2))), says({"a": [{1}, {2}]})) == 1.0


def test_a_citation_that_is_not_there_is_none() -> None:
    assert citation_recall(cited(("a", (9,))), says({"a": [{9}]})) == 0.0


# ------------------------------------------------------------------------------------------------- how sure it is


def test_auroc_with_weights_is_the_librarys() -> None:
    scores, flags = [0.9, 0.5, 0.1, 0.5, 0.7, 0.2], [True, True, False, False, False, True]
    expected = auroc([0.9, 0.5, 0.2], [0.1, 0.5, 0.7])
    assert exact(auroc_of(scores, flags), 6) == pytest.approx(expected)
    # A question counted twice is a question there twice.
    twice = auroc([0.9, 0.9, 0.5, 0.2], [0.1, 0.5, 0.7])
    assert auroc_of(scores, flags)(np.array([[2, 1, 1, 1, 1, 1]]))[0] == pytest.approx(twice)
    assert np.isnan(exact(auroc_of([0.5], [True]), 1)) and np.isnan(auroc_of([], [])(np.ones((1, 0)))[0])


def test_risk_and_coverage() -> None:
    confidences, wrong = [0.9, 0.8, 0.8, 0.3], [False, True, False, True]
    # Given one: no risk. Given the two of .8 as well: 1 of 3 wrong. Given all: 2 of 4.
    assert risk_coverage(confidences, wrong) == [[0.25, 0.0, 0.9], [0.75, 1 / 3, 0.8], [1.0, 0.5, 0.3]]
    assert exact(area_under_risk(confidences, wrong), 4) == pytest.approx((0 + 2 * (1 / 3) + 0.5) / 4)
    assert exact(area_under_risk([0.9, 0.1], [False, False]), 2) == 0.0
    # The first left out, the last twice: given the two of .8, 1 of 2; given all, 3 of 4.
    left_out = np.array([[0, 1, 1, 2]])
    assert area_under_risk(confidences, wrong)(left_out)[0] == pytest.approx((2 * (1 / 2) + 2 * (3 / 4)) / 4)
    assert risk_coverage([], []) == []


def test_calibration_error() -> None:
    # Bin .9: said .95 twice, true once, off by .45. Bin .2: said .2 and .25, never true, off by .225.
    confidences, true = [0.95, 0.95, 0.2, 0.25], [True, False, False, False]
    assert exact(calibration_error(confidences, true), 4) == pytest.approx((2 * 0.45 + 2 * 0.225) / 4)
    bins = reliability(confidences, true)
    assert [b["n"] for b in bins] == [0, 0, 2, 0, 0, 0, 0, 0, 0, 2]
    assert (bins[2]["confidence"], bins[2]["true"], bins[9]["true"]) == (pytest.approx(0.225), 0.0, 0.5)
    assert (bins[0]["confidence"], bins[9]["from"], bins[9]["to"]) == (None, 0.9, 1.0)
    assert reliability([1.0, 0.1], [True, True])[9]["n"] == reliability([0.28], [True])[2]["n"] == 1


def test_an_interval_is_that_of_the_binomial_and_always_the_same() -> None:
    values = [1.0] * 80 + [0.0] * 20
    ((low, high),) = intervals(means([values]), 100)
    # The binomial of 100 with .8 has 2.5 % up to 71 or 72 and as much from 88 or 87.
    assert low in (0.71, 0.72) and high in (0.87, 0.88)
    assert intervals(means([values]), 100) == [[low, high]]
    assert intervals(means([[1.0] * 5]), 5) == [[1.0, 1.0]]


def test_what_a_measure_does_not_apply_to_is_left_out() -> None:
    figure = means([[1.0, None, 0.0, None], [None] * 4])
    assert exact(figure, 4)[0] == 0.5 and np.isnan(exact(figure, 4)[1])
    assert intervals(figure, 4)[1] is None
    assert intervals(means([[1.0]]), 1) == [None] and intervals(means([[]]), 0) == []


def test_many_questions_are_resampled_in_parts_as_few_are(monkeypatch: pytest.MonkeyPatch) -> None:
    figure = means([[0.0, 1.0, 0.5, 1.0, 0.25]])
    whole = intervals(figure, 5)
    monkeypatch.setattr("kb.evaluation.figures.bootstrap._AT_ONCE", 50)
    assert intervals(figure, 5) == whole


def test_resamples_are_those_of_the_fixed_seed_one_question_s_too() -> None:
    # As NumPy's generator draws them with this seed: runs made before still compare to the digit.
    drawn = resampled(means([[0.0, 1.0, 2.0, 4.0]]), 4, 6)
    picks = np.random.default_rng(2026).integers(0, 4, (6, 4))
    assert drawn.ravel().tolist() == np.array([0.0, 1.0, 2.0, 4.0])[picks].mean(axis=1).tolist()
    assert resampled(means([[0.5], [None]]), 1, 3)[:, 0].tolist() == [0.5] * 3


def test_every_ranking_measure_is_there_for_every_question() -> None:
    values = ranking_values({"a": {"x", "y"}, "b": set(), "c": {"z"}}, {"a": ["y", "q", "x"], "b": ["x"]})
    assert list(values) == list(ALL_RANKING_MEASURES)
    # Right at 1 and 3 of two right ones: (1/1 + 2/3) / 2.
    assert values["MAP@10"] == pytest.approx([(1 + 2 / 3) / 2, 0.0, 0.0])
    assert values["R@1"] == [1.0, 0.0, 0.0]
