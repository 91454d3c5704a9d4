"""An index looked through and mended, and moved as one file."""

from __future__ import annotations

import json
import shutil
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from kb import KnowledgeBase, Settings
from kb.library.health import check
from retrieval.storage import folder as storage
from retrieval.storage.folder import IndexDamaged, IndexExists, IndexMissing, Manifest, Store
from retrieval.storage.persistence import open_newest
from retrieval.storage.transfer import TransferError, export_library, import_library
from tests.helpers.fakes import TEXTS, FakeEncoder
from tests.retrieval.test_storage import flip

Reopen = Callable[[], KnowledgeBase]
ALL = {name: text for name, (_, text) in TEXTS.items()}


@pytest.fixture
def index(small_base: KnowledgeBase) -> Path:
    """The folder of an index of the four texts."""
    return small_base.settings.index


def texts(base: KnowledgeBase) -> dict[str, str]:
    return {document.id: document.text for document in base.documents()}


def probe(base: KnowledgeBase) -> list[object]:
    """What a library holds and finds, to be compared before and after."""
    questions = ("猫睡觉", "狗散步", "Ryby w stawie", "birds of straw", "kot i pies")
    return [texts(base), [[(h.passage, round(h.score, 5)) for h in base.search(q, k=5)] for q in questions]]


def settings(folder: Path) -> Settings:
    return Settings(index=folder)


def current(index: Path) -> Path:
    return index / Store(index).current()


# ------------------------------------------------------------------------------------------------------- checking


def test_a_whole_index_is_said_to_be_whole_and_left_alone(index: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in current(index).iterdir()}
    health = check(settings(index), encoder=FakeEncoder())
    assert (health.whole, health.faults, health.mended, health.generation) == (True, [], [], "generation-000001")
    assert health.files == len(before) - 1
    assert {path: path.stat().st_mtime_ns for path in current(index).iterdir()} == before


