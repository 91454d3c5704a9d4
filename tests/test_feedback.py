"""Ratings: what is kept and what is not, from many threads and processes, and the question set that they become."""

from __future__ import annotations

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
from kb.cli import main
from kb.evaluation.question_sets import load_question_set
from kb.feedback import LONGEST_COMMENT, FeedbackError, FeedbackStore, as_questions, feedback_file
from tests.fakes import FakeEncoder

ROOT = Path(__file__).resolve().parents[1]


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
    number = store.record(cats, "up", comment="  dobrze  ")
    (rated,) = FeedbackStore(base.settings.index).ratings()
    assert (rated.id, rated.rating, rated.question, rated.language) == (number, "up", "猫每天睡多久?", "zh-Hans")
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
        *("settings_digest", "index_digest"),
    }


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
    assert [(rated.id, rated.rating) for rated in store.ratings()] == [(second, "down")]
    store.take_back(second)
    assert store.ratings() == []
    assert store.record(cats, "up") > second  # no number is given twice


def test_what_is_no_rating_is_refused_and_a_long_comment_cut(cats: Answer, store: FeedbackStore) -> None:
    with pytest.raises(ValueError, match="a rating is one of up, down, got 'sideways'"):
        store.record(cats, "sideways")  # type: ignore[arg-type]
    assert not store.file.exists()
    store.record(cats, "up", comment="x" * 5_000)
    assert len(store.ratings()[0].comment) == LONGEST_COMMENT


def test_only_so_many_are_kept(cats: Answer, store: FeedbackStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.feedback.MOST_RATINGS", 3)
    numbers = [store.record(cats, "up") for _ in range(5)]
    assert [rated.id for rated in store.ratings()] == numbers[-3:]


def test_many_threads_lose_nothing(cats: Answer, store: FeedbackStore) -> None:
    with ThreadPoolExecutor(8) as threads:
        numbers = list(threads.map(lambda _: store.record(cats, "up"), range(80)))
    assert sorted(numbers) == [rated.id for rated in store.ratings()] == list(range(1, 81))


@pytest.mark.process
def test_several_processes_lose_nothing(cats: Answer, store: FeedbackStore, tmp_path: Path) -> None:
    script = (
        "import sys; from kb.answers import Answer; from kb.feedback import FeedbackStore\n"
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
