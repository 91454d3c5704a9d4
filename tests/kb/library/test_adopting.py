"""Settings that change while questions are asked: each goes by one set of them, and no path forgets one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kb import Answer, KnowledgeBase, Settings
from kb.answering.answers import AnswerSentence
from kb.evaluation.runs import run
from kb.evaluation.sets.faults import QuestionSetError
from kb.evaluation.sets.question_sets import EvaluationQuestion, QuestionSet
from kb.generation.llm import Drafted
from tests.helpers.fakes import FakeEncoder, animal_documents
from tests.helpers.serving import NESTS

QUESTION, HISTORY = "I co robią w nocy?", ["Gdzie pływają ryby?"]


class ScriptedReranker:
    """Turns the order round."""

    loaded: list[str] = []  # noqa: RUF012

    def __init__(self, name: str, dtype: str) -> None:
        self.name = name
        self.loaded.append(name)

    def scores(self, question: str, texts: Sequence[str]) -> np.ndarray:
        return np.arange(len(texts), dtype=np.float32)


class ScriptedModel:
    """Says one sentence, whatever it is asked, and completes no question."""

    def __init__(self, settings: Any) -> None:
        self._settings = settings

    def answer(self, *arguments: Any, most: int) -> Drafted:
        said = (AnswerSentence(f"{self._settings.model} says {most}.", ()),)
        return Drafted(said)

    def reply(self, messages: Any) -> str:
        return "NONE"


@pytest.fixture(autouse=True)
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.library.in_use.CrossEncoderReranker", ScriptedReranker)
    monkeypatch.setattr("kb.library.in_use.LlmAnswerer", ScriptedModel)
    ScriptedReranker.loaded.clear()


def told_of(index: Path, **changes: Any) -> Settings:
    return Settings(index=index, **{"answer": {"refuse_below": 0.0}, **changes})


@pytest.fixture
def base(tmp_path: Path) -> KnowledgeBase:
    return KnowledgeBase.of_documents(animal_documents(), settings=told_of(tmp_path / "index"), encoder=FakeEncoder())


def seen(answer: Answer) -> Answer:
    return replace(answer, timings_ms={})


# ------------------------------------------------------------------------------------------- one question, one state

SEAMS = {
    "as it is completed": "kb.knowledge_base.completed",
    "as it is encoded": "tests.helpers.fakes.FakeEncoder.encode_queries",
    "as passages are ranked": "retrieval.index.snapshot.Snapshot.search",
    "as they are ranked again": "tests.kb.library.test_adopting.ScriptedReranker.scores",
    "as they are read": "kb.asking.answered.findings",
    "as they are quoted": "kb.asking.answered.quoted",
    "as the model answers": "tests.kb.library.test_adopting.ScriptedModel.answer",
}
EARLIER = {
    "answer": {"refuse_below": 0.0, "most_sentences": 2},
    "reranker": {"model": "r", "depth": 3},
    "llm": {"base_url": "http://127.0.0.1:9/v1", "model": "m"},
    "passages": 3,
}
LATER = {"answer": {"refuse_below": 1.0, "most_sentences": 1}, "retrieval": {"mode": "sparse"}, "passages": 1}


@pytest.mark.parametrize("seam", SEAMS)
@pytest.mark.parametrize("way", ["to less", "to more"])
def test_a_question_goes_to_its_end_by_the_settings_that_it_began_with(
    base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch, seam: str, way: str
) -> None:
    sets = [told_of(base.settings.index, **values) for values in (EARLIER, LATER)]
    first, second = sets if way == "to less" else sets[::-1]

    def ask() -> Answer:
        return seen(base.ask(QUESTION, history=HISTORY))

    base.adopt(second)
    after = ask()
    base.adopt(first)
    before = ask()
    assert before != after
    place, name = SEAMS[seam].rsplit(".", 1)
    reached = _adopting_at(monkeypatch, place, name, lambda: base.adopt(second))
    assert ask() == before
    monkeypatch.undo()
    if reached:
        monkeypatch.setattr("kb.library.in_use.LlmAnswerer", ScriptedModel)
        assert base.settings == second
        assert ask() == after
    else:
        assert way == "to more" and seam in ("as they are ranked again", "as they are quoted", "as the model answers")


def _adopting_at(monkeypatch: pytest.MonkeyPatch, place: str, name: str, adopt: Callable[[], None]) -> list[None]:
    """Have another thread adopt once the question comes to a place; returns a list that is filled when it does."""
    from importlib import import_module

    try:
        owner: Any = import_module(place)
    except ModuleNotFoundError:
        module, kind = place.rsplit(".", 1)
        owner = getattr(import_module(module), kind)
    reached: list[None] = []
    own = getattr(owner, name)

    def interrupted(*arguments: Any, **options: Any) -> Any:
        if not reached:
            reached.append(None)
            thread = threading.Thread(target=adopt)
            thread.start()
            thread.join(30)
        return own(*arguments, **options)

    monkeypatch.setattr(owner, name, interrupted)
    return reached


def test_questions_go_on_while_the_settings_change(base: KnowledgeBase) -> None:
    sets = [told_of(base.settings.index, **values) for values in (EARLIER, LATER)]
    wanted = []
    for settings in sets:
        base.adopt(settings)
        wanted.append(seen(base.ask(QUESTION, history=HISTORY)))
    stop, wrong = threading.Event(), list[str]()

    def ask() -> None:
        while not stop.is_set():
            try:
                answer = seen(base.ask(QUESTION, history=HISTORY))
                if answer not in wanted:
                    wrong.append(str(answer))
            except Exception as error:
                wrong.append(f"{type(error).__name__}: {error}")

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(300):
        base.adopt(sets[number % 2])
        stop.wait(0.003)
    stop.set()
    for thread in threads:
        thread.join(30)
    assert wrong == []


# -------------------------------------------------------------------------------------------- no path forgets a setting


class Undecided(ScriptedReranker):
    def scores(self, question: str, texts: Sequence[str]) -> np.ndarray:
        return np.zeros(len(texts), np.float32)


@pytest.mark.parametrize("weight", [0.0, 1.0, 3.0])
@pytest.mark.parametrize("mode", ["hybrid", "dense", "sparse"])
@pytest.mark.parametrize("languages", [(), ("en", "pl")])
def test_a_second_stage_that_changes_nothing_changes_nothing(
    base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch, weight: float, mode: str, languages: Sequence[str]
) -> None:
    monkeypatch.setattr("kb.library.in_use.CrossEncoderReranker", Undecided)
    retrieval = {"keyword_weight": weight, "mode": mode}

    def hits(**changes: Any) -> tuple[Any, ...]:
        base.adopt(told_of(base.settings.index, retrieval=retrieval, **changes))
        found = (base.search(NESTS, 4, languages=languages), base.ask(NESTS, languages=languages).hits)
        return tuple([(hit.passage, hit.score) for hit in one] for one in found)

    assert hits(reranker={"model": "undecided"}) == hits()


@pytest.mark.parametrize("mode", ["hybrid", "dense", "sparse"])
def test_a_search_finds_what_an_answer_is_made_from(base: KnowledgeBase, mode: str) -> None:
    base.adopt(told_of(base.settings.index, retrieval={"mode": mode, "keyword_weight": 2.0}))
    assert base.search(NESTS, 5) == list(base.ask(NESTS, k=5).hits)
    base.adopt(told_of(base.settings.index, retrieval={"keyword_weight": 2.0}))
    assert base.search(NESTS, 5, mode=mode) == base.search(NESTS, 5) or mode != "hybrid"  # type: ignore[arg-type]


def test_a_model_is_asked_for_as_many_sentences_as_the_settings_say(base: KnowledgeBase) -> None:
    for most in (1, 7):
        base.adopt(told_of(base.settings.index, **EARLIER | {"answer": {"refuse_below": 0.0, "most_sentences": most}}))
        assert base.ask(NESTS).sentences[0].text == f"m says {most}."


def test_what_could_be_asked_next_keeps_to_the_languages_and_to_the_settings(shipped_base: KnowledgeBase) -> None:
    base = shipped_base.with_settings(shipped_base.settings)
    question = "Jaka jest stolica Australii?"

    def offered(*languages: str) -> list[Answer]:
        return [
            base.ask(next_one, languages=languages) for next_one in base.ask(question, languages=languages).suggestions
        ]

    answers = offered("zh-Hant")
    assert answers and all(answer.answered for answer in answers)
    strict = base.settings.answer.model_copy(update={"refuse_below": 1.0})
    base.adopt(base.settings.model_copy(update={"answer": strict}))
    assert offered() == []


def test_other_settings_load_nothing_again_and_know_the_model_in_use(base: KnowledgeBase) -> None:
    base.adopt(told_of(base.settings.index, **EARLIER, model={"name": "another"}))
    other = base.with_settings(base.settings.model_copy(update={"passages": 9}))
    assert (ScriptedReranker.loaded, other.model) == (["r"], base.model)
    assert base.model.name != "another"


def test_a_run_whose_settings_change_is_broken_off(base: KnowledgeBase) -> None:
    asked = [EvaluationQuestion(str(number), NESTS, "en", ("straw",)) for number in range(3)]
    questions = QuestionSet("q.jsonl", "0" * 64, tuple(asked))

    def change(done: int, total: int) -> None:
        base.adopt(told_of(base.settings.index, **LATER))

    with pytest.raises(
        QuestionSetError, match="the settings were changed while its questions were asked; run it again"
    ):
        run(base, questions, change)
    page = base.settings.page.model_copy(update={"locked": True})
    lock = base.settings.model_copy(update={"page": page})
    assert len(run(base, questions, lambda done, total: base.adopt(lock))["questions"]) == 3
