"""An index on disk: whole generations, one pointer, and a refusal with the command that mends it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from kb import KnowledgeBase, Settings
from retrieval.index.dense import DenseIndex
from retrieval.storage import folder as storage
from retrieval.storage.folder import (
    FORMAT_VERSION,
    IndexBusy,
    IndexDamaged,
    IndexFailure,
    IndexMismatch,
    IndexMissing,
    Manifest,
    Store,
)
from tests.helpers.fakes import FakeEncoder, document

Reopen = Callable[[], KnowledgeBase]

FIELDS = {
    "normalizer": "1",
    "model": "fake",
    "model_digest": "d",
    "dimension": 5,
    "dtype": "float32",
    "documents": 1,
    "passages": 1,
    "windows": 1,
    "settings": {},
}


def fill_with(content: str) -> Callable[[Path], dict[str, object]]:
    def fill(folder: Path) -> dict[str, object]:
        (folder / "data.txt").write_text(content)
        return dict(FIELDS)

    return fill


def content(store: Store) -> str:
    return (store.open(store.current())[0] / "data.txt").read_text()


def generations(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("generation-*"))


def flip(path: Path, place: int) -> None:
    # In place: a file that is written over whole waits for the disk.
    with path.open("r+b", buffering=0) as file:
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([byte ^ 1]))


# ---------------------------------------------------------------------------------------------------- the store


def test_a_generation_is_written_whole_and_the_pointer_swings_to_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "index")
    assert store.write(fill_with("one")) == "generation-000001"
    assert (tmp_path / "index" / "CURRENT").read_text() == "generation-000001\n"
    _, manifest = store.open("generation-000001")
    assert manifest.files == {"data.txt": "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"}
    assert (manifest.format, manifest.model, manifest.documents) == (FORMAT_VERSION, "fake", 1)
    assert store.write(fill_with("two")) == "generation-000002"
    assert content(store) == "two"


def test_equal_contents_have_an_equal_digest(tmp_path: Path) -> None:
    digests = []
    for name, text in (("a", "one"), ("b", "one"), ("c", "two")):
        store = Store(tmp_path / name)
        digests.append(store.open(store.write(fill_with(text)))[1].digest)
    assert digests[0] == digests[1] != digests[2]


def test_a_folder_without_an_index_names_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match=rf"no index in {tmp_path}; make one: cco index --index {tmp_path}"):
        Store(tmp_path).current()
    with pytest.raises(IndexMissing):
        Store(tmp_path / "not there").current()
    (tmp_path / "file").write_text("")
    with pytest.raises(IndexMissing):
        Store(tmp_path / "file").current()


@pytest.mark.parametrize("call", ["fill", "rename", "replace", "fsync"])
def test_a_failing_write_leaves_the_old_generation_current(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    store = Store(tmp_path / "index")
    store.write(fill_with("old"))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    def fill(folder: Path) -> dict[str, object]:
        (folder / "data.txt").write_text("half of the n")
        full()
        raise AssertionError

    with monkeypatch.context() as patch:
        if call != "fill":
            patch.setattr(os, call, full)
        with pytest.raises(IndexFailure, match=r"cannot write the index .*No space left on device; the old one is unt"):
            store.write(fill if call == "fill" else fill_with("new"))
    assert content(store) == "old"
    assert list((tmp_path / "index").glob(".writing-*")) == []
    store.write(fill_with("new"))
    assert content(store) == "new"


@pytest.mark.killed
def test_a_writer_that_dies_leaves_the_old_generation_current(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.write(fill_with("old"))
    died = subprocess.run(
        [
            sys.executable,
            "-c",
            "import os, sys; from pathlib import Path; from retrieval.storage.folder import Store\n"
            "def fill(folder):\n"
            "    (folder / 'data.txt').write_text('new')\n"
            "    os._exit(9)\n"
            "store = Store(Path(sys.argv[1]))\n"
            "with store.writing(): store.write(fill)\n",
            str(tmp_path),
        ],
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert died.returncode == 9
    assert content(store) == "old"
    assert len(list(tmp_path.glob(".writing-*"))) == 1
    with store.writing():  # the dead process's lock went with it
        store.write(fill_with("new"))
    assert content(store) == "new"
    assert list(tmp_path.glob(".writing-*")) == []


def test_the_generation_before_stays_for_readers_and_older_ones_go(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for number in range(1, 5):
        store.write(fill_with(str(number)))
    assert generations(tmp_path) == ["generation-000003", "generation-000004"]


def test_every_write_is_flushed_before_the_pointer_swings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    flush, replace, rename = storage.flush, os.replace, os.rename
    monkeypatch.setattr(storage, "flush", lambda path: (steps.append(f"flush {path.name}"), flush(path))[1])
    monkeypatch.setattr(os, "rename", lambda a, b: (steps.append(f"rename to {b.name}"), rename(a, b))[1])
    monkeypatch.setattr(os, "replace", lambda a, b: (steps.append(f"swing {b.name}"), replace(a, b))[1])
    Store(tmp_path / "index").write(fill_with("one"))
    renamed, swung = steps.index("rename to generation-000001"), steps.index("swing CURRENT")
    assert {"flush data.txt", "flush manifest.json"} <= set(steps[:renamed])
    assert steps[renamed - 1].startswith("flush .writing-")
    assert "flush .CURRENT.new" in steps[renamed:swung]
    assert steps[-1] == "flush index"


def test_a_folder_that_the_system_does_not_open_is_not_flushed_and_a_file_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows opens no folder."""
    opened, flags = os.open, {}

    def as_on_windows(path: Path, how: int) -> int:
        flags[path.name] = how
        if path.is_dir():
            raise PermissionError(13, "Permission denied")
        return opened(path, how)

    (tmp_path / "file").write_text("x")
    monkeypatch.setattr(os, "open", as_on_windows)
    storage.flush(tmp_path)
    storage.flush(tmp_path / "file")
    assert flags["file"] & os.O_RDWR
    (tmp_path / "file").chmod(0o400)
    monkeypatch.setattr(os, "open", lambda *_: (_ for _ in ()).throw(PermissionError(13, "Permission denied")))
    with pytest.raises(PermissionError):
        storage.flush(tmp_path / "file")


