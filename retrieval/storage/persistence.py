"""A snapshot to files and back: JSON lines and NumPy arrays, no pickle."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from corpus.documents import Document, Passage, document_from
from retrieval.arrays import all_loaded, loaded, mapped
from retrieval.index.contents import Contents
from retrieval.index.dense import DenseIndex
from retrieval.index.snapshot import Snapshot
from retrieval.index.sparse import SparseIndex
from retrieval.languages.centring import LanguageMeans
from retrieval.languages.probes import ProbeMeans
from retrieval.storage.folder import IndexDamaged, Manifest, Store


def save_snapshot(snapshot: Snapshot, folder: Path) -> None:
    """Write `snapshot` into the existing `folder`."""
    contents = snapshot.contents
    _write_lines(folder / "documents.jsonl", [asdict(document) for document in contents.documents])
    numbers = {document.id: number for number, document in enumerate(contents.documents)}
    rows = [
        [
            numbers[p.document_id],
            p.start,
            p.end,
            p.language,
            p.section,
            p.page,
            [n for span in p.sentences for n in span],
        ]
        for p in contents.passages
    ]
    _write_lines(folder / "passages.jsonl", rows)
    np.save(folder / "windows.npy", contents.windows, allow_pickle=False)
    np.save(folder / "vectors.npy", contents.vectors, allow_pickle=False)
    np.save(folder / "asked-rows.npy", contents.asked_rows, allow_pickle=False)
    np.save(folder / "asked.npy", contents.asked, allow_pickle=False)
    snapshot.dense.save(folder / "dense.faiss")
    snapshot.sparse.save(folder)
    means = {
        f"{kind}.{role}.{language}": mean
        for kind, table in (("means", snapshot.means), ("probes", snapshot.probes))
        for role in ("documents", "questions")
        for language, mean in getattr(table, role).items()
    }
    np.savez(folder / "means.npz", allow_pickle=False, **means)


def write_snapshot(store: Store, snapshot: Snapshot, made: Mapping[str, object], *, proven: bool = False) -> str:
    """Write a snapshot that was `made` so as the current generation; return its name.

    Where it is to be `proven`, it must first be possible to open what was written.
    """
    contents = snapshot.contents

    def fill(folder: Path) -> dict[str, object]:
        save_snapshot(snapshot, folder)
        if proven:
            load_snapshot(folder)
        return {
            **made,
            "documents": len(contents.documents),
            "passages": len(contents.passages),
            "windows": len(contents.windows),
            "settings": {},
            "dense": asdict(snapshot.dense.facts),
        }

    return store.write(fill)


@dataclass(frozen=True)
class Opened:
    """A generation that was opened."""

    name: str
    snapshot: Snapshot
    manifest: Manifest


def open_newest(store: Store) -> Opened:
    """Open the current generation, whole whatever writers do meanwhile. Raises `IndexMissing` and its kin."""
    while True:
        name = store.current()
        try:
            generation, manifest = store.open(name)
            return Opened(name, load_snapshot(generation), manifest)
        except IndexDamaged:
            # Tidied away while it was opened, by a writer that has been quick twice.
            if store.current() == name:
                raise
        except (OSError, ValueError, KeyError, TypeError, RuntimeError, EOFError, zipfile.BadZipFile) as error:
            if store.current() == name:
                raise store.damaged(f"{name} cannot be loaded ({type(error).__name__})") from error


def load_snapshot(folder: Path) -> Snapshot:
    """Read what `save_snapshot` wrote; the vectors stay on disk and are mapped."""
    means, probes = load_means(folder)
    return Snapshot(
        load_contents(folder), DenseIndex.load(folder / "dense.faiss"), SparseIndex.load(folder), means, probes
    )


def load_documents(folder: Path) -> tuple[Document, ...]:
    """Read the documents of what `save_snapshot` wrote."""
    return tuple(document_from(fields) for fields in _read_lines(folder / "documents.jsonl"))


def load_contents(folder: Path) -> Contents:
    """Read from what `save_snapshot` wrote all that the rest can be computed from, the probes apart."""
    documents = load_documents(folder)
    passages = tuple(_passage(documents, row) for row in _read_lines(folder / "passages.jsonl"))
    windows, asked_rows = (loaded(folder / f"{name}.npy") for name in ("windows", "asked-rows"))
    vectors, asked = (mapped(folder / f"{name}.npy") for name in ("vectors", "asked"))
    return Contents(documents, passages, windows, vectors, asked_rows, asked)


def load_means(folder: Path) -> tuple[LanguageMeans, ProbeMeans]:
    """Read the language means and the probes' from what `save_snapshot` wrote."""
    tables: dict[str, dict[str, dict[str, np.ndarray]]] = {}
    for name, mean in all_loaded(folder / "means.npz").items():
        kind, role, language = name.split(".", 2)
        tables.setdefault(kind, {}).setdefault(role, {})[language] = mean
    return LanguageMeans(**tables["means"]), ProbeMeans(**tables["probes"])


def _passage(documents: tuple[Document, ...], row: list[Any]) -> Passage:
    number, start, end, language, section, page, flat = row
    document = documents[number]
    sentences = tuple(zip(flat[::2], flat[1::2], strict=True))
    return Passage(document.id, start, end, document.text[start:end], language, section, sentences, page)


def _write_lines(path: Path, values: list[Any]) -> None:
    with path.open("w", encoding="utf-8") as file:
        # Escaped, since a text may hold line separators and lone surrogates that a reader of lines would trip over.
        file.writelines(json.dumps(value) + "\n" for value in values)


def _read_lines(path: Path) -> list[Any]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]
