"""What came from elsewhere: a library's parts held against all that the program takes for granted of its own.

Only texts, spans and plain arrays are read, and no pickle. What can be computed from them (FAISS's index, BM25's) is
never read, since it is native data whose readers trust it.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from corpus.documents import Document, Passage, document_from
from corpus.text.language import LANGUAGES, UNDETERMINED
from retrieval.arrays import all_loaded, checked
from retrieval.calibration import blocks
from retrieval.index.contents import Contents
from retrieval.languages.probes import ProbeMeans
from retrieval.models.dtypes import DTYPES, resolved
from retrieval.storage.folder import Manifest

DOCUMENTS, PASSAGES, MEANS = "documents.jsonl", "passages.jsonl", "means.npz"
PARTS = (DOCUMENTS, PASSAGES, "windows.npy", "vectors.npy", "asked-rows.npy", "asked.npy", MEANS)
"""The files of a generation that all others can be computed from."""

_TAGS = {*LANGUAGES, UNDETERMINED}
_KINDS = ("heading", "paragraph", "item", "row")
_HALF = re.compile("[\ud800-\udfff]")
"""Halves of characters, which cannot be written in UTF-8, so that no answer with one could be sent."""
_MOST = 1_000_000_000
"""Beyond any page number or depth that is one."""
_LONGEST = 1.001
"""Of a unit vector, rounded."""
_MEANS_BYTES = 50_000_000


class ForeignFault(ValueError):
    """A part is not what the program would have written; the message says which and why, in words of this program."""


def checked_contents(folder: Path, manifest: Manifest) -> tuple[Contents, ProbeMeans]:
    """Read `PARTS` of a generation that somebody else wrote into `folder`. Raises `ForeignFault`.

    Documents lose the path of their file: it names a file of the machine that the library comes from, and what lies
    there on this one has never been shown to anybody.
    """
    _demand(manifest.dtype in map(resolved, DTYPES), "its manifest names a dtype that there is not")
    documents = _documents(folder / DOCUMENTS)
    passages = _passages(folder / PASSAGES, documents)
    if (len(documents), len(passages)) != (manifest.documents, manifest.passages):
        raise ForeignFault("it does not hold as many documents and passages as its manifest says")
    arrays = {}
    for name, kind, width in (
        ("windows", "<i4", (4,)),
        ("vectors", "<f4", (manifest.dimension,)),
        ("asked-rows", "<i8", ()),
        ("asked", "<f4", (manifest.dimension,)),
    ):
        with _told(f"{name}.npy"):
            arrays[name] = checked(folder / f"{name}.npy", kind, width)
    windows, vectors, rows, asked = arrays.values()
    if not len(windows) == len(vectors) == manifest.windows or len(rows) != len(asked):
        raise ForeignFault("it does not hold as many windows and vectors as its manifest says")
    _check_windows(windows, passages)
    if len(rows) and not 0 <= rows.min() <= rows.max() < len(windows):
        raise ForeignFault("asked-rows.npy names windows that are not there")
    for name in ("vectors", "asked"):
        if not all(_are_units(arrays[name][block]) for block in blocks(len(arrays[name]))):
            raise ForeignFault(f"{name}.npy holds what is no unit vector")
    probes = _probes(folder / MEANS, manifest.dimension)
    return Contents(documents, passages, np.array(windows), vectors, np.array(rows), asked), probes


# ------------------------------------------------------------------------------------------- documents and passages


def _documents(path: Path) -> tuple[Document, ...]:
    documents, ids = list[Document](), set[str]()
    for fields in _lines(path):
        with _told(path.name):
            document = document_from(fields)
            _check_document(document)
            _demand(document.id not in ids, "two documents have one id")
        ids.add(document.id)
        documents.append(replace(document, path=""))
    return tuple(documents)


def _check_document(document: Document) -> None:
    words = (document.id, document.title, document.text, document.source, document.digest, document.path)
    _demand(all(map(_is_text, (*words, document.member))), "a document's words are no text")
    _demand(document.date is None or _is_text(document.date), "a document's date is no text")
    _demand(document.id != "" and document.id.isprintable(), "a document's id is not printable")
    _demand(document.language in _TAGS, "a document's language is unknown")
    _demand(isinstance(document.metadata, dict) and _are_plain(document.metadata), "a document's metadata is no table")
    length = len(document.text)
    for block in document.blocks:
        _demand(block.kind in _KINDS and _is_count(block.level), "a block is of no known kind")
    _demand(_ascending([place for b in document.blocks for place in (b.start, b.end)], 0, length), "blocks lie outside")
    _demand(_ascending([place for place, _ in document.pages], 0, length), "pages lie outside the text")
    _demand(all(_is_count(number) for _, number in document.pages), "a page's number is no number")


def _passages(path: Path, documents: tuple[Document, ...]) -> tuple[Passage, ...]:
    passages = list[Passage]()
    last, reached = 0, 0
    for row in _lines(path):
        with _told(path.name):
            number, start, end, language, section, page, flat = row
            _demand(_is_count(number) and last <= number < len(documents), "a passage is of no document")
            document = documents[number]
            least = reached if number == last else 0
            _demand(_ascending([start, end], least, len(document.text)), "a passage lies outside its document")
            _demand(language in _TAGS and _is_text(section), "a passage's language or section is unknown")
            _demand(page is None or _is_count(page), "a passage's page is no number")
            _demand(isinstance(flat, list) and _ascending(flat, start, end), "a sentence lies outside its passage")
            sentences = tuple(zip(flat[::2], flat[1::2], strict=True))
            whole = bool(flat) and (flat[0], flat[-1]) == (start, end) and all(a < b for a, b in sentences)
            _demand(whole, "a passage is not made of its sentences")
            text = document.text[start:end]
            passages.append(Passage(document.id, start, end, text, language, section, sentences, page))
            last, reached = number, end
    return tuple(passages)


def _check_windows(windows: np.ndarray, passages: tuple[Passage, ...]) -> None:
    """Demand of each passage's windows that they are its single sentences, in order, and then runs of its sentences."""
    number, first, count, titled = windows.T.astype(np.int64)
    sentences = np.array([len(passage.sentences) for passage in passages], np.int64)
    wrong = ForeignFault("windows.npy does not hold the windows of the passages")
    # In the order of the passages, and none without one.
    if not np.array_equal(np.unique(number), np.arange(len(passages))) or (np.diff(number) < 0).any():
        raise wrong
    place = np.arange(len(windows)) - np.searchsorted(number, number)
    single = place < sentences[number]
    if (np.bincount(number[single], minlength=len(passages)) != sentences).any():
        raise wrong
    if (first[single] != place[single]).any() or (count[single] != 1).any() or titled[single].any():
        raise wrong
    inside = (first >= 0) & (count >= 1) & (first + count <= sentences[number]) & (titled >= 0) & (titled <= 1)
    if not inside.all() or not titled[~single].all():
        raise wrong


