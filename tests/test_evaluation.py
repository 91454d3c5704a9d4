"""Measures worked by hand, question sets with every fault named, and runs that cannot flatter."""

from __future__ import annotations

import json
from math import log2
from pathlib import Path
from typing import Any

import pytest

from kb import KnowledgeBase, Settings
from kb.evaluation.comparison import compare
from kb.evaluation.measures import auroc, f1, holds_answer, mean, ranking_measures
from kb.evaluation.parallel import mixed_pool
from kb.evaluation.question_sets import QuestionSetError, load_parallel, load_question_set, load_squad
from kb.evaluation.runs import run
from tests.fakes import TEXTS, FakeEncoder

# ------------------------------------------------------------------------------------------------------- measures


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


# -------------------------------------------------------------------------------------------------- question sets


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_question_set_is_read_with_what_it_leaves_out_and_what_is_unknown(tmp_path: Path) -> None:
    full = {
        "id": "q1",
        "question": "客戶長是誰?",
        "language": "zh-Hant",
        "answers": ["a", "b"],
        "documents": ["d"],
        "kind": "k",
        "author": {"name": "Jan"},
    }
    questions = load_question_set(
        write(tmp_path / "q.jsonl", json.dumps(full, ensure_ascii=False), "", '{"question": "Kim jest CXO?"}')
    )
    first, second = questions.questions
    assert (first.id, first.language, first.answers, first.documents, first.kind) == (
        "q1",
        "zh-Hant",
        ("a", "b"),
        ("d",),
        "k",
    )
    assert first.extra == {"author": {"name": "Jan"}} and first.answerable
    assert (second.id, second.language, second.answers, second.answerable) == ("line-3", "pl", (), False)
    assert (questions.file, len(questions.sha256)) == ("q.jsonl", 64)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_bytes(b"\xef\xbb\xbf" + b'{"question": "Who?"}\r\n')
    assert load_question_set(tmp_path / "q.jsonl").questions[0].question == "Who?"


def test_every_fault_is_named_by_its_line(tmp_path: Path) -> None:
    path = write(
        tmp_path / "q.jsonl",
        '{"id": "a", "question": "fine?"}',
        "{not json",
        '["a list"]',
        '{"question": " "}',
        '{"question": "x", "answers": "one", "documents": [1]}',
        '{"question": "x", "language": "zh"}',
        '{"question": "x", "id": 7}',
        '{"id": "a", "question": "again?"}',
    )
    with pytest.raises(QuestionSetError) as raised:
        load_question_set(path)
    faults = str(raised.value).splitlines()
    assert [line.removeprefix(f"{path}:")[:2] for line in faults] == ["2:", "3:", "4:", "5:", "6:", "7:", "8:"]
    for line, message in zip(
        faults,
        [
            "not JSON",
            "a JSON object is expected, got list",
            '"question" must be a string with words',
            '"answers" must be a list of strings; "documents" must be a list of strings',
            "\"language\" is 'zh', expected one of zh-Hans, zh-Hant, pl, en",
            '"id" must be a string',
            "the id 'a' stands in line 1 already",
        ],
        strict=True,
    ):
        assert message in line


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "holds no question; one JSON object a line is expected"),
        (b"\n \n", "holds no question"),
        (b"\xff\xfe", r"not UTF-8 \(byte 0\); save it as UTF-8"),
        (None, "No such file or directory"),
    ],
)
def test_a_file_that_is_no_question_set_is_refused(tmp_path: Path, data: bytes | None, message: str) -> None:
    if data is not None:
        (tmp_path / "q.jsonl").write_bytes(data)
    with pytest.raises(QuestionSetError, match=rf"q\.jsonl: {message}"):
        load_question_set(tmp_path / "q.jsonl")


@pytest.mark.parametrize("character", ["\u2028", "\u0085"])
def test_a_line_separator_inside_a_string_does_not_part_a_line(tmp_path: Path, character: str) -> None:
    question = json.dumps({"question": f"Kim{character}jest?"}, ensure_ascii=False)
    assert len(load_question_set(write(tmp_path / "q.jsonl", question)).questions) == 1


SQUAD = {
    "data": [
        {
            "title": "Koty",
            "paragraphs": [
                {
                    "context": "Kot śpi w koszu.",
                    "qas": [
                        {"id": 1, "question": "Gdzie śpi kot?", "answers": [{"text": "koszu"}, {"text": "koszu"}]},
                        {"question": "Co je kot?", "is_impossible": True, "answers": [], "plausible_answers": []},
                    ],
                },
                {
                    "context": "Kot śpi w koszu.",
                    "qas": [{"id": "3", "question": "Co robi kot?", "answers": [{"text": "śpi"}]}],
                },
                {"context": "狗在屋外。", "qas": [{"id": "4", "question": "狗在哪里?", "answers": [{"text": "屋外"}]}]},
                {"context": "Nikt o to nie pyta.", "qas": []},
            ],
        }
    ]
}


def test_squad_paragraphs_are_documents_and_each_question_knows_its_own(tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text(json.dumps(SQUAD))
    questions, documents = load_squad(tmp_path / "s.json")
    assert [document.text for document in documents] == ["Kot śpi w koszu.", "狗在屋外。", "Nikt o to nie pyta."]
    assert len({document.id for document in documents}) == 3
    assert [document.language for document in documents] == ["pl", "zh-Hans", "pl"]
    assert [(q.id, q.answers, q.answerable) for q in questions.questions] == [
        ("1", ("koszu",), True),
        ("question-1", (), False),
        ("3", ("śpi",), True),
        ("4", ("屋外",), True),
    ]
    kot, dog = documents[0].id, documents[1].id
    assert [q.documents for q in questions.questions] == [(kot,), (), (kot,), (dog,)]
    assert questions.by_paragraph
    assert len(load_squad(tmp_path / "s.json", limit=2)[0].questions) == 2
    assert len(load_squad(tmp_path / "s.json", limit=2)[1]) == 3


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[]", "not in SQuAD's format"),
        ("{}", r"not in SQuAD's format \(KeyError: 'data'\)"),
        ('{"data": [{"paragraphs": [{"qas": []}]}]}', "not in SQuAD's format"),
        ("nonsense", "not in SQuAD's format"),
        ('{"data": []}', "holds no question"),
    ],
)
def test_a_file_that_is_no_squad_is_refused(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "s.json").write_text(content)
    with pytest.raises(QuestionSetError, match=message):
        load_squad(tmp_path / "s.json")