def test_one_writer_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "FileLock", lambda path, timeout: FileLock(path, timeout=0))
    with (
        Store(tmp_path).writing(),
        pytest.raises(IndexBusy, match=rf"the index in {tmp_path} is in use by process {os.getpid()}"),
        Store(tmp_path).writing(),
    ):
        raise AssertionError("two writers at once")
    with Store(tmp_path).writing():
        pass


def test_a_folder_that_cannot_be_made_is_an_error_of_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(IndexFailure, match=r"cannot write to the index folder .*Not a directory"),
        Store(tmp_path / "file" / "index").writing(),
    ):
        raise AssertionError
    assert (tmp_path / "file").read_text() == ""


# --------------------------------------------------------------------------------------- damage and mismatches


def test_one_flipped_bit_in_any_file_is_noticed_and_the_command_named(
    small_base: KnowledgeBase, tmp_path: Path, reopen: Reopen
) -> None:
    generation = tmp_path / "index" / Store(tmp_path / "index").current()
    files = [path for path in sorted(generation.iterdir()) if path.name != "manifest.json"]
    assert len(files) >= 8
    for path in files:
        size = path.stat().st_size
        for place in {0, size // 2, size - 1}:
            flip(path, place)
            with pytest.raises(
                IndexDamaged, match=rf"{path.name} is not what was written .*cco index PATH \.\.\. --rebuild --index"
            ):
                reopen()
            flip(path, place)
    assert len(reopen().documents()) == 4


def test_a_missing_file_and_a_cut_one_are_noticed(small_base: KnowledgeBase, tmp_path: Path, reopen: Reopen) -> None:
    generation = tmp_path / "index" / Store(tmp_path / "index").current()
    vectors = generation / "vectors.npy"
    data = vectors.read_bytes()
    vectors.write_bytes(data[:-4])
    with pytest.raises(IndexDamaged, match="checksum differs"):
        reopen()
    vectors.unlink()
    with pytest.raises(IndexDamaged, match=r"vectors.npy cannot be read \(No such file or directory\).*--rebuild"):
        reopen()
    vectors.write_bytes(data)
    (generation / "manifest.json").unlink()
    with pytest.raises(
        IndexDamaged, match=r"manifest.json cannot be read; mend it: cco check --index .*, or make it anew: .*--rebuild"
    ):
        reopen()


def test_a_flipped_bit_in_the_manifest_is_refused_and_never_a_trace(
    small_base: KnowledgeBase, tmp_path: Path, reopen: Reopen
) -> None:
    manifest = tmp_path / "index" / Store(tmp_path / "index").current() / "manifest.json"
    before = manifest.read_bytes()
    for place in range(0, len(before), 7):
        flip(manifest, place)
        try:
            opened = reopen()
        except IndexFailure:
            pass
        else:
            # A name or a count that is for show may be off; what is searched and quoted may not.
            assert [d.id for d in opened.documents()] == ["birds", "cats", "dogs", "fish"]
        flip(manifest, place)
    assert manifest.read_bytes() == before


@pytest.mark.parametrize("pointer", [b"", b"\n", b"../elsewhere\n", b"generation-000009\n", b"a/b\n", b"..\n"])
def test_a_damaged_pointer_is_refused(
    small_base: KnowledgeBase, tmp_path: Path, reopen: Reopen, pointer: bytes
) -> None:
    (tmp_path / "index" / "CURRENT").write_bytes(pointer)
    with pytest.raises(IndexDamaged, match=r"is damaged: .*--rebuild --index"):
        reopen()


def test_a_pointer_that_is_not_text_is_refused(small_base: KnowledgeBase, tmp_path: Path, reopen: Reopen) -> None:
    (tmp_path / "index" / "CURRENT").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(IndexDamaged, match=r"is damaged: .*--rebuild --index"):
        reopen()


def edit_manifest(folder: Path, **changed: object) -> None:
    path = folder / Store(folder).current() / "manifest.json"
    fields = json.loads(path.read_text()) | changed
    fields.pop("checksum")
    path.write_text(json.dumps({**fields, "checksum": Manifest(**fields).digest}))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"format": 99},
            r"has format 99, this program reads \d+; make it anew: cco index PATH \.\.\. --rebuild --index",
        ),
        ({"normalizer": "0"}, r"made with normaliser 0, this program has .*cco index PATH \.\.\. --rebuild --index"),
        (
            {"model": "BAAI/bge-m3", "model_digest": "ab" * 32},
            r"made with the model BAAI/bge-m3 \(abababab\), not with fake-animals \(fafafafa\); "
            r"open it with --model BAAI/bge-m3, or make it anew: cco index PATH \.\.\. --rebuild .*--model fake-an",
        ),
        (
            {"dtype": "bfloat16"},
            r"made in bfloat16, the settings ask for float32; make it anew: cco index PATH \.\.\. --rebuild --index .*"
            r", or open it with CCO_MODEL_DTYPE=bfloat16",
        ),
    ],
)
def test_another_format_normaliser_model_or_dtype_is_refused_with_the_command(
    small_base: KnowledgeBase, tmp_path: Path, reopen: Reopen, changed: dict[str, object], message: str
) -> None:
    edit_manifest(tmp_path / "index", **changed)
    with pytest.raises(IndexMismatch, match=message) as raised:
        reopen()
    assert "\n" not in str(raised.value)


