"""Library files from elsewhere: each is refused in one line with the index untouched, or all can be asked of it."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb import KnowledgeBase, Settings
from kb.errors import is_expected
from retrieval.storage import transfer
from retrieval.storage.folder import Manifest, Store
from retrieval.storage.foreign import PARTS
from retrieval.storage.transfer import TransferError, export_library, import_library
from tests.helpers.fakes import FakeEncoder, animal_documents, document

QUESTIONS = ("猫睡觉", "狗散步", "Ryby w stawie", "Do birds build nests of straw?", "kot i pies")
Parts = dict[str, bytes]
Change = Callable[[Parts], Any]


def accept(manifest: Manifest) -> None:
    """Take any manifest."""


def library_of(parts: Parts, **changed: Any) -> bytes:
    """Return a library file of `parts` whose manifest is true of them, but for what is `changed` in it."""
    fields = json.loads(parts["manifest.json"])
    files = {name: part for name, part in parts.items() if name != "manifest.json"}
    fields |= {"files": {name: _sha256(part) for name, part in files.items()}}
    fields |= {"sizes": {name: len(part) for name, part in files.items()}, **changed}
    fields.pop("checksum")
    manifest = json.dumps({**fields, "checksum": Manifest(**fields).digest}).encode()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, part in {"manifest.json": manifest, **files}.items():
            archive.writestr(name, part)
    return target.getvalue()


def _sha256(data: bytes) -> str:
    import hashlib

    return hashlib.sha256(data).hexdigest()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the index `mine`, of one text, and the library file `library.cco`, of the four animals."""
    folder = tmp_path_factory.mktemp("importing")
    furnish(folder)
    yield folder
    shutil.rmtree(folder)


def furnish(folder: Path) -> None:
    """Make the index and the library file of `place`."""
    for name, documents in (("theirs", animal_documents()), ("mine", [document("owl", "Sowa poluje nocą.", "pl")])):
        KnowledgeBase.of_documents(documents, settings=Settings(index=folder / name), encoder=FakeEncoder())
    export_library(Store(folder / "theirs"), folder / "library.cco")


@cache
def parts_of(library: Path) -> Parts:
    """Return the files in a library."""
    with zipfile.ZipFile(library) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def parts(place: Path) -> Parts:
    """The files in the library."""
    return parts_of(place / "library.cco")


def ask_all(index: Path) -> KnowledgeBase:
    """Ask whatever can be asked of an index, and change it."""
    base = KnowledgeBase.open(settings=Settings(index=index), encoder=FakeEncoder())
    for question in QUESTIONS:
        for mode in ("hybrid", "dense", "sparse"):
            for hit in base.search(question, k=5, mode=mode):
                assert np.isfinite(hit.score)
                assert base.document(hit.passage.document_id).text[hit.start : hit.end]
        answer = base.ask(question)
        json.dumps(answer.to_json(), ensure_ascii=False).encode()
        for citation in answer.citations:
            assert base.document(citation.document_id).text[citation.start : citation.end] == citation.quote
    return base


def taken_or_refused(place: Path, library: bytes) -> bool:
    """Import `library` over a copy of `mine`; return whether it was taken. What is left can be used either way."""
    index, file = place / "index", place / "given.cco"
    shutil.rmtree(index, ignore_errors=True)
    shutil.copytree(place / "mine", index)
    before = Store(index).manifest(Store(index).current())
    file.write_bytes(library)
    try:
        import_library(Store(index), file, replace=True, check=accept)
    except Exception as error:
        assert is_expected(error), repr(error)
        assert "\n" not in str(error) and str(error).isprintable()
        assert Store(index).manifest(Store(index).current()) == before
        assert list(index.glob(".writing-*")) == []
        return False
    base = ask_all(index)
    assert not any(one.path for one in base.documents())
    base.remove([base.documents()[0].id] if base.documents() else [])
    return True


# ------------------------------------------------------------------------------------------------------- one by one


def lines(parts: Parts, name: str) -> list[Any]:
    return [json.loads(line) for line in parts[name].splitlines()]


