"""Questions while the index is made anew with another model: each is answered, by one model and its own vectors."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kb import KnowledgeBase, Settings
from kb.answering.answers import Answer
from tests.helpers.fakes import FakeEncoder, animal_documents
from tests.helpers.serving import NESTS

SENTENCES = ["Birds sing at dawn.", "Birds build nests of straw."]


class WiderEncoder(FakeEncoder):
    """Counts animals too, in vectors of another length, so that it cannot be mistaken for the other without a fault."""

    name = "wider-animals"
    digest = "fb" * 32
    dimension = 7

    def _vectors(self, texts: Sequence[str]) -> np.ndarray:
        narrow = FakeEncoder()._vectors(texts)
        return np.hstack([narrow, np.zeros((len(narrow), self.dimension - narrow.shape[1]), np.float32)])


@pytest.fixture
def base(tmp_path: Path) -> KnowledgeBase:
    settings = Settings(index=tmp_path / "index", answer={"refuse_below": 0.0})  # type: ignore[arg-type]
    return KnowledgeBase.of_documents(animal_documents(), settings=settings, encoder=FakeEncoder())


def told(answer: Answer) -> list[str]:
    return [sentence.text for sentence in answer.sentences]


def test_a_question_that_has_its_generation_keeps_the_model_that_made_it(
    base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, hits = base.ask(NESTS), base.search(NESTS)
    held = base.opened
    base.rebuild(encoder=WiderEncoder())
    assert (base.encoder.name, base.manifest.model, held.encoder.name) == (
        "wider-animals",
        "wider-animals",
        "fake-animals",
    )
    # As where the index is switched between a question's taking its generation and its being encoded.
    monkeypatch.setattr(base, "_fresh", lambda: held)
    assert base.search(NESTS) == hits
    answer = base.ask(NESTS)
    assert (told(answer), answer.hits, answer.confidence) == (told(before), before.hits, before.confidence)


def test_a_question_that_comes_as_the_new_generation_is_written_waits_for_its_model(
    base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kb.library import library

    written, write = threading.Event(), library.write_snapshot

    def slow_to_return(*arguments: Any) -> str:
        name = write(*arguments)
        written.set()
        answered.wait(1.0)  # is not, unless the question went on with what it found
        return name

    answered = threading.Event()
    monkeypatch.setattr(library, "write_snapshot", slow_to_return)

    def ask() -> Answer:
        assert written.wait(30)
        try:
            return base.ask(NESTS)
        finally:
            answered.set()

    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(ask)
        base.rebuild(encoder=WiderEncoder())
        assert told(asked.result(30)) == SENTENCES


@pytest.mark.slow
def test_questions_go_on_while_the_models_change(base: KnowledgeBase) -> None:
    stop = threading.Event()

    def ask() -> tuple[int, list[str]]:
        count, wrong = 0, []
        while not stop.is_set():
            count += 1
            try:
                if (said := told(base.ask(NESTS))) != SENTENCES:
                    wrong.append(str(said))
            except Exception as error:
                wrong.append(f"{type(error).__name__}: {error}")
        return count, wrong

    with ThreadPoolExecutor(3) as threads:
        asking = [threads.submit(ask) for _ in range(3)]
        try:
            for number in range(12):
                base.rebuild(encoder=WiderEncoder() if number % 2 == 0 else FakeEncoder())
        finally:
            stop.set()
        results = [future.result(30) for future in asking]
    assert [wrong for _, wrong in results] == [[], [], []]
    assert all(count > 3 for count, _ in results)
