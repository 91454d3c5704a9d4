"""The trained reader: what it says of 36 cases, of long texts, and of how its numbers are put together."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kb.reading.readings import Excerpt, Reading
from kb.reading.rows import LONGEST
from kb.reading.trained import TrainedReader
from retrieval.models.encoder import SentenceTransformerEncoder
from tests.helpers.fakes import FakeEncoder

pytestmark = pytest.mark.usefixtures("anew")

EXPECTED = Path(__file__).parents[2] / "data" / "reader_expected.jsonl"
CASES = [json.loads(line) for line in EXPECTED.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def reader(bundled_encoder: SentenceTransformerEncoder) -> TrainedReader:
    return TrainedReader.beside(bundled_encoder)


def _read(reader: TrainedReader) -> list[Reading]:
    return [r for c in CASES for r in reader.read(c["question"], [Excerpt(c["title"], c["passage"])])]


def scores() -> list[float]:
    """Return the scores of the cases as the product reads them."""
    return [reading.score for reading in _read(TrainedReader.beside(FakeEncoder()))]


def test_it_says_what_the_reference_says(reader: TrainedReader) -> None:
    readings = _read(reader)
    assert [c["passage"][slice(*r.span)].strip() for c, r in zip(CASES, readings, strict=True)] == [
        case["answer"] for case in CASES
    ]
    for case, reading in zip(CASES, readings, strict=True):
        assert reading.score == pytest.approx(case["score"], abs=0.005)
        assert reading.answerable == pytest.approx(case["answerable"], abs=0.005)
        assert reading.log_probability == pytest.approx(case["span"], abs=0.005)
        assert reading.null == pytest.approx(case["null"], abs=0.005)


@pytest.mark.process
def test_a_processor_with_nothing_but_avx2_reads_the_same(reader: TrainedReader) -> None:
    program = "from tests.kb.reading.test_reading import scores; print(*scores())"
    old = {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"}
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, env=os.environ | old, capture_output=True, text=True
    )
    assert [float(score) for score in done.stdout.split()] == pytest.approx([r.score for r in _read(reader)], abs=1e-4)


def test_passages_read_together_are_read_as_each_alone(reader: TrainedReader) -> None:
    question = CASES[0]["question"]
    excerpts = [Excerpt(case["title"], case["passage"]) for case in CASES[:12]]
    together = reader.read(question, excerpts)
    for excerpt, reading in zip(excerpts, together, strict=True):
        (alone,) = reader.read(question, [excerpt])
        assert reading.score == pytest.approx(alone.score, abs=1e-3)
        assert reading.span == alone.span


def test_another_embedding_model_changes_nothing(reader: TrainedReader) -> None:
    case = CASES[1]
    excerpt = Excerpt(case["title"], case["passage"])
    (own,), (other,) = (r.read(case["question"], [excerpt]) for r in (reader, TrainedReader.beside(FakeEncoder())))
    assert (other.score, other.span) == (own.score, own.span)


@pytest.mark.parametrize("before", [0, 3000, 30_000])
def test_a_long_text_is_read_around_what_was_found(reader: TrainedReader, before: int) -> None:
    case = CASES[1]
    filler = "典藏盤點通常每五年全面一次。" * (before // 14)
    text = filler + case["passage"] + "目前仍有兩成一的藏品沒有數位影像。" * 200
    (reading,) = reader.read(case["question"], [Excerpt(case["title"], text, len(filler) + 100)])
    start, end = reading.span
    assert text[start:end] == case["answer"]
    assert len(reading.places) <= LONGEST


def test_a_question_and_a_title_of_any_length_leave_room_for_the_passage(reader: TrainedReader) -> None:
    (reading,) = reader.read("什么？" * 5000, [Excerpt("标题" * 5000, CASES[0]["passage"])])
    assert len(reading.places) > 100


def test_texts_without_words_are_read_too(reader: TrainedReader) -> None:
    nothing, blank, cat = reader.read("谁？", [Excerpt("", ""), Excerpt("x", "   "), Excerpt("x", "猫")])
    assert (nothing.span, nothing.chance, nothing.mass([(0, 1)]).tolist()) == (
        (0, 0),
        pytest.approx(0.0, abs=1e-9),
        [0.0],
    )
    assert blank.span[0] == blank.span[1] == 3
    assert cat.span == (0, 1)
    assert reader.read("谁？", []) == []


def _told(starts: list[float], ends: list[float]) -> Reading:
    places = np.array([(n, n + 1) for n in range(len(starts))])
    return Reading(0.5, -4.0, places, np.log(starts), np.log(ends))


def test_the_span_never_ends_before_it_begins() -> None:
    reading = _told([0.1, 0.1, 0.6], [0.7, 0.1, 0.1])
    # 0 to 0: .07; 2 to 2: .06; the highest start and the highest end would be 2 to 0.
    assert reading.span == (0, 1)
    assert reading.log_probability == pytest.approx(np.log(0.07))
    assert reading.score == pytest.approx(0.5 + (np.log(0.07) + 4.0) / 4)


def test_the_mass_of_a_sentence_is_that_of_the_spans_that_touch_it() -> None:
    reading = _told([0.5, 0.5], [0.5, 0.5])
    # 0-0, 0-1 and 1-1 are as likely, and two of the three touch either token.
    assert reading.mass([(0, 1), (1, 2), (0, 2), (5, 6)]) == pytest.approx([2 / 3, 2 / 3, 1.0, 0.0])
