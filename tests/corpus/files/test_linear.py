"""No text, however it was made up, takes a reader time that grows faster than the text: half a megabyte would stall."""

from __future__ import annotations

import gc
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import permutations
from pathlib import Path

import pytest

from corpus.cleaning.layout import rejoined
from corpus.cleaning.markup import pieces_of_markdown
from corpus.cleaning.pieces import date_in
from corpus.files.extraction import documents_in
from corpus.files.sources import SourceError
from corpus.formats import html
from corpus.formats.hypertext import Walk
from corpus.limits import Limits
from corpus.readers import READ_HERE, FileReader
from corpus.sandbox.parent import Sandbox
from corpus.text.passages import passages_of, windows_of

SIZE = 4_000
MARKS = "=-_*~`#>|<&[](){}!:;,.'\"\\/+^$%@?0aA \n\t客。：・①（《“…\u3000\u0301\u00ad"
"""Of each kind that Markdown, front matter, HTML, tables, sentences or the cleaning of pages give a meaning to."""
SHORT = (
    "[a](", "![a](", "[a][", "[a]:\n", "[a]: b\n", "[^a]", "<a ", "<!--", "<![CDATA[", "a@b.", "http://", "&#", "&a;",
    "- a\n", "1. a\n", "> ", "_a ", "**a ", "*a**b", "~~a", "|a|\n", "|-|\n", "a\n=\n", "a\n-\n", "```\n", "`` ` ",
    "<p>", "<b>", "<table><tr><td>", "<li>", "<br>a", "<p>a</p>", "<span>a", "<pre>a\n", "<q>",
    "a:\n", "a：\n", "a:\n- b\n", "a: b\n", "- - ", "? ", "a: [", '"a', "'a", "!!a ", "&a ", "{a: ",
    "1、", "A.\n\n", "a. ", "(.a", "（。a", "a-\n", "a\xad\n", "\u3000a\n", "jan", "1 sty", "2020-01-01 ", "10:00 ",
    "Menu\n", "首页\n", "Home > ", "Spis treści\n", "Zobacz także\n", "作者：a ", "来源:a ", "Data: 2020-01-01 ",
    "a,a\n", '"a"\n', '""', "a;a\n", "\ta\n", "a\u0315\u0300", "\r", "\x85", "9", "1,1", "三", "百", "9 tys. ",
)  # fmt: skip
PAIRS = random.Random(11).sample(["".join(pair) for pair in permutations(MARKS, 2)], 30)
UNITS = (*MARKS, *SHORT, *PAIRS)


def _documents(name: str) -> Callable[[str], object]:
    def read(text: str) -> object:
        documents = documents_in(Path(name), text.encode(), Limits()).documents
        return [windows_of(passages_of(document)) for document in documents]

    return read


def _walked(text: str) -> object:
    return Walk(skip_furniture=True).run(html.tree_of(f"<p>Kot śpi.</p><p>{text}"))


READERS: dict[str, Callable[[str], object]] = {
    "md": _documents("a.md"),
    "txt": _documents("a.txt"),
    "csv": _documents("a.csv"),
    "jsonl": lambda text: _documents("a.jsonl")(json.dumps({"q": "Ile?", "a": text})),
    "front matter": lambda text: _documents("a.md")(f"---\ntitle: {text}\n---\nKot śpi."),
    "html": _walked,
    "date": date_in,
    "wrapped": lambda text: rejoined(text, "kot", set()),
}


def seconds(reader: Callable[[str], object], unit: str, size: int) -> float:
    """Return how long this thread computes to read `unit` over and over."""
    text = unit * (size // len(unit))
    gc.disable()  # which looks through all that the tests before have made, and when it likes
    try:
        started = time.thread_time()
        with suppress(SourceError):
            reader(text)
        return time.thread_time() - started
    finally:
        gc.enable()


def grows(reader: Callable[[str], object], unit: str, size: int = SIZE) -> bool:
    """Tell whether four times the text takes much more than four times as long; quadratic is sixteen times."""
    for _ in range(3):  # another program may have had the processor's caches
        large = seconds(reader, unit, 4 * size)
        if large < 0.05 or large < 8 * seconds(reader, unit, size):
            return False
    return True


def superlinear(reader: Callable[[str], object], units: Sequence[str] = UNITS) -> list[str]:
    """Return the units at which a reader is."""
    seconds(reader, "Kot śpi. 客户。\n", 100)  # what is loaded at first use
    return [unit for unit in units if grows(reader, unit)]


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
def test_the_time_that_a_text_takes_grows_no_faster_than_the_text(name: str) -> None:
    assert superlinear(READERS[name]) == []


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["=\n", "：\n"])
def test_a_page_of_signs_alone_is_gone_through_once(unit: str) -> None:
    seconds(READERS["txt"], unit, 100)
    assert not grows(READERS["txt"], unit, 4 * SIZE)  # where the rest of the work does not hide it


def test_brackets_within_brackets_are_looked_into_a_few_deep() -> None:
    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        list(pieces_of_markdown("![" * 500))
    finally:
        sys.setprofile(before)
    assert calls < 600_000  # a hundred deep they are 1,650,000, twelve deep 260,000


def test_a_reader_whose_time_grows_faster_is_found() -> None:
    def quadratic(text: str) -> None:
        for place in range(len(text)):
            for _ in text[place::5]:
                pass

    assert superlinear(quadratic, ["a"]) == ["a"]


def test_a_text_of_more_than_a_few_kilobytes_is_read_in_a_process_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed: list[int] = []

    def read(self: Sandbox, path: Path, data: bytes) -> object:
        handed.append(len(data))
        return documents_in(path, data, Limits())

    monkeypatch.setattr(Sandbox, "read", read)
    assert READ_HERE <= 4_000
    with FileReader() as reader:
        for number, size in enumerate((READ_HERE, READ_HERE + 1)):
            (tmp_path / f"{number}.md").write_text("a" * size)
            reader.read(tmp_path / f"{number}.md")
    assert handed == [READ_HERE + 1]