@pytest.mark.slow
def test_every_file_of_an_index_can_be_damaged_and_mended_without_a_loss(
    small_base: KnowledgeBase, index: Path, reopen: Reopen
) -> None:
    before = probe(small_base)
    names = sorted(path.name for path in current(index).iterdir() if path.name != "manifest.json")
    assert {"documents.jsonl", "vectors.npy", "dense.faiss", "means.npz", "sparse-data.npy"} <= set(names)
    for number, name in enumerate(names):
        path = current(index) / name
        shutil.copytree(index, index.parent / "copy", dirs_exist_ok=False)
        damage = number % 3
        if damage == 0:
            flip(path, path.stat().st_size // 2)
        elif damage == 1:
            path.write_bytes(path.read_bytes()[:-1])
        else:
            path.unlink()
        if name == "documents.jsonl":
            with pytest.raises(IndexDamaged, match=r"documents\.jsonl .*; make it anew: cco index PATH"):
                check(settings(index), encoder=FakeEncoder())
        else:
            health = check(settings(index), encoder=FakeEncoder())
            assert [fault.split(" ")[0] for fault in health.faults] == [f"{path.parent.name}/{name}"], name
            assert health.whole
            assert probe(reopen()) == before, name
        shutil.rmtree(index)
        (index.parent / "copy").rename(index)


def test_a_lost_or_damaged_pointer_is_set_to_the_newest_whole_generation(
    small_base: KnowledgeBase, index: Path, reopen: Reopen
) -> None:
    small_base.remove(["fish"])
    for content in (None, b"", b"../x", b"generation-000099\n"):
        (index / "CURRENT").unlink() if content is None else (index / "CURRENT").write_bytes(content)
        health = check(settings(index))
        assert health.generation == "generation-000002"
        assert len(health.mended) == 1
        assert set(texts(reopen())) == set(ALL) - {"fish"}


def test_where_the_documents_are_damaged_the_generation_before_takes_over_and_it_says_so(
    small_base: KnowledgeBase, index: Path, reopen: Reopen
) -> None:
    small_base.remove(["fish"])
    flip(current(index) / "documents.jsonl", 30)
    with pytest.raises(IndexDamaged, match=r"mend it: cco check --index"):
        reopen()
    health = check(settings(index))
    (told,) = health.mended
    assert told.startswith("generation-000001 is the current generation now, with 4 documents; what was changed after")
    assert texts(reopen()) == ALL


def test_to_look_mends_nothing(index: Path) -> None:
    flip(current(index) / "dense.faiss", 30)
    with pytest.raises(IndexDamaged, match=r"dense\.faiss is not what was written"):
        check(settings(index), mend=False)
    with pytest.raises(IndexDamaged):
        Store(index).open(Store(index).current())


def test_nothing_to_check_names_the_command_that_makes_an_index(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="make one: cco index"):
        check(settings(tmp_path / "none"))


def test_a_large_file_is_verified_in_part_when_opened_and_whole_by_check(
    index: Path, small_base: KnowledgeBase, reopen: Reopen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "_VERIFIED_WHOLE", 100)
    monkeypatch.setattr(storage, "_END", 40)
    small_base.remove(["fish"])
    vectors = current(index) / "vectors.npy"
    for place, noticed in ((0, True), (vectors.stat().st_size - 1, True), (vectors.stat().st_size // 2, False)):
        flip(vectors, place)
        if noticed:
            with pytest.raises(IndexDamaged, match=r"vectors\.npy is not what was written"):
                reopen()
        else:
            reopen()
            assert check(settings(index), encoder=FakeEncoder()).faults
            break
        flip(vectors, place)
    assert check(settings(index)).faults == []


def test_a_flipped_bit_anywhere_in_the_manifest_is_noticed(index: Path, reopen: Reopen) -> None:
    manifest = current(index) / "manifest.json"
    before = manifest.read_bytes()
    for place in range(0, len(before), 5):
        flip(manifest, place)
        if json.loads(before) != _json(manifest):
            with pytest.raises((IndexDamaged, storage.IndexMismatch)):
                reopen()
        flip(manifest, place)
    assert manifest.read_bytes() == before


def _json(path: Path) -> object:
    try:
        return json.loads(path.read_bytes())
    except ValueError:
        return None


# ------------------------------------------------------------------------------------- readers beside a busy writer


@pytest.mark.slow
def test_a_reader_beside_a_hundred_updates_always_sees_one_whole_generation(
    small_base: KnowledgeBase, index: Path, tmp_path: Path
) -> None:
    done, seen, failures = threading.Event(), set[frozenset[str]](), list[Exception]()

    def read() -> None:
        while not done.is_set():
            try:
                opened = open_newest(Store(index))
                seen.add(frozenset(opened.snapshot.documents))
                assert {p.document_id for p in opened.snapshot.contents.passages} == set(opened.snapshot.documents)
                assert len(opened.snapshot.documents) == opened.manifest.documents
            except Exception as error:
                failures.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    (tmp_path / "owl.md").write_text("Sowa poluje nocą.", encoding="utf-8")
    try:
        for _ in range(50):
            small_base.add([tmp_path / "owl.md"])
            small_base.remove(["owl"])
    finally:
        done.set()
    for reader in readers:
        reader.join()
    assert failures == []
    assert seen <= {frozenset(ALL), frozenset({*ALL, "owl"})}
    assert seen


# ---------------------------------------------------------------------------------------------------- one file


def accept(manifest: Manifest) -> None:
    """Take any manifest."""


def test_a_library_moves_as_one_file(small_base: KnowledgeBase, index: Path, tmp_path: Path) -> None:
    manifest = export_library(Store(index), tmp_path / "library.cco")
    assert manifest == small_base.manifest
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    import_library(Store(tmp_path / "other"), tmp_path / "library.cco", check=accept)
    other = KnowledgeBase.open(settings=settings(tmp_path / "other"), encoder=FakeEncoder())
    assert probe(other) == probe(small_base)
    # Computed anew, to the last bit; only where the files lay on the other machine is left out.
    assert all(document.path for document in small_base.documents())
    assert not any(document.path for document in other.documents())
    assert {**other.manifest.files, "documents.jsonl": ""} == {**small_base.manifest.files, "documents.jsonl": ""}
    other.remove(["fish"])  # and is an index like any other


def test_nothing_is_overwritten_unasked(small_base: KnowledgeBase, index: Path, tmp_path: Path) -> None:
    export_library(Store(index), tmp_path / "library.cco")
    with pytest.raises(TransferError, match=r"library\.cco exists; name another file, or type --replace"):
        export_library(Store(index), tmp_path / "library.cco")
    export_library(Store(index), tmp_path / "library.cco", replace=True)
    small_base.remove(["fish"])
    with pytest.raises(IndexExists, match="name another folder with --index, or type --replace"):
        import_library(Store(index), tmp_path / "library.cco", check=accept)
    import_library(Store(index), tmp_path / "library.cco", replace=True, check=accept)
    assert texts(KnowledgeBase.open(settings=settings(index), encoder=FakeEncoder())) == ALL


def repacked(source: Path, target: Path, **changed: bytes | None) -> Path:
    """Copy a library file with some members changed, added or (None) left out."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        parts = {name: old.read(name) for name in old.namelist()} | changed
        for name, content in parts.items():
            if content is not None:
                new.writestr(name, content)
    return target


def manifest_with(source: Path, **changed: object) -> bytes:
    with zipfile.ZipFile(source) as archive:
        fields = json.loads(archive.read("manifest.json")) | changed
    fields.pop("checksum")
    return json.dumps({**fields, "checksum": Manifest(**fields).digest}).encode()


@pytest.fixture
def library(index: Path, tmp_path: Path) -> Path:
    """A library file."""
    export_library(Store(index), tmp_path / "library.cco")
    return tmp_path / "library.cco"


def test_a_library_file_that_is_damaged_or_hostile_is_refused_and_nothing_is_written(
    library: Path, tmp_path: Path
) -> None:
    bad, outside = tmp_path / "bad.cco", tmp_path / "evil.txt"
    with zipfile.ZipFile(library) as archive:
        files = json.loads(archive.read("manifest.json"))["files"]
        sizes = json.loads(archive.read("manifest.json"))["sizes"]
        documents = archive.read("documents.jsonl")
    evil = {"../../evil.txt": "0" * 64}
    cases = {
        "holds a file named '../../evil.txt'": {
            "manifest.json": manifest_with(library, files=files | evil, sizes=sizes | {"../../evil.txt": 1}),
            "../../evil.txt": b"x",
        },
        "does not hold the files that its manifest.json names": {"extra.npy": b"x"},
        "it has no manifest.json": {"manifest.json": None},
        "is not as long as its manifest.json says": {"documents.jsonl": documents + b"\n"},
        "documents.jsonl is not what was written": {"documents.jsonl": documents[:-2] + b" \n"},
        "checksum differs": {"manifest.json": manifest_with(library).replace(b'"passages": 4', b'"passages": 5')},
        "has format 99": {"manifest.json": manifest_with(library, format=99)},
    }
    for message, changed in cases.items():
        repacked(library, bad, **changed)  # type: ignore[arg-type]
        with pytest.raises((TransferError, storage.IndexFailure), match=message):
            import_library(Store(tmp_path / "target"), bad, check=accept)
        assert not Store(tmp_path / "target").exists()
        assert not outside.exists()
    data = library.read_bytes()
    for content in (b"", b"x", data[: len(data) // 2], data[:200] + b"\0" * 50 + data[250:]):
        bad.write_bytes(content)
        with pytest.raises((TransferError, storage.IndexFailure)):
            import_library(Store(tmp_path / "target"), bad, check=accept)
        assert not Store(tmp_path / "target").exists()


def test_a_library_that_is_larger_than_the_disk_is_refused_before_it_is_unpacked(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 10, 1))
    with pytest.raises(storage.IndexFailure, match="needs 0 MB, and 0 MB are free"):
        import_library(Store(tmp_path / "target"), library, check=accept)
    assert not Store(tmp_path / "target").exists()
