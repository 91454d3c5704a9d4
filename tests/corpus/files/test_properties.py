"""Whatever the bytes are, reading ends in a sound document or one line; whatever the text is, nothing of it is lost."""

from __future__ import annotations

import json
import random
import re
import string
from collections.abc import Iterator
from dataclasses import asdict
from html import escape
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.cleaning.lines import joined
from corpus.documents import Document, document_from
from corpus.files.extraction import documents_in
from corpus.files.sources import SourceError
from corpus.formats import html
from corpus.formats.hypertext import Walk
from corpus.formats.printed import PrintedLine, pieces_of
from corpus.limits import Limits
from corpus.readers import FileReader
from corpus.text.encodings import UndecodableError, decode
from corpus.text.language import LANGUAGES
from corpus.text.normalize import encoder_form, search_form
from corpus.text.passages import passages_of, windows_of
from corpus.text.segment import lexical_tokens, sentence_spans
from tests.helpers.samples import WRITERS

FOUND = Path(__file__).parents[2] / "data" / "found"
"""Files that once were read wrongly: those named `refused-` are no texts, the others hold the word Kot."""
ANY = st.text(alphabet=st.characters(exclude_categories=()), max_size=200)
"""Of every character, lone surrogates and unassigned ones too."""
PROSE = st.text(
    alphabet=st.sampled_from("aąbćż AZ\n\n\t.?!:;-*#>|1客户長。，：「」“”\u3000\xa0`[]()<&_~\\"), max_size=300
)
"""Of what formats and scripts give a meaning to."""


def letters(text: str) -> str:
    return "".join(re.findall(r"[^\W_]", text))


def assert_sound(document: Document) -> None:
    """Hold a document against all that the rest of the program takes for granted."""
    text = document.text
    assert text == text.strip() != ""
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", text)
    places = [place for block in document.blocks for place in (block.start, block.end)]
    assert places == sorted(places)
    assert all(0 <= block.start < block.end <= len(text) for block in document.blocks)
    assert [page for page, _ in document.pages] == sorted({page for page, _ in document.pages})
    assert document.language in {*LANGUAGES, "und"}
    assert document.id and document.id.isprintable() and "/" not in document.id
    assert document.title
    assert document_from(json.loads(json.dumps(asdict(document)))) == document
    passages = passages_of(document)
    for passage in passages:
        assert passage.text == text[passage.start : passage.end] != ""
        assert all(passage.start <= a < b <= passage.end for a, b in passage.sentences)
    body = "".join(text[b.start : b.end] for b in document.blocks if b.kind != "heading")
    assert letters("".join(text[a:b] for p in passages for a, b in p.sentences)) == letters(body)
    assert all(0 <= window.passage < len(passages) for window in windows_of(passages))


def read(name: str, data: bytes) -> None:
    """Read bytes as the file `name` would be; what comes of it must be sound."""
    try:
        documents = documents_in(Path(name), data, Limits()).documents
    except SourceError as error:
        assert "\n" not in str(error)
        return
    for document in documents:
        assert_sound(document)


# --------------------------------------------------------------------------------------------------------- readers


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["md", "txt", "html", "csv", "jsonl"])
@settings(max_examples=60)
@given(text=st.one_of(ANY, PROSE))
def test_any_text_is_read_soundly_or_refused(ending: str, text: str) -> None:
    read(f"a.{ending}", text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("ending", ["md", "txt", "html", "csv", "jsonl"])
@settings(max_examples=40)
@given(data=st.binary(max_size=300))
def test_any_bytes_are_read_soundly_or_refused(ending: str, data: bytes) -> None:
    read(f"a.{ending}", data)


@settings(max_examples=60)
@given(pairs=st.lists(st.tuples(ANY, ANY), min_size=1, max_size=5))
def test_any_pairs_are_read_back(pairs: list[tuple[str, str]]) -> None:
    lines = "".join(json.dumps({"question": q, "answer": a}) + "\n" for q, a in pairs)
    read("a.jsonl", lines.encode())


@pytest.fixture(scope="module")
def reader() -> Iterator[FileReader]:
    """One process for all mutants; it is replaced when one of them kills it."""
    with FileReader(Limits(seconds=10)) as opened:
        yield opened


@pytest.mark.slow
@pytest.mark.parametrize(
    "ending", ["docx", "pptx", "odt", "epub", "html", pytest.param("pdf", marks=pytest.mark.browser), "zip"]
)
def test_a_sample_with_flipped_cut_and_doubled_bytes_is_read_soundly_or_refused(
    tmp_path: Path, reader: FileReader, ending: str
) -> None:
    path, chance = tmp_path / f"a.{ending}", random.Random(ending)
    if ending == "zip":
        WRITERS["docx"](tmp_path / "a.docx", "zh-Hans")
        from tests.helpers.hostile import zipped

        path.write_bytes(zipped({"a.docx": (tmp_path / "a.docx").read_bytes(), "b.md": "Kot śpi."}, compressed=False))
    else:
        WRITERS[ending](path, "zh-Hans")
    sample, read_soundly = path.read_bytes(), 0
    for _ in range(40):
        data = bytearray(sample)
        for _ in range(chance.randrange(1, 6)):
            place, kind = chance.randrange(len(data)), chance.randrange(4)
            if kind == 0:
                data[place] ^= 1 << chance.randrange(8)
            elif kind == 1:
                del data[place : place + chance.randrange(200)]
            elif kind == 2:
                data[place:place] = data[place : place + chance.randrange(200)]
            else:
                data[place : place + 4] = bytes(chance.randrange(256) for _ in range(4))
        path.write_bytes(data)
        try:
            documents = reader.read(path).documents
        except SourceError as error:
            assert "\n" not in str(error)
            assert "broke the reader" not in str(error), (error, ending)
            continue
        read_soundly += 1
        for document in documents:
            assert_sound(document)
    assert read_soundly < 40 or ending in {"pdf", "html"}  # which are made to be read whatever they hold


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(FOUND.iterdir()), ids=lambda path: path.name)
def test_what_was_once_read_wrongly_is_read_rightly(path: Path) -> None:
    with FileReader() as fresh:
        if path.name.startswith("refused-"):
            with pytest.raises(SourceError) as raised:
                fresh.read(path)
            assert "\n" not in str(raised.value)
            return
        for document in fresh.read(path).documents:
            assert_sound(document)
            assert "Kot" in document.text