def with_lines(parts: Parts, name: str, values: list[Any]) -> Parts:
    return {**parts, name: "".join(json.dumps(value) + "\n" for value in values).encode()}


def array(parts: Parts, name: str) -> np.ndarray:
    return np.array(np.load(io.BytesIO(parts[name])))


def with_array(parts: Parts, name: str, values: np.ndarray, *, pickled: bool = False) -> Parts:
    target = io.BytesIO()
    np.save(target, values, allow_pickle=pickled)
    return {**parts, name: target.getvalue()}


def changed(name: str, place: list[Any], value: Any) -> Change:
    """Return a change that puts `value` at `place` in the lines of a file."""

    def change(parts: Parts) -> Parts:
        values = lines(parts, name)
        within: Any = values
        for key in place[:-1]:
            within = within[key]
        within[place[-1]] = value
        return with_lines(parts, name, values)

    return change


def row(name: str, place: Any, value: Any) -> Change:
    """Return a change that puts `value` at `place` in an array."""

    def change(parts: Parts) -> Parts:
        values = array(parts, name)
        values[place] = value
        return with_array(parts, name, values)

    return change


D, P = "documents.jsonl", "passages.jsonl"
WRONG: dict[str, Change] = {
    "a title that is a number": changed(D, [0, "title"], 7),
    "half a character": changed(D, [1, "text"], "Kot \ud800"),
    "half a character deep in the metadata": changed(D, [1, "metadata"], {"a": [{"b": "\udfff"}]}),
    "an id that acts on a terminal": changed(D, [0, "id"], "\x1b]0;x\x07"),
    "an id twice": changed(D, [1, "id"], "cats"),
    "a language that there is not": changed(D, [0, "language"], "xx"),
    "a block outside": changed(D, [0, "blocks"], [{"kind": "paragraph", "start": 0, "end": 10**6, "level": 0}]),
    "blocks that are numbers": changed(D, [0, "blocks"], [1, 2]),
    "pages before the text": changed(D, [0, "pages"], [[-1, 1]]),
    "a document that is a list": changed(D, [0], []),
    "a field of another program": changed(D, [0, "more"], 1),
    "a passage of no document": changed(P, [0, 0], 99),
    "a passage of document -1": changed(P, [0, 0], -1),
    "a passage of document True": changed(P, [1, 0], True),
    "a span beyond the text": changed(P, [0, 2], 10**6),
    "a span of a huge number": changed(P, [0, 2], 10**400),
    "a span turned round": changed(P, [0, 1], 12),
    "a sentence outside": changed(P, [0, 6, 0], 10**6),
    "half a sentence": changed(P, [0, 6], [0]),
    "no sentence": changed(P, [0, 6], []),
    "a page that is a text": changed(P, [0, 5], "iv"),
    "passages out of order": lambda parts: with_lines(parts, P, lines(parts, P)[::-1]),
    "a passage twice": lambda parts: with_lines(parts, P, [*lines(parts, P), lines(parts, P)[-1]]),
    "a document less": lambda parts: with_lines(parts, D, lines(parts, D)[1:]),
    "no JSON": lambda parts: {**parts, P: b"\x00\xff\n"},
    "a hole without a ground": lambda parts: {**parts, P: b"[" * 200_000 + b"\n"},
    "a window of no passage": row("windows.npy", (0, 0), 99),
    "a window of no sentence": row("windows.npy", (-1, 2), 99),
    "a window before its passage": row("windows.npy", (-1, 1), -1),
    "windows out of order": lambda parts: with_array(parts, "windows.npy", array(parts, "windows.npy")[::-1]),
    "windows of another kind": lambda parts: with_array(parts, "windows.npy", array(parts, "windows.npy") * 1.0),
    "a vector without a length": row("vectors.npy", (0, 0), np.nan),
    "a vector without an end": row("vectors.npy", (0, 0), np.inf),
    "a vector that outshines all": row("vectors.npy", 0, 1e30),
    "vectors that are wider": lambda parts: with_array(parts, "vectors.npy", np.zeros((12, 6), np.float32)),
    "a pickle": lambda parts: with_array(parts, "vectors.npy", np.array([[print]]), pickled=True),
    "an array that says it is huge": lambda parts: {**parts, "vectors.npy": _headed(10**12) + bytes(240)},
    "an archive for an array": lambda parts: {**parts, "asked.npy": parts["means.npz"]},
    "a window asked that is not there": row("asked-rows.npy", 0, 10**9),
    "means without those of a language": lambda parts: {**parts, "means.npz": _means(drop="probes.questions.pl")},
    "a mean that outshines all": lambda parts: {**parts, "means.npz": _means(scale=1e20)},
    "means that unpack to too much": lambda parts: {**parts, "means.npz": _means(bomb=True)},
}  # fmt: skip