# ----------------------------------------------------------------------------------------------------------- arrays


def _are_units(vectors: np.ndarray) -> bool:
    # What is not finite makes a length that is not either, and is no less than any.
    return bool((np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64) <= _LONGEST).all())


def _probes(path: Path, dimension: int) -> ProbeMeans:
    with _told(path.name):
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
        _demand(len({part.filename for part in parts}) == len(parts), "a name stands there twice")
        _demand(sum(part.file_size for part in parts) <= _MEANS_BYTES, "it is too large")
        stored = all_loaded(path)
        tables: dict[str, dict[str, np.ndarray]] = {"documents": {}, "questions": {}}
        for role, table in tables.items():
            for language in LANGUAGES:
                mean = stored[f"probes.{role}.{language}"]
                _demand(isinstance(mean, np.ndarray) and mean.dtype == "<f4" and mean.shape == (dimension,), "no mean")
                _demand(_are_units(mean[None]), "a mean is longer than what it is the mean of")
                table[language] = mean
    return ProbeMeans(**tables)


# ------------------------------------------------------------------------------------------------------ small parts


def _lines(path: Path) -> Iterator[Any]:
    with _told(path.name), path.open(encoding="ascii") as file:
        for line in file:
            yield json.loads(line)


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Raise whatever a part that is not as it should be leads to as a `ForeignFault` in words of our own."""
    try:
        yield
    except ForeignFault as error:
        raise ForeignFault(str(error) if name in str(error) else f"{name}: {error}") from error
    except Exception as error:  # what odd bytes lead NumPy, zipfile and json to is no closed list
        raise ForeignFault(f"{name} is not what a library holds ({type(error).__name__})") from error


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ForeignFault(otherwise)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and not _HALF.search(value)


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < _MOST


def _are_plain(value: object) -> bool:
    if isinstance(value, dict):
        return all(_is_text(key) and _are_plain(one) for key, one in value.items())
    if isinstance(value, list):
        return all(map(_are_plain, value))
    return value is None or isinstance(value, bool | int | float) or _is_text(value)


def _ascending(places: list[Any], least: int, most: int) -> bool:
    """Tell whether these are whole numbers from `least` to `most`, none less than the one before."""
    return all(_is_count(place) for place in places) and all(a <= b for a, b in pairwise([least, *places, most]))
