"""That the tests compute nothing twice which models say of the same input, and anew what is asked for anew."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from kb.reading.readings import Excerpt, Reading
from tests.helpers import remembering
from tests.helpers.fakes import FakeEncoder, FakeReader
from tests.helpers.remembering import Memory, RememberingReader

CAT, DOG = Excerpt("a", "Kot śpi."), Excerpt("a", "Pies biega.")


class Counted(FakeReader):
    """Notes what it reads."""

    cutter = None

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    def read(self, question: str, excerpts: Sequence[Excerpt]) -> list[Reading]:
        self.asked.append((question, len(excerpts)))
        return super().read(question, excerpts)


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Memory:
    """A memory of this test's own."""
    memory = Memory()
    monkeypatch.setattr(remembering, "MEMORY", memory)
    return memory


def test_the_same_excerpts_are_read_once_for_a_question_and_others_by_themselves(memory: Memory) -> None:
    counted = Counted()
    readers = [RememberingReader(cast(Any, counted)) for _ in range(2)]  # one is made for each question
    first, again = (reader.read("kot?", [CAT, DOG]) for reader in readers)
    assert first == again and first is not again
    readers[0].read("kot?", [CAT])
    readers[0].read("pies?", [CAT, DOG])
    assert counted.asked == [("kot?", 2), ("kot?", 1), ("pies?", 2)]
    with memory.aside():
        readers[0].read("kot?", [CAT])
    assert counted.asked[3:] == [("kot?", 1)]
    with pytest.raises(ValueError, match="read-only"):
        first[0].starts[0] = 0.0


def test_the_same_questions_are_encoded_once_and_whoever_asks_has_vectors_of_his_own(memory: Memory) -> None:
    fake, asked = FakeEncoder(), list[Sequence[str]]()
    encoder: Any = SimpleNamespace(
        digest="a", dtype="b", encode_queries=lambda texts: asked.append(texts) or fake.encode_queries(texts)
    )
    remembering.remembering(encoder)
    first, again = encoder.encode_queries(["kot"]), encoder.encode_queries(["kot"])
    first[0] = 0.0
    assert (again == fake.encode_queries(["kot"])).all() and (encoder.encode_queries(["kot"]) == again).all()
    assert np.asarray(encoder.encode_queries(["kot", "pies"])).shape == (2, 5)
    assert asked == [["kot"], ["kot", "pies"]]


def test_what_is_marked_so_is_computed_anew(anew: None) -> None:
    assert not remembering.MEMORY._on
