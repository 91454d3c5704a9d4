"""The word lists made ready: kept in the cache, made again when it is damaged or cannot be written, always the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from corpus.text.dictionary import whole_words
from corpus.text.normalize import to_simplified
from kb.terms import word_lists as module
from kb.terms.word_lists import COLUMNS, WordLists, whole_words_file, word_lists

ROOT = Path(__file__).resolve().parents[3]
GLOSSARY = (ROOT / "kb" / "terms" / "glossary.tsv").read_text(encoding="utf-8").splitlines()
LINES = [line for line in GLOSSARY if line and not line.startswith("#")]


def built(folder: Path, seed: int) -> Path:
    """Have a process make the lists, which takes seconds, and keep them in `folder`; return their file."""
    program = "from kb.terms.word_lists import word_lists; word_lists()"
    environment = {**os.environ, "PYTHONHASHSEED": str(seed), "CCO_CACHE": str(folder)}
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, check=True, timeout=240)
    (file,) = folder.glob("lexicon-*.json")
    return file


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file in which a process kept the lists that it made."""
    return built(tmp_path_factory.mktemp("lists"), 1)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module, "cache_folder", lambda: tmp_path)
    return tmp_path


@pytest.fixture
def makings(monkeypatch: pytest.MonkeyPatch) -> list[WordLists]:
    """Makes small lists in place of the long ones, and holds those that were made."""
    made: list[WordLists] = []

    def make() -> WordLists:
        made.append(WordLists([["kot"]], [["k"]], [[["kot"], ["猫"], ["cat"]]], {"kot": [("kot", ("kot",))]}))
        return made[-1]

    monkeypatch.setattr(module, "_made", make)
    return made


def test_every_line_of_the_glossary_has_three_columns_without_a_gap() -> None:
    assert all(len(line.split("\t")) == len(COLUMNS) for line in LINES)
    assert not [line for line in LINES if not all(name.strip() for c in line.split("\t") for name in c.split("|"))]
    assert len(set(LINES)) == len(LINES)


def test_the_glossarys_chinese_is_simplified() -> None:
    chinese = "\n".join(line.split("\t")[1] for line in LINES)
    assert to_simplified(chinese) == chinese


@pytest.mark.process
def test_the_lists_are_kept_and_read_again(first: Path, cache: Path, makings: list[WordLists]) -> None:
    (cache / first.name).write_bytes(first.read_bytes())
    lists = word_lists()
    assert (len(lists.glossary), makings) == (len(LINES), [])
    kept = json.loads(first.read_text(encoding="utf-8"))
    kept["full"][0] = ["nobody"]
    (cache / first.name).write_text(json.dumps(kept), encoding="utf-8")
    assert word_lists().full[0] == ["nobody"]  # so it is read, not made again
    assert makings == []


def test_what_is_read_again_is_what_was_made(cache: Path, makings: list[WordLists]) -> None:
    made, read = word_lists(), word_lists()
    assert read == made and read is not made
    assert len(makings) == 1


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"{}", b'{"words": 3}', b"\xff\xfe"])
def test_a_damaged_file_is_made_again(cache: Path, makings: list[WordLists], damage: bytes) -> None:
    made = word_lists()
    (file,) = cache.iterdir()
    file.write_bytes(damage)
    assert word_lists() == made
    assert len(makings) == 2
    assert json.loads(file.read_text(encoding="utf-8"))["full"] == made.full
    assert list(cache.iterdir()) == [file]


def test_a_cache_that_cannot_be_written_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, makings: list[WordLists]
) -> None:
    monkeypatch.setattr(module, "cache_folder", lambda: tmp_path / "not there")
    assert word_lists() is makings[0]


@pytest.mark.process
def test_the_lists_do_not_hang_on_the_order_of_sets(first: Path, tmp_path: Path) -> None:
    assert built(tmp_path, 2).read_bytes() == first.read_bytes()


def test_the_words_kept_whole_are_the_names_of_the_concepts() -> None:
    # Whatever was read before: their frequencies hang on jieba's own dictionary alone.
    lists = word_lists()
    assert dict(whole_words()).keys() <= {name for names in lists.full for name in names}
    told = "python -m kb.terms.word_lists makes the file anew"
    assert (ROOT / "corpus" / "text" / "whole_words.tsv").read_text(encoding="utf-8") == whole_words_file(), told
