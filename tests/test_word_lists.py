"""The word lists made ready: kept in the cache, made again when it is damaged or cannot be written, always the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from corpus.normalize import to_simplified
from kb import word_lists as module
from kb.word_lists import LANGUAGES, word_lists

GLOSSARY = (Path(__file__).resolve().parents[1] / "kb" / "glossary.tsv").read_text(encoding="utf-8").splitlines()
LINES = [line for line in GLOSSARY if line and not line.startswith("#")]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module, "cache_folder", lambda: tmp_path)
    return tmp_path


def test_every_line_of_the_glossary_has_three_columns_without_a_gap() -> None:
    assert all(len(line.split("\t")) == len(LANGUAGES) for line in LINES)
    assert not [line for line in LINES if not all(name.strip() for c in line.split("\t") for name in c.split("|"))]
    assert len(set(LINES)) == len(LINES)


def test_the_glossarys_chinese_is_simplified() -> None:
    chinese = "\n".join(line.split("\t")[1] for line in LINES)
    assert to_simplified(chinese) == chinese


def test_the_lists_are_kept_and_read_again(cache: Path) -> None:
    made = word_lists()
    (file,) = cache.iterdir()
    assert word_lists() == made
    kept = json.loads(file.read_text(encoding="utf-8"))
    kept["full"][0] = ["nobody"]
    file.write_text(json.dumps(kept), encoding="utf-8")
    assert word_lists().full[0] == ["nobody"]  # so it is read, not made again


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"{}", b'{"words": 3}', b"\xff\xfe"])
def test_a_damaged_file_is_made_again(cache: Path, damage: bytes) -> None:
    made = word_lists()
    (file,) = cache.iterdir()
    file.write_bytes(damage)
    assert word_lists() == made
    assert json.loads(file.read_text(encoding="utf-8"))["full"] == made.full
    assert list(cache.iterdir()) == [file]


def test_a_cache_that_cannot_be_written_stops_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "cache_folder", lambda: tmp_path / "not there")
    assert word_lists().full


def test_the_lists_do_not_hang_on_the_order_of_sets(tmp_path: Path) -> None:
    program = "from kb.word_lists import word_lists as w; w(); from corpus.segment import normalizer as n; print(n())"
    names = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "CCO_CACHE": str(tmp_path / seed)}
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True, timeout=120
        )
        names.add(done.stdout)
    assert len(names) == 1
