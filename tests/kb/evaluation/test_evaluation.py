"""Runs over question sets: what cannot flatter, what is kept, and that two are alike to the last digit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kb import KnowledgeBase, Settings
from kb.evaluation.figures.measures import holds_answer
from kb.evaluation.parallel import mixed_pool
from kb.evaluation.runs import run
from kb.evaluation.sets.faults import QuestionSetError
from kb.evaluation.sets.question_sets import load_question_set
from kb.evaluation.sets.squad import load_squad
from tests.helpers.fakes import TEXTS, FakeEncoder
from tests.helpers.questions import CATS, FISH, NOBODY, SQUAD, with_threshold, write


def asked(base: KnowledgeBase, folder: Path, *questions: dict[str, Any]) -> dict[str, Any]:
    lines = [json.dumps(question) for question in questions]
    return run(base, load_question_set(write(folder / "q.jsonl", *lines)))


def test_a_run_of_all_answered(small_base: KnowledgeBase, tmp_path: Path) -> None:
    result = asked(with_threshold(small_base, 0.0), tmp_path, CATS, FISH, NOBODY)
    measures = ("R@1", "R@3", "R@5", "R@10", "MRR@10", "nDCG@10", "MAP@10")
    intervals = {"interval": {name: [1.0, 1.0] for name in measures}}
    assert result["retrieval"]["overall"] == {"n": 2, **dict.fromkeys(measures, 1.0), **intervals}
    assert set(result["retrieval"]["by_pair"]) == {"zh-Hans>zh-Hans", "zh-Hans>pl"}
    assert set(result["retrieval"]["by_kind"]) == {"across"}
    assert result["answers"]["overall"]["n"] == result["answers"]["overall"]["answered"] == 2
    assert result["answers"]["overall"]["citation_precision"] > 0
    refusal = result["refusal"]
    assert (refusal["answerable"], refusal["unanswerable"]) == (2, 1)
    assert (refusal["answerable_answered"], refusal["unanswerable_refused"], refusal["f1"]) == (1.0, 0.0, 0.0)
    assert [(line["id"], line["rank"], line["answered"]) for line in result["questions"]] == [
        ("cats", 1, True),
        ("fish", 1, True),
        ("none", None, True),
    ]
    assert result["latency_ms"]["p95"] >= result["latency_ms"]["p50"] > 0


def test_a_run_of_all_refused_scores_0_and_is_not_left_out(small_base: KnowledgeBase, tmp_path: Path) -> None:
    result = asked(with_threshold(small_base, 1.0), tmp_path, CATS, FISH, NOBODY)
    answers = result["answers"]["overall"]
    assert (answers["n"], answers["answered"], answers["answer_found"], answers["mean_characters"]) == (2, 0, 0.0, 0.0)
    refusal = result["refusal"]
    assert (refusal["answerable_answered"], refusal["unanswerable_refused"]) == (0.0, 1.0)
    # One refused rightly, two wrongly: precision 1/3, recall 1.
    assert refusal["f1"] == pytest.approx(0.5)
    assert result["retrieval"]["overall"]["R@1"] == 1.0


def test_a_question_that_raises_counts_as_0_and_is_listed(small_base: KnowledgeBase, tmp_path: Path) -> None:
    too_long = {**CATS, "id": "long", "question": "猫" * 3000}
    result = asked(with_threshold(small_base, 0.0), tmp_path, CATS, too_long)
    assert result["retrieval"]["overall"]["n"] == result["answers"]["overall"]["n"] == 2
    assert result["retrieval"]["overall"]["R@1"] == result["refusal"]["answerable_answered"] == 0.5
    line = result["questions"][1]
    assert (line["id"], line["rank"], line["answered"], line["answer_found"]) == ("long", None, False, False)
    assert line["confidence"] == 0.0
    assert line["error"].startswith("QuestionError: the question has 3,000 characters")
    assert "error" not in result["questions"][0]


@pytest.mark.parametrize("name", ["cats", "cats.md"])
def test_a_right_document_goes_by_id_or_file_name(small_base: KnowledgeBase, tmp_path: Path, name: str) -> None:
    result = asked(small_base, tmp_path, {**CATS, "documents": [name]})
    assert result["retrieval"]["overall"]["R@1"] == 1.0


def test_an_answer_in_another_document_than_the_named_one_is_not_right(
    small_base: KnowledgeBase, tmp_path: Path
) -> None:
    result = asked(small_base, tmp_path, {**CATS, "documents": ["dogs"]}, {**CATS, "id": "b", "documents": ["gone"]})
    assert result["retrieval"]["overall"]["n"] == 2
    assert result["retrieval"]["overall"]["R@10"] == 0.0


def test_unknown_keys_are_reported_back(small_base: KnowledgeBase, tmp_path: Path) -> None:
    result = asked(small_base, tmp_path, {**CATS, "author": "Jan", "difficulty": 3})
    assert (result["questions"][0]["author"], result["questions"][0]["difficulty"]) == ("Jan", 3)


def test_an_unknown_key_never_stands_in_for_a_result(small_base: KnowledgeBase, tmp_path: Path) -> None:
    missed = {**CATS, "documents": ["dogs"], "rank": 1, "answer_found": True, "answered": True, "confidence": 1.0}
    line = asked(with_threshold(small_base, 1.0), tmp_path, missed)["questions"][0]
    assert (line["rank"], line["answer_found"], line["answered"]) == (None, False, False)


def test_a_run_records_what_it_depends_on(small_base: KnowledgeBase, tmp_path: Path) -> None:
    manifest = asked(small_base, tmp_path, CATS)["manifest"]
    assert (manifest["model"]["name"], manifest["model"]["digest"]) == (FakeEncoder.name, FakeEncoder.digest)
    assert manifest["index"]["digest"] == small_base.manifest.digest
    assert manifest["questions"]["file"] == "q.jsonl" and len(manifest["questions"]["sha256"]) == 64
    assert manifest["settings"]["answer"]["refuse_below"] == small_base.settings.answer.refuse_below
    assert {"started", "commit"} <= set(manifest)


def test_in_squad_only_the_questions_own_paragraph_is_right(tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text(json.dumps(SQUAD))
    questions, documents = load_squad(tmp_path / "s.json")
    settings = Settings(index=tmp_path / "index", answer={"refuse_below": 0.0})  # type: ignore[arg-type]
    base = KnowledgeBase.of_documents(documents, settings=settings, encoder=FakeEncoder())
    result = run(base, questions)
    assert (result["retrieval"]["overall"]["n"], result["retrieval"]["overall"]["R@1"]) == (3, 1.0)
    assert result["refusal"]["unanswerable"] == 1


def test_the_mixed_pool_finds_translations_among_near_misses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.evaluation.parallel._QUERIES", 4)
    # Each near-miss is half right, and shares no word with the questions that keyword search could go by.
    near_misses = ["cats, dogs", "fish, birds", "cats, fish", "dogs, birds"]
    polish, chinese = ["Kot.", "Pies.", "Ryba.", "Ptak.", *near_misses], ["猫。", "狗。", "鱼。", "鸟。", *near_misses]
    translations = {"pl": polish, "zh-Hans": chinese}
    for pair in ("pl:zh-Hans", "zh-Hans:pl"):
        assert mixed_pool(translations, pair, FakeEncoder()) == {"pair": pair.replace(":", ">"), "n": 4, "R@1": 1.0}
    wrong = {"pl": polish, "zh-Hans": [*chinese[1:4], chinese[0], *chinese[4:]]}
    assert mixed_pool(wrong, "pl:zh-Hans", FakeEncoder())["R@1"] == 0.0
    with pytest.raises(QuestionSetError, match=r"'pl:de': no column de; the file has pl, zh-Hans"):
        mixed_pool(translations, "pl:de", FakeEncoder())


def test_the_texts_of_the_fakes_hold_their_answers() -> None:
    assert holds_answer(TEXTS["cats"][1], CATS["answers"]) and holds_answer(TEXTS["fish"][1], FISH["answers"])
