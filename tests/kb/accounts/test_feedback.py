"""Ratings: what is kept and what is not, from many threads and processes, and the question set that they become."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from kb import Answer, KnowledgeBase, Settings
from kb.evaluation.sets.question_sets import load_question_set
from kb.hosting.feedback import (
    _MIGRATION,
    LARGEST_ANSWER,
    LONGEST_COMMENT,
    FeedbackError,
    FeedbackStore,
    NotTheirs,
    Rater,
    as_questions,
    feedback_file,
)
from tests.helpers.fakes import FakeEncoder
from ui.cli import main

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def base(small_base: KnowledgeBase) -> KnowledgeBase:
    """The four animals, with an answer to everything."""
    settings = Settings(index=small_base.settings.index, answer={"refuse_below": 0.0})  # type: ignore[arg-type]
    return KnowledgeBase.open(settings=settings, encoder=FakeEncoder())


@pytest.fixture
def cats(base: KnowledgeBase) -> Answer:
    return base.ask("猫每天睡多久?")


@pytest.fixture
def store(base: KnowledgeBase) -> FeedbackStore:
    return FeedbackStore.of(base)


def test_a_rating_is_kept_with_what_it_is_about_and_with_nothing_about_who_gave_it(
    base: KnowledgeBase, cats: Answer, store: FeedbackStore
) -> None:
    assert store.ratings() == []
    key = store.record(cats, "up", comment="  dobrze  ")
    (rated,) = FeedbackStore(base.settings.index).ratings()
    assert (rated.id, rated.rating, rated.question, rated.language) == (1, "up", "猫每天睡多久?", "zh-Hans")
    assert (rated.answered, rated.answer, rated.comment) == (True, "\n".join(s.text for s in cats.sentences), "dobrze")
    citation = cats.citations[0]
    assert rated.citations[0] == {
        "document_id": "cats",
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
    }
    assert (rated.settings_digest, rated.index_digest) == (base.settings.digest, base.manifest.digest)
    assert rated.time.endswith("+00:00")
    with sqlite3.connect(store.file) as database:
        columns = {row[1] for row in database.execute("pragma table_info(ratings)")}
    assert columns == {
        *("id", "time", "rating", "question", "language", "answered", "answer", "citations", "comment"),
        *("settings_digest", "index_digest", "key_digest", "proof"),
    }
    assert key.encode() not in store.file.read_bytes()


def test_the_ratings_lie_beside_the_index_and_outlive_it(base: KnowledgeBase, cats: Answer, animals: Path) -> None:
    folder = base.settings.index
    FeedbackStore.of(base).record(cats, "up")
    assert feedback_file(folder) == folder.parent / f"{folder.name}.feedback.sqlite3"
    assert stat.S_IMODE(os.stat(feedback_file(folder)).st_mode) == 0o600
    again = KnowledgeBase.build([animals], folder, settings=base.settings, encoder=FakeEncoder())
    assert len(FeedbackStore.of(again).ratings()) == 1


def test_a_question_that_leaned_on_others_is_kept_as_it_was_understood(cats: Answer, store: FeedbackStore) -> None:
    store.record(replace(cats, question="那狗呢?", completed="狗每天散步几次?"), "down")
    assert store.ratings()[0].question == "狗每天散步几次?"


def test_a_rating_is_changed_and_taken_back(cats: Answer, store: FeedbackStore) -> None:
    first = store.record(cats, "up")
    second = store.record(cats, "down", instead_of=first)
    assert [(rated.id, rated.rating) for rated in store.ratings()] == [(2, "down")]
    store.take_back(second)
    assert store.ratings() == []
    store.take_back(second)  # again, since its sender may not have heard that it is done
    store.record(cats, "up")
    assert [rated.id for rated in store.ratings()] == [3]  # no number is given twice


ANNA, BEATA, EDITOR = Rater("anna"), Rater("beata"), Rater("ewa", may_edit=True)


@pytest.mark.parametrize(("owner", "other"), [(ANNA, BEATA), (ANNA, Rater()), (Rater(), BEATA)])
def test_nobody_takes_back_what_another_gave_but_an_editor(
    cats: Answer, store: FeedbackStore, owner: Rater, other: Rater
) -> None:
    key = store.record(cats, "up", rater=owner)
    for take in (
        lambda: store.take_back(key, other),
        lambda: store.take_back(1, other),
        lambda: store.take_back(1, owner),  # a number is no proof
        lambda: store.record(cats, "down", instead_of=key, rater=other),
        lambda: store.record(cats, "down", instead_of=1, rater=other),
    ):
        with pytest.raises(NotTheirs):
            take()
    assert [(rated.id, rated.rating) for rated in store.ratings()] == [(1, "up")]
    again = store.record(cats, "down", instead_of=key, rater=owner)
    store.take_back(again, EDITOR)
    store.record(cats, "down", rater=owner)
    store.take_back(3, EDITOR)
    assert store.ratings() == []


def test_keys_tell_nothing_of_each_other_and_are_not_those_of_the_file(cats: Answer, store: FeedbackStore) -> None:
    keys = {store.record(cats, "up", rater=ANNA) for _ in range(20)}
    assert len(keys) == 20 and min(map(len, keys)) == 32
    with sqlite3.connect(store.file) as database:
        in_file = {text for row in database.execute("select key_digest, proof from ratings") for text in row}
    assert len(in_file) == 40  # the same name looks different in every row
    for text in in_file:
        store.take_back(text, ANNA)
    assert len(store.ratings()) == 20


def test_of_a_long_answer_so_much_is_kept_as_answers_have(cats: Answer, store: FeedbackStore) -> None:
    citation = replace(cats.citations[0], quote="客" * 1000)
    store.record(
        replace(
            cats,
            completed="问" * 700_000,
            language="zh" * 700_000,
            sentences=(replace(cats.sentences[0], text="答" * 700_000),),
            citations=(replace(citation, quote="\ud800"), *[citation] * 700, replace(citation, quote="猫" * 700_000)),
        ),
        "up",
    )
    with sqlite3.connect(store.file) as database:
        (size,) = database.execute(
            "select sum(length(cast(question || language || answer || citations as blob))) from ratings"
        ).fetchone()
    assert 15_000 < size <= LARGEST_ANSWER + 20
    (rated,) = store.ratings()
    assert rated.answer == "答" * (LARGEST_ANSWER // 12)
    assert [c["quote"] for c in rated.citations] == ["?", *["客" * 1000] * 3]  # each whole, or not at all


def old_file(store: FeedbackStore) -> None:
    """Write a file as it was before ratings had keys."""
    with sqlite3.connect(store.file) as database:
        database.execute(
            "create table ratings (id integer primary key autoincrement, time text not null, rating text not null "
            "check (rating in ('up', 'down')), question text not null, language text not null, "
            "answered integer not null, answer text not null, citations text not null, comment text not null, "
            "settings_digest text not null, index_digest text not null)"
        )
        row = ("2026-01-01T00:00:00+00:00", "up", "Kto?", "pl", 1, "Nikt.", "[]", "", "s", "i")
        database.execute(f"insert into ratings values (7, {', '.join('?' * len(row))})", row)


def test_a_file_of_before_is_taken_over_and_only_an_editor_takes_back_what_is_in_it(
    cats: Answer, store: FeedbackStore
) -> None:
    old_file(store)
    assert [(rated.id, rated.question, rated.answer) for rated in store.ratings()] == [(7, "Kto?", "Nikt.")]
    for proof in ("", "7", 7):
        with contextlib.suppress(NotTheirs):
            store.take_back(proof, ANNA)
    store.record(cats, "down", rater=ANNA)
    assert [rated.id for rated in store.ratings()] == [7, 8]
    store.take_back(7, EDITOR)
    assert [rated.id for rated in store.ratings()] == [8]


def test_a_take_over_that_breaks_off_leaves_the_file_as_it_was(
    store: FeedbackStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_file(store)
    with monkeypatch.context() as patch:
        patch.setattr("kb.hosting.feedback._MIGRATION", (*_MIGRATION[:2], "no such statement"))
        with pytest.raises(FeedbackError, match="syntax error"):
            store.ratings()
    assert [rated.id for rated in store.ratings()] == [7]


def test_many_threads_take_a_file_of_before_over_once(cats: Answer, store: FeedbackStore) -> None:
    old_file(store)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: store.record(cats, "up"), range(16)))
    assert [rated.id for rated in store.ratings()] == list(range(7, 24))


def test_a_file_of_a_newer_program_is_left_alone(cats: Answer, store: FeedbackStore) -> None:
    with sqlite3.connect(store.file) as database:
        database.execute("pragma user_version = 9")
    with pytest.raises(FeedbackError, match=r"are of a newer program \(version 9, 1 is known\); update this one"):
        store.record(cats, "up")


def test_what_is_no_rating_is_refused_and_a_long_comment_cut(cats: Answer, store: FeedbackStore) -> None:
    with pytest.raises(ValueError, match="a rating is one of up, down, got 'sideways'"):
        store.record(cats, "sideways")  # type: ignore[arg-type]
    assert not store.file.exists()
    store.record(cats, "up", comment="x" * 5_000)
    assert len(store.ratings()[0].comment) == LONGEST_COMMENT


def test_only_so_many_are_kept(cats: Answer, store: FeedbackStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.hosting.feedback.MOST_RATINGS", 3)
    for _ in range(5):
        store.record(cats, "up")
    assert [rated.id for rated in store.ratings()] == [3, 4, 5]


def test_many_threads_lose_nothing(cats: Answer, store: FeedbackStore) -> None:
    with ThreadPoolExecutor(8) as threads:
        keys = list(threads.map(lambda _: store.record(cats, "up"), range(80)))
    assert len(set(keys)) == 80
    assert [rated.id for rated in store.ratings()] == list(range(1, 81))


@pytest.mark.process
def test_several_processes_lose_nothing(cats: Answer, store: FeedbackStore, tmp_path: Path) -> None:
    script = (
        "import sys; from kb.answering.answers import Answer; from kb.hosting.feedback import FeedbackStore\n"
        "for n in range(20): FeedbackStore(sys.argv[1]).record(Answer(sys.argv[2], 'pl', False, 0, '', ''), 'down')"
    )
    index = str(store.file).removesuffix(".feedback.sqlite3")
    command = [sys.executable, "-c", script, index]
    running = [subprocess.Popen([*command, f"Kto {n}?"], cwd=ROOT) for n in range(3)]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    questions = [rated.question for rated in store.ratings()]
    assert {question: questions.count(question) for question in questions} == {f"Kto {n}?": 20 for n in range(3)}


def test_a_damaged_file_is_named_and_left_alone(cats: Answer, store: FeedbackStore) -> None:
    store.file.write_bytes(b"not a database, " * 100)
    message = rf"the ratings in {store.file} cannot be used \(.*not a database\); move the file away to start anew"
    for use in (lambda: store.record(cats, "up"), store.ratings):
        with pytest.raises(FeedbackError, match=message):
            use()
    assert store.file.read_bytes().startswith(b"not a database")


def test_a_folder_that_cannot_be_written_is_named(cats: Answer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FeedbackError, match=r"index\.feedback\.sqlite3 cannot be used"):
        FeedbackStore(tmp_path / "file" / "index").record(cats, "up")


# ------------------------------------------------------------------------------------------------ as a question set


def test_what_was_rated_up_answers_and_what_was_rated_down_waits_for_an_answer(
    base: KnowledgeBase, cats: Answer, store: FeedbackStore
) -> None:
    dogs = base.ask("狗每天散步几次?")
    for answer, rating in ((cats, "up"), (cats, "up"), (cats, "down"), (dogs, "down")):
        store.record(answer, rating, comment="brak dat" if answer is dogs else "")  # type: ignore[arg-type]
    first, second = as_questions(store.ratings())
    assert first == {
        "id": "feedback-1",
        "question": "猫每天睡多久?",
        "language": "zh-Hans",
        "answers": [c.quote for c in cats.citations],
        "documents": ["cats"],
        "kind": "feedback-up",
        "ratings": {"up": 2, "down": 1},
        "time": store.ratings()[2].time,
    }
    assert (second["kind"], second["answers"], second["documents"]) == ("feedback-down", [], [])
    assert second["rejected"] == [[c.quote for c in dogs.citations]] and second["comments"] == ["brak dat"]


def test_two_spellings_of_a_question_are_one_line(cats: Answer, store: FeedbackStore) -> None:
    store.record(cats, "down")
    store.record(replace(cats, question="貓每天睡多久?", language="zh-Hant", citations=()), "up")
    (line,) = as_questions(store.ratings())
    assert (line["kind"], line["rejected"]) == ("feedback-up", [[c.quote for c in cats.citations]])


def test_as_many_down_as_up_is_not_up(cats: Answer, store: FeedbackStore) -> None:
    store.record(cats, "up")
    store.record(cats, "down")
    assert as_questions(store.ratings())[0]["kind"] == "feedback-down"


def test_a_refusal_rated_up_is_an_unanswerable_question(store: FeedbackStore) -> None:
    store.record(Answer("Kto wynalazł koło?", "pl", False, 0.1, "extractive", "Źródła o tym nie mówią."), "up")
    (line,) = as_questions(store.ratings())
    assert (line["answers"], line["kind"], "rejected" in line) == ([], "feedback-up", False)


def test_the_command_writes_a_set_that_can_be_read(
    base: KnowledgeBase, cats: Answer, store: FeedbackStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store.record(cats, "up")
    out = tmp_path / "rated.jsonl"
    assert main(["feedback", "export", "--index", str(base.settings.index), "--out", str(out)]) == 0
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "cco: rated questions: 1; without a right answer yet: 0\n")
    (question,) = load_question_set(out).questions
    assert question.answers == tuple(c.quote for c in cats.citations)
    assert main(["feedback", "--index", str(base.settings.index), "export"]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == "feedback-1"


def test_the_command_without_ratings_writes_nothing_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["feedback", "export", "--index", str(tmp_path / "none")]) == 0
    assert capsys.readouterr().out == ""
    assert not list(tmp_path.glob("*.sqlite3"))


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["feedback", "export", "--index", str(tmp_path / "i"), "--out", str(tmp_path / "no" / "f.jsonl")]) == 1
    assert capsys.readouterr().err == f"cco: cannot write {tmp_path / 'no' / 'f.jsonl'}: No such file or directory\n"