def test_a_rebuild_mends_what_is_refused(
    small_base: KnowledgeBase, tmp_path: Path, animals: Path, reopen: Reopen
) -> None:
    edit_manifest(tmp_path / "index", format=99)
    settings = Settings(index=tmp_path / "index")
    KnowledgeBase.build([animals], settings=settings, encoder=FakeEncoder())
    assert len(reopen().documents()) == 4


# ---------------------------------------------------------------------------------------- several at one folder


def test_a_reader_keeps_the_generation_that_it_opened(
    small_base: KnowledgeBase, tmp_path: Path, reopen: Reopen, encoder: FakeEncoder
) -> None:
    snapshot = reopen().snapshot
    for number in range(3):  # enough for the reader's files to be tidied away
        small_base.remove([["cats", "dogs", "fish"][number]])
    assert len(generations(tmp_path / "index")) == 2
    hits = snapshot.search(snapshot.question("猫", encoder), k=1)
    assert [hit.passage.document_id for hit in hits] == ["cats"]


def test_an_open_base_sees_another_process_change(small_base: KnowledgeBase, reopen: Reopen, tmp_path: Path) -> None:
    other = reopen()
    assert [hit.passage.document_id for hit in small_base.search("ryby", k=1)] == ["fish"]
    other.remove(["fish"])
    assert "fish" not in [hit.passage.document_id for hit in small_base.search("ryby")]
    (tmp_path / "new.md").write_text("Ryba to zwierzę wodne.", encoding="utf-8")
    other.add([tmp_path / "new.md"])
    assert [hit.passage.document_id for hit in small_base.search("ryba", k=1)] == ["new"]
    small_base.remove(["birds"])
    assert {d.id for d in reopen().documents()} == {"cats", "dogs", "new"}