# ------------------------------------------------------------------------------------------------------------ HTML


WORDS = st.text(alphabet=string.ascii_lowercase + "ąę客户。 \n", min_size=1, max_size=12)
TAGS = st.sampled_from("p div b i span ul ol li table tr td th h1 h2 blockquote pre br a q dl dd em section".split())


def markup(depth: int) -> st.SearchStrategy[str]:
    """Return trees of tags and words, as wrongly nested as pages are."""
    leaf = WORDS.map(escape)
    if not depth:
        return leaf
    inner = st.lists(markup(depth - 1), max_size=3).map("".join)
    return st.one_of(leaf, st.tuples(TAGS, inner, st.booleans()).map(_tagged))


def _tagged(parts: tuple[str, str, bool]) -> str:
    tag, inner, closed = parts
    return f"<{tag}>{inner}</{tag}>" if closed else f"<{tag}>{inner}"


@pytest.mark.slow
@settings(max_examples=150)
@given(body=st.lists(markup(3), min_size=1, max_size=4).map("".join))
@example("<table>ab")
@example("<h2><a></a>\nab</h2>")
@example("<table><tr><p>ab</p></tr></table>")
@example("<table><tr><td>a</td></tr>b</table>")
def test_no_letter_of_a_page_is_lost_or_doubled(body: str) -> None:
    tree = html.tree_of(f"<html><body>{body}</body></html>")
    pieces = Walk(skip_furniture=False).run(tree)
    seen = "".join(letters(piece.text) for piece in pieces)
    shown = letters("".join(tree.body.itertext()))
    assert sorted(seen) == sorted(shown)


# -------------------------------------------------------------------------------------------------------- printing


LINES = st.lists(
    st.tuples(
        st.text(alphabet="abćż客户長 ABC.。，1-\t“”", min_size=1, max_size=30),
        st.floats(110, 680),
        st.sampled_from([9.0, 11.0, 16.0]),
        st.booleans(),
    ),
    max_size=12,
)


@settings(max_examples=150)
@given(pages=st.lists(LINES, min_size=1, max_size=3))
def test_no_letter_of_a_printed_text_is_lost(pages: list[list[tuple[str, float, float, bool]]]) -> None:
    printed = [
        [
            PrintedLine(text.strip(), number, 70.0, 70.0 + 8 * len(text), bottom, size, bold)
            for text, bottom, size, bold in lines
            if text.strip()
        ]
        for number, lines in enumerate(pages, 1)
    ]
    wanted = "".join(letters(line.text) for page in printed for line in page)
    pieces = list(pieces_of(printed, {}))
    # A number at the head of an item is its marker and stands before its words.
    assert letters("".join(piece.marker + piece.text for piece in pieces)) == wanted
    assert all(0 <= place <= len(piece.text) for piece in pieces for place, _ in piece.pages)


# ------------------------------------------------------------------------------------- encodings, forms, sentences


@settings(max_examples=150)
@given(text=ANY, encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
def test_what_is_marked_or_utf_8_is_decoded_exactly(text: str, encoding: str) -> None:
    clean = text.encode("utf-16-le", "ignore").decode("utf-16-le").lstrip("\ufeff")
    if "\0" in clean:
        return
    assert decode(clean.encode(encoding)).text == clean


@settings(max_examples=150)
@given(data=st.binary(max_size=200))
def test_any_bytes_are_decoded_or_refused(data: bytes) -> None:
    try:
        text = decode(data).text
    except UndecodableError as error:
        assert "\n" not in str(error)
    else:
        assert isinstance(text, str)


@settings(max_examples=100)
@given(text=st.one_of(ANY, PROSE))
def test_forms_and_tokens_are_made_of_any_text(text: str) -> None:
    form = search_form(text)
    assert form == " ".join(form.split())
    assert all(isinstance(token, str) and token for token in lexical_tokens(text))
    assert isinstance(encoder_form(text), str)


@settings(max_examples=150)
@given(text=st.one_of(ANY, PROSE))
def test_sentences_hold_every_letter_once_and_in_order(text: str) -> None:
    spans = sentence_spans(text)
    assert all(a < b for a, b in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert letters("".join(text[a:b] for a, b in spans)) == letters(text)


@pytest.mark.slow
@given(before=PROSE, after=PROSE)
def test_joining_lines_adds_a_space_or_nothing(before: str, after: str) -> None:
    assert joined(before, after) in {before + after, f"{before} {after}"}
