"""Vectors that outlive a run: the same to the last bit, for the same model only, and never in the way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kb.evaluation import kept_vectors
from kb.evaluation.kept_vectors import KeptVectors
from tests.helpers.fakes import FakeEncoder

CATS = [f"猫 {'kot ' * (n % 7)} {n}" for n in range(600)]


class Other(FakeEncoder):
    digest = "0b" * 32


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "vectors.sqlite3"


def test_a_second_run_encodes_nothing_and_has_the_same_bits(file: Path) -> None:
    first, second = FakeEncoder(), FakeEncoder()
    done: list[tuple[int, int]] = []
    vectors = KeptVectors(first, file).encode_documents(CATS, lambda *told: done.append(told))
    assert np.array_equal(vectors, FakeEncoder().encode_documents(CATS))
    assert done == [(256, 600), (512, 600), (600, 600)] and len(first.encoded) == 600
    again = KeptVectors(second, file).encode_documents(CATS)
    assert again.tobytes() == vectors.tobytes() and second.encoded == []


def test_what_was_broken_off_is_taken_up_by_whole_blocks(file: Path) -> None:
    def stop(done: int, total: int) -> None:
        if done == 512:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        KeptVectors(FakeEncoder(), file).encode_documents(CATS, stop)
    rest = FakeEncoder()
    KeptVectors(rest, file).encode_documents(CATS)
    assert len(rest.encoded) == 600 - 512


def test_another_model_and_another_text_are_encoded(file: Path) -> None:
    KeptVectors(FakeEncoder(), file).encode_documents(CATS)
    other, changed = Other(), FakeEncoder()
    KeptVectors(other, file).encode_documents(CATS)
    assert len(other.encoded) == 600
    one_letter = CATS[300].replace("猫", "狗")
    KeptVectors(changed, file).encode_documents([*CATS[:300], one_letter, *CATS[301:]])
    assert one_letter in changed.encoded and len(changed.encoded) in (256, 600 - 512)


def test_documents_and_questions_are_kept_apart(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = KeptVectors(FakeEncoder(), file)
    kept.encode_documents(["猫", "狗"])
    monkeypatch.setattr(FakeEncoder, "encode_queries", lambda self, texts: np.full((len(texts), 5), 0.5, np.float32))
    assert kept.encode_queries(["猫", "狗"])[0, 0] == 0.5
    monkeypatch.setattr(FakeEncoder, "encode_queries", lambda self, texts: 1 / 0)
    assert kept.encode_queries(["猫", "狗"])[0, 0] == 0.5
    with pytest.raises(ZeroDivisionError):
        kept.encode_queries(["猫"])  # its time is part of the run's figures


@pytest.mark.parametrize("content", [b"no database at all " * 50, None])
def test_a_file_that_cannot_be_used_is_no_hindrance(
    tmp_path: Path, content: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "no" / "vectors.sqlite3" if content is None else tmp_path / "vectors.sqlite3"
    if content is not None:
        file.write_bytes(content)
    vectors = KeptVectors(FakeEncoder(), file).encode_documents(CATS[:3])
    assert np.array_equal(vectors, FakeEncoder().encode_documents(CATS[:3]))
    assert "vectors are not kept between runs: vectors.sqlite3 cannot be used" in caplog.text


def test_what_was_used_the_longest_ago_goes_first(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_vectors, "MOST_KEPT", 2 * 256)
    kept = KeptVectors(FakeEncoder(), file)
    for text in ("猫 a", "狗 b", "猫 a", "鱼 c"):
        kept.encode_documents([text])
    encoder = FakeEncoder()
    again = KeptVectors(encoder, file)
    for text in ("猫 a", "鱼 c", "狗 b"):
        again.encode_documents([text])
    assert encoder.encoded == ["狗 b"]
