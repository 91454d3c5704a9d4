"""Question sets, SQuAD files and translations: what is read, and every fault named by its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kb.evaluation.sets.faults import QuestionSetError
from kb.evaluation.sets.question_sets import load_parallel, load_question_set
from kb.evaluation.sets.squad import load_squad
from tests.helpers.questions import SQUAD, write


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
            '"answers" must be a list of strings, got str; "documents" must be a list of strings, 1 is none',
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


# ------------------------------------------------------------------------------------- what is odd, what is missing


def test_unknown_keys_and_empty_lines_are_named_and_kept(tmp_path: Path) -> None:
    path = write(
        tmp_path / "q.jsonl",
        '{"question": "Who?", "answers": [], "author": "Jan"}',
        "",
        '{"question": "What?", "answers": [], "author": "Ewa", "level": 3, "rejected": []}',
        "  ",
    )
    questions = load_question_set(path)
    assert questions.warnings == (
        f'{path}:1,3: unknown key "author", kept as it is',
        f'{path}:3: unknown key "level", kept as it is',
        f"{path}:2,4: empty, passed over",
    )
    assert [question.extra.get("author") for question in questions.questions] == ["Jan", "Ewa"]
    assert [question.line for question in questions.questions] == [1, 3]


def test_many_odd_lines_are_one_warning(tmp_path: Path) -> None:
    lines = [f'{{"question": "Who {n}?", "answers": [], "author": "Jan"}}' for n in range(30)]
    (warning,) = load_question_set(write(tmp_path / "q.jsonl", *lines)).warnings
    assert warning.endswith(':1,2,3,4,5,6,7,8,9,10,11,12 and 18 more: unknown key "author", kept as it is')


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"id": "a", "answers": ["x"]}', 'no "question"'),
        ('{"qeustion": "Who?", "answers": ["x"]}', 'no "question", but "qeustion"'),
        ('{"question": "Who?", "answer": "Jan"}', 'no "answers", but "answer"'),
        ('{"question": "Who?", "answers": ["Jan", 5]}', '"answers" must be a list of strings, 5 is none'),
        ('{"question": "Who?", "answers": ["Jan", ""]}', "\"answers\" must be a list of strings, '' is none"),
        ('{"question": "Who?", "answers": null}', '"answers" must be a list of strings, got NoneType'),
        ('{"question": "Who?", "kind": ["a"], "id": 3}', '"id" must be a string; "kind" must be a string'),
        ('{"question": "Who \\ud800?"}', "holds half a character"),
        ("[" * 100_000, "nested too deeply"),
        ('{"question": "Who?"} {"question": "What?"}', "not JSON (Extra data, column 22)"),
    ],
    ids=lambda value: value[:30],
)
def test_one_faulty_line_among_good_ones(tmp_path: Path, line: str, message: str) -> None:
    path = write(tmp_path / "q.jsonl", '{"question": "fine?", "answers": ["a"]}', line)
    with pytest.raises(QuestionSetError) as raised:
        load_question_set(path)
    assert str(raised.value).startswith(f"{path}:2: ") and message in str(raised.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (json.dumps(SQUAD), "q.jsonl: looks like SQuAD's format; give it as --squad"),
        (json.dumps([{"question": "Who?"}], indent=1), "q.jsonl: is one list; one JSON object a line is expected"),
        ('{"manifest": {}, "questions": []}', "q.jsonl: is a run; cco compare takes two of them"),
        ("id,question\n1,Who?\n2,What?\n", "q.jsonl: is no question set: none of its lines is a JSON object"),
        ("<html>\n<p>Who?\n</html>\n", "q.jsonl: is no question set"),
    ],
    ids=["squad", "list", "run", "csv", "html"],
)
def test_a_file_of_another_format_is_one_line(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "q.jsonl").write_text(content)
    with pytest.raises(QuestionSetError) as raised:
        load_question_set(tmp_path / "q.jsonl")
    assert message in str(raised.value) and str(raised.value).count("\n") == 0


def test_every_fault_of_a_squad_file_is_named_by_its_place(tmp_path: Path) -> None:
    broken = {
        "data": [
            {"title": "a", "paragraphs": [{"context": "Kot.", "qas": [{"question": "?", "answers": [{"text": 1}]}]}]},
            {"title": "b"},
            {
                "title": 3,
                "paragraphs": [
                    "text",
                    {"context": " ", "qas": [{"id": 1, "question": "Kto?", "answers": []}]},
                    {"context": "Pies.", "qas": [{"id": 1, "question": "Kto?", "answers": [{}]}, {"answers": []}]},
                ],
            },
        ]
    }
    (tmp_path / "s.json").write_text(json.dumps(broken))
    with pytest.raises(QuestionSetError) as raised:
        load_squad(tmp_path / "s.json")
    faults = [line.partition("SQuAD's format: ")[2] for line in str(raised.value).splitlines()]
    assert faults == [
        'data[0].paragraphs[0].qas[0]: "answers" must be a list of objects, each with its "text"',
        'data[1]: no list of "paragraphs"',
        'data[2]: "title" must be a string',
        "data[2].paragraphs[0]: must be an object",
        'data[2].paragraphs[1]: "context" must be a string with words',
        "data[2].paragraphs[2].qas[0]: the id '1' stands at data[2].paragraphs[1].qas[0] already",
        'data[2].paragraphs[2].qas[0]: "answers" must be a list of objects, each with its "text"',
        'data[2].paragraphs[2].qas[1]: "question" must be a string',
    ]


def test_every_fault_of_translations_is_named_by_its_line(tmp_path: Path) -> None:
    path = write(tmp_path / "t.tsv", "pl\ten\tpl", "a\tb\tc", "a\tb", "a\t \tc")
    with pytest.raises(QuestionSetError) as raised:
        load_parallel(path)
    assert str(raised.value).splitlines() == [
        f"{path}:1: two columns have the tag pl",
        f"{path}:3: 2 columns, the header has 3",
        f"{path}:4: an empty column",
    ]