def _headed(rows: int) -> bytes:
    target = io.BytesIO()
    np.lib.format.write_array_header_1_0(target, {"descr": "<f4", "fortran_order": False, "shape": (rows, 5)})
    return target.getvalue()


def _means(drop: str = "", scale: float = 1.0, *, bomb: bool = False) -> bytes:
    one = np.full(5, 0.1 * scale, np.float32)
    roles = [
        f"probes.{role}.{tag}" for role in ("documents", "questions") for tag in ("zh-Hans", "zh-Hant", "pl", "en")
    ]
    means = {name: one for name in roles if name != drop}
    target = io.BytesIO()
    if bomb:
        np.savez_compressed(target, allow_pickle=False, **means, more=np.zeros(60_000_000, np.uint8))
    else:
        np.savez(target, allow_pickle=False, **means)
    return target.getvalue()


@pytest.mark.parametrize("name", WRONG)
def test_what_no_library_holds_is_refused(place: Path, parts: Parts, name: str) -> None:
    assert not taken_or_refused(place, library_of(WRONG[name](parts)))


MANIFESTS: dict[str, dict[str, Any]] = {
    "counts that are texts": {"documents": "4"},
    "counts of something else": {"windows": 11},
    "a dimension of something else": {"dimension": 6},
    "a dimension beyond all memory": {"dimension": 10**15},
    "a model that is a list": {"model": ["x"]},
    "a dtype that there is not": {"dtype": "float8"},
    "a dtype that is none yet": {"dtype": "auto"},
    "sizes below nothing": {"sizes": {"documents.jsonl": -1}},
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_manifest_that_is_true_of_nothing_is_refused(place: Path, parts: Parts, name: str) -> None:
    assert not taken_or_refused(place, library_of(parts, **MANIFESTS[name]))


@pytest.mark.parametrize("name", PARTS)
def test_a_library_without_one_of_its_parts_is_refused(place: Path, parts: Parts, name: str) -> None:
    assert not taken_or_refused(place, library_of({key: part for key, part in parts.items() if key != name}))


def test_what_can_be_computed_is_never_read(place: Path, parts: Parts) -> None:
    computed = [name for name in parts if name not in (*PARTS, "manifest.json")]
    assert {"dense.faiss", "sparse-indices.npy"} <= set(computed)
    assert taken_or_refused(place, library_of({**parts, **dict.fromkeys(computed, b"\xff native data")}))
    assert taken_or_refused(place, library_of({name: parts[name] for name in ("manifest.json", *PARTS)}))


def test_a_library_that_names_files_of_this_machine_publishes_none_of_them(place: Path, parts: Parts) -> None:
    secret = place / "secret.md"
    secret.write_text("Hasło brzmi: kot.", encoding="utf-8")
    named = changed(D, [0, "path"], str(secret))(parts)
    assert taken_or_refused(place, library_of(named))
    base = KnowledgeBase.open(settings=Settings(index=place / "index"), encoder=FakeEncoder())
    base.rebuild(encoder=FakeEncoder())
    assert not any("Hasło" in one.text or one.path for one in base.documents())


def test_a_file_that_was_imported_is_known_again_by_its_bytes(tmp_path: Path, small_base: KnowledgeBase) -> None:
    export_library(Store(small_base.settings.index), tmp_path / "library.cco")
    import_library(Store(tmp_path / "other"), tmp_path / "library.cco", check=accept)
    base = KnowledgeBase.open(settings=Settings(index=tmp_path / "other"), encoder=FakeEncoder())
    change = base.sync([tmp_path / "animals"])
    assert (len(change.moved), change.added, change.removed) == (4, (), ())
    assert {one.path for one in base.documents()} == {one.path for one in small_base.documents()}


def test_a_zip_bomb_is_refused_before_it_is_unpacked(
    place: Path, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "_UNPACKED_UNSEEN", 100_000)
    bomb = {**parts, P: parts[P] + b" " * 1_000_000}
    monkeypatch.setattr(transfer, "_unpack", lambda *_: pytest.fail("it was unpacked"))
    file, packed = place / "bomb.cco", io.BytesIO(library_of(bomb))
    with zipfile.ZipFile(packed) as plain, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as dense:
        for name in plain.namelist():
            dense.writestr(name, plain.read(name))
    with pytest.raises(TransferError, match="it is packed as no library is"):
        import_library(Store(place / "bombed"), file, check=accept)


# ----------------------------------------------------------------------------------------------------- and at random

ODD: tuple[Any, ...] = (
    None, True, -1, 0, 1, 3, 10**12, 1e308, float("nan"), "", "x", "zh-Hans", "\ud800", "\x1b[2J\u202e",
    [], {}, [[]], [0, 1],
)  # fmt: skip


OTHERS = ("normalizer", "model", "model_digest")
"""Another of these makes a library that is another's, and that nobody can tell from one that is not."""


def somewhere(chance: Random, value: Any) -> Any:
    """Return `value` with something within it replaced, left out or doubled."""
    if not isinstance(value, list | dict) or not value or not chance.randrange(5):
        return chance.choice(ODD)
    if isinstance(value, dict):
        key = chance.choice(list(value))
        return {**value, key: somewhere(chance, value[key])}
    place = chance.randrange(len(value))
    again = {0: [], 1: [value[place]] * 2}.get(chance.randrange(6))
    return [*value[:place], *([somewhere(chance, value[place])] if again is None else again), *value[place + 1 :]]


def shaken(chance: Random, data: bytes) -> bytes:
    """Return bytes with some flipped, cut out, doubled or cut off."""
    mutant = bytearray(data)
    for _ in range(chance.randrange(1, 4)):
        begin, length = chance.randrange(len(mutant) + 1), chance.randrange(1, 60)
        match chance.randrange(4):
            case 0 if begin < len(mutant):
                mutant[begin] ^= 1 << chance.randrange(8)
            case 1:
                del mutant[begin : begin + length]
            case 2:
                mutant[begin:begin] = mutant[begin : begin + length]
            case _:
                del mutant[begin:]
    return bytes(mutant)


def mutant_of(chance: Random, parts: Parts) -> bytes:
    """Return a library file that is wrong at one place, under a manifest that is true of it wherever that can be."""
    name = chance.choice(PARTS)
    match chance.choice(["values", "values", "numbers", "bytes", "manifest", "file"]):
        case "values":
            name = chance.choice([D, P])
            values = somewhere(chance, lines(parts, name))
            return library_of(with_lines(parts, name, values if isinstance(values, list) else [values]))
        case "numbers":
            name = chance.choice([part for part in PARTS if part.endswith(".npy")])
            values = array(parts, name)
            values.reshape(-1)[chance.randrange(values.size)] = chance.choice([-1, 0, 1, 2, 7, 10**6])
            return library_of(with_array(parts, name, values[: chance.choice([1, len(values), len(values)])]))
        case "bytes":
            return library_of({**parts, name: shaken(chance, parts[name])})
        case "manifest":
            key = chance.choice([key for key in Manifest.__annotations__ if key not in OTHERS])
            return library_of(parts, **{key: somewhere(chance, json.loads(parts["manifest.json"])[key])})
        case _:
            return shaken(chance, library_of(parts))


@pytest.mark.slow
@settings(max_examples=80)
@given(seed=st.integers(0, 1 << 40))
def test_any_library_is_refused_or_all_can_be_asked_of_it(place: Path, seed: int) -> None:
    taken_or_refused(place, mutant_of(Random(seed), parts_of(place / "library.cco")))