def test_translations_are_columns_under_their_tags(tmp_path: Path) -> None:
    path = write(tmp_path / "t.tsv", "pl\tzh-Hans", "Kot.\t猫。", "", "Pies.\t狗。")
    assert load_parallel(path) == {"pl": ["Kot.", "Pies."], "zh-Hans": ["猫。", "狗。"]}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["pl\ten"], "at least two lines are expected, got 1"),
        (["pl\ten", "a\tb", "c"], "t.tsv:3: 1 columns, the header has 2"),
    ],
)
def test_translations_that_do_not_match_are_refused(tmp_path: Path, lines: list[str], message: str) -> None:
    with pytest.raises(QuestionSetError, match=message):
        load_parallel(write(tmp_path / "t.tsv", *lines))


# ----------------------------------------------------------------------------------------------------------- runs


def asked(base: KnowledgeBase, folder: Path, *questions: dict[str, Any]) -> dict[str, Any]:
    lines = [json.dumps(question) for question in questions]
    return run(base, load_question_set(write(folder / "q.jsonl", *lines)))


def with_threshold(base: KnowledgeBase, refuse_below: float) -> KnowledgeBase:
    settings = Settings(index=base.settings.index, answer={"refuse_below": refuse_below})  # type: ignore[arg-type]
    return KnowledgeBase.open(settings=settings, encoder=FakeEncoder())


CATS = {
    "id": "cats",
    "question": "猫每天睡多久?",
    "language": "zh-Hans",
    "answers": ["十六个小时"],
    "documents": ["cats"],
}
FISH = {"id": "fish", "question": "鱼晚上睡觉吗?", "language": "zh-Hans", "answers": ["nie śpią"], "kind": "across"}
NOBODY = {"id": "none", "question": "Kto wynalazł koło?", "language": "pl", "answers": [], "kind": "unanswerable"}


def test_a_run_of_all_answered(small_base: KnowledgeBase, tmp_path: Path) -> None:
    result = asked(with_threshold(small_base, 0.0), tmp_path, CATS, FISH, NOBODY)
    assert result["retrieval"]["overall"] == {"n": 2, **dict.fromkeys(("R@1", "R@3", "R@10", "MRR@10", "nDCG@10"), 1.0)}
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


# ----------------------------------------------------------------------------------------------------- comparison


def saved(path: Path, ranks: list[int | None], found: list[bool]) -> Path:
    questions = [
        {"id": f"q{n}", "answerable": True, "rank": rank, "answered": good, "answer_found": good}
        for n, (rank, good) in enumerate(zip(ranks, found, strict=True))
    ]
    path.write_text(json.dumps({"manifest": {"started": path.name, "commit": path.name}, "questions": questions}))
    return path


def test_a_comparison_says_what_changed_and_how_surely(tmp_path: Path) -> None:
    a = saved(tmp_path / "a.json", [1, 2, None, 1] * 20, [True, False, False, True] * 20)
    b = saved(tmp_path / "b.json", [1, 1, 4, 1] * 20, [True, True, False, False] * 20)
    result = compare(a, b)
    assert result["questions"] == 80
    r1 = result["measures"]["R@1"]
    assert (r1["a"], r1["b"], r1["difference"]) == (0.5, 0.75, 0.25)
    assert r1["p"] < 0.01
    assert result["measures"]["MRR@10"]["difference"] == pytest.approx((0.5 + 0.25) / 4)
    assert result["measures"]["answer_found"]["difference"] == 0.0
    assert result["measures"]["answer_found"]["p"] == 1.0
    assert result["won"] == [f"q{n}" for n in range(80) if n % 4 == 1]
    assert result["lost"] == [f"q{n}" for n in range(80) if n % 4 == 3]
    assert result["manifest"] == {"commit": {"a": "a.json", "b": "b.json"}}
    assert compare(a, b) == result


def test_one_question_more_is_no_proof(tmp_path: Path) -> None:
    a = saved(tmp_path / "a.json", [1, 1, 2, 2], [True] * 4)
    b = saved(tmp_path / "b.json", [1, 1, 1, 2], [True] * 4)
    assert compare(a, b)["measures"]["R@1"]["p"] > 0.2


def test_runs_that_share_no_question_or_are_none_are_refused(tmp_path: Path) -> None:
    a = saved(tmp_path / "a.json", [1], [True])
    other = tmp_path / "b.json"
    other.write_text(a.read_text().replace('"q0"', '"other"'))
    with pytest.raises(QuestionSetError, match="have no answerable question in common; compare runs over one set"):
        compare(a, other)
    for content in ("nonsense", "[]", "{}"):
        other.write_text(content)
        with pytest.raises(QuestionSetError, match=r"b\.json: not a run.*cco eval QUESTIONS\.jsonl --json OUT"):
            compare(a, other)


def test_the_texts_of_the_fakes_hold_their_answers() -> None:
    assert holds_answer(TEXTS["cats"][1], CATS["answers"]) and holds_answer(TEXTS["fish"][1], FISH["answers"])