def test_an_open_base_refuses_what_another_process_made_with_another_model(
    small_base: KnowledgeBase, tmp_path: Path, animals: Path
) -> None:
    other = FakeEncoder()
    other.digest, other.name = "0b" * 32, "other"
    KnowledgeBase.build([animals], settings=Settings(index=tmp_path / "index"), encoder=other)
    with pytest.raises(IndexMismatch, match=r"made with the model other \(0b0b0b0b\), not with fake-animals"):
        small_base.search("猫")


def test_a_change_while_another_process_writes_is_refused_and_nothing_is_lost(
    small_base: KnowledgeBase, tmp_path: Path, reopen: Reopen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "FileLock", lambda path, timeout: FileLock(path, timeout=0))
    with (
        Store(tmp_path / "index").writing(),
        pytest.raises(IndexBusy, match=rf"is in use by process {os.getpid()}, .*wait for it with --wait"),
    ):
        small_base.remove(["cats"])
    assert len(reopen().documents()) == 4


def test_a_text_survives_the_disk_character_for_character(tmp_path: Path, encoder: FakeEncoder) -> None:
    text = "猫 \u2028 𠮷 \u0085 zażółć 👩‍👩‍👧 \\n \ud800 koniec.\nDrugi wiersz."
    settings = Settings(index=tmp_path / "index")
    KnowledgeBase.of_documents(
        [document("odd", text, "zh-Hans", metadata={"url": "x\u2029y"}, date="2026")],
        settings=settings,
        encoder=encoder,
    )
    found = KnowledgeBase.open(settings=settings, encoder=encoder).document("odd")
    assert (found.text, found.metadata, found.date) == (text, {"url": "x\u2029y"}, "2026")


def test_no_file_of_an_index_needs_pickle(small_base: KnowledgeBase, tmp_path: Path) -> None:
    names = {path.name.rpartition(".")[2] for path in (tmp_path / "index").rglob("*") if path.is_file()}
    assert names <= {"jsonl", "json", "npy", "npz", "faiss", "CURRENT", "lock", "writer"}


# -------------------------------------------------------------------------------------------- the index of vectors


def test_the_manifest_says_how_windows_are_searched(small_base: KnowledgeBase) -> None:
    facts = {"kind": "exact", "recall_at_10": 1.0, "sample": 0, "lists": 0, "probes": 0, "depth": 0}
    assert small_base.manifest.dense == facts


def test_a_base_of_many_windows_finds_the_same_before_and_after_the_disk(
    tmp_path: Path, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact, animals = DenseIndex.build, ["猫", "狗", "鱼", "鸟"]
    texts = [animals[n % 4] * (1 + n % 7) + animals[n // 4 % 4] * (n % 3) + f"，第{n}只。" for n in range(200)]
    documents = [document(f"d{n}", text, "zh-Hans") for n, text in enumerate(texts)]
    monkeypatch.setattr(DenseIndex, "build", lambda vectors, asked: exact(vectors, asked, most_exact=100))
    settings = Settings(index=tmp_path / "index")
    built = KnowledgeBase.of_documents(documents, settings=settings, encoder=encoder)
    opened = KnowledgeBase.open(settings=settings, encoder=encoder)
    dense = opened.manifest.dense
    assert (dense["kind"], dense["sample"]) == ("ivf", 256)
    assert dense["recall_at_10"] >= 0.99
    for question in ("猫狗", "鱼", "第77只鸟"):
        hits = [base.search(question, k=20) for base in (built, opened)]
        assert len(hits[0]) == 20
        assert hits[0] == hits[1]
    assert opened.search("第77只鸟", k=1)[0].passage.document_id == "d77"
    for name in ("dense.npy", "dense.json", "dense.faiss"):
        path = next((tmp_path / "index").glob(f"generation-*/{name}"))
        flip(path, path.stat().st_size - 1)
        with pytest.raises(IndexDamaged, match=rf"{name} is not what was written"):
            KnowledgeBase.open(settings=settings, encoder=encoder)
        flip(path, path.stat().st_size - 1)


def test_an_index_of_the_format_before_is_refused_with_the_command(
    small_base: KnowledgeBase, tmp_path: Path, reopen: Reopen
) -> None:
    edit_manifest(tmp_path / "index", format=1)
    with pytest.raises(IndexMismatch, match=r"has format 1, this program reads \d+; make it anew: .*--rebuild --index"):
        reopen()
