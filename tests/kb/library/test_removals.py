"""Removals that can be undone for a while, files that come back with them, and an index made anew."""

from __future__ import annotations

import shutil
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from corpus.files.sources import SourceError
from kb import KnowledgeBase, UnknownDocument
from kb.hosting.removals import UndoableRemovals
from kb.hosting.uploads import add_uploads, changing, folder, tidy_uploads
from retrieval.storage.folder import IndexBusy, IndexFailure
from ui.library.page import LibraryPage
from ui.operations.jobs import Jobs


def ids(base: KnowledgeBase) -> list[str]:
    return [document.id for document in base.documents()]


def uploaded(base: KnowledgeBase, name: str = "note.md") -> str:
    (added,) = add_uploads(base, [(name, BytesIO(b"Dogs eat twice a day."))]).added
    return added


def test_an_undone_removal_leaves_everything_exactly_as_it_was(small_base: KnowledgeBase) -> None:
    shelf = UndoableRemovals(small_base)
    note = uploaded(small_base)
    before, digest = ids(small_base), small_base.manifest.digest
    assert shelf.remove(["cats", note]) == ("cats", "note")
    assert ids(small_base) == [name for name in before if name not in ("cats", note)]
    assert shelf.removed == ("cats", "note")
    assert not (folder(small_base) / "note.md").exists()
    assert shelf.undo() == ("cats", "note")
    assert (ids(small_base), small_base.manifest.digest) == (before, digest)
    assert (folder(small_base) / "note.md").read_bytes() == b"Dogs eat twice a day."
    assert shelf.undo() == ()


def test_after_another_change_it_is_too_late(small_base: KnowledgeBase) -> None:
    shelf = UndoableRemovals(small_base)
    shelf.remove([uploaded(small_base)])
    small_base.remove(["cats"])
    assert shelf.removed == ()
    assert shelf.undo() == ()
    assert list(folder(small_base).glob(".removed-*")) == []
    assert "cats" not in ids(small_base)


def test_after_a_while_it_is_too_late(small_base: KnowledgeBase) -> None:
    shelf = UndoableRemovals(small_base, seconds=-1.0)
    shelf.remove(["cats"])
    assert shelf.removed == shelf.undo() == ()


def test_what_another_run_put_aside_goes(small_base: KnowledgeBase) -> None:
    note = uploaded(small_base)
    UndoableRemovals(small_base).remove([note])
    assert len(list(folder(small_base).glob(".removed-*"))) == 1
    UndoableRemovals(small_base)
    assert list(folder(small_base).glob(".removed-*")) == []


def test_an_unknown_document_changes_nothing(small_base: KnowledgeBase) -> None:
    shelf = UndoableRemovals(small_base)
    shelf.remove(["cats"])
    with pytest.raises(UnknownDocument, match="no document 'dinosaurs' here"):
        shelf.remove(["dinosaurs"])
    assert shelf.removed == ("cats",)


def test_a_file_that_lies_elsewhere_is_left_where_it_is(small_base: KnowledgeBase, animals: Path) -> None:
    UndoableRemovals(small_base).remove(["cats"])
    assert (animals / "cats.md").exists()


def test_an_index_made_anew_reads_the_files_again_and_keeps_what_has_none(
    small_base: KnowledgeBase, animals: Path
) -> None:
    (animals / "cats.md").write_text("Cats purr.", encoding="utf-8")
    (animals / "dogs.md").unlink()
    steps: list[str] = []
    change = small_base.rebuild(report=lambda step, done, total: steps.append(step))
    assert ids(small_base) == list(change.added) == ["birds", "cats", "dogs", "fish"]
    assert small_base.document("cats").text == "Cats purr."
    assert small_base.document("dogs").text == "狗喜歡散步。狗每天散步兩次。"
    assert set(steps) == {"reading", "encoding"}


def killed_upload(base: KnowledgeBase, *, half: bytes | None) -> Path:
    """Leave what an upload leaves that is killed while it writes `half` of a file that is there already."""
    note = folder(base) / "note.md"
    aside = folder(base) / ".aside-killed"
    aside.mkdir()
    note.rename(aside / "note.md")
    if half is not None:
        note.write_bytes(half)
    return aside


@pytest.mark.parametrize("half", [None, b"Dogs eat tw"])
def test_what_a_killed_upload_put_aside_comes_back_when_the_page_starts(
    small_base: KnowledgeBase, half: bytes | None
) -> None:
    uploaded(small_base)
    aside = killed_upload(small_base, half=half)
    (aside / "unknown.md").write_bytes(b"Nobody indexed this.")
    LibraryPage(small_base, Jobs(), None, None)  # type: ignore[arg-type]
    assert not aside.exists()
    assert (folder(small_base) / "note.md").read_bytes() == b"Dogs eat twice a day."
    assert not (folder(small_base) / "unknown.md").exists()


def test_what_a_finished_but_killed_upload_put_aside_goes(small_base: KnowledgeBase) -> None:
    uploaded(small_base)
    note = folder(small_base) / "note.md"
    (folder(small_base) / ".aside-killed").mkdir()
    (folder(small_base) / ".aside-killed" / "note.md").write_bytes(b"What was there before.")
    tidy_uploads(small_base)
    assert note.read_bytes() == b"Dogs eat twice a day."
    assert list(folder(small_base).glob(".aside-*")) == []


def test_what_an_upload_put_aside_that_is_going_on_is_left(small_base: KnowledgeBase) -> None:
    uploaded(small_base)
    aside = killed_upload(small_base, half=b"Dogs")
    with FileLock(folder(small_base) / ".lock", is_singleton=False):  # as another process holds it
        tidy_uploads(small_base)
        assert (aside / "note.md").exists()
        assert (folder(small_base) / "note.md").read_bytes() == b"Dogs"
    tidy_uploads(small_base)
    assert not aside.exists()


class _Torn(BytesIO):
    """A file that has half arrived when there is no room for more."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell():
            raise OSError(28, "No space left on device")
        return super().read(4)


def test_a_disk_that_is_full_while_a_file_arrives_leaves_the_older_one(small_base: KnowledgeBase) -> None:
    uploaded(small_base)
    with pytest.raises(IndexFailure, match=r"cannot change the uploaded files in .*: No space left on device; make"):
        add_uploads(small_base, [("note.md", _Torn(b"Dogs eat three times a day."))])
    assert [file.name for file in folder(small_base).glob("*") if file.name != ".lock"] == ["note.md"]
    assert (folder(small_base) / "note.md").read_bytes() == b"Dogs eat twice a day."


def test_two_files_of_one_name_in_one_upload_leave_the_older_one_where_they_cannot_be_read(
    small_base: KnowledgeBase,
) -> None:
    uploaded(small_base)
    with pytest.raises(SourceError):
        add_uploads(small_base, [("note.md", BytesIO(b"\x00")), ("note.md", BytesIO(b"\x00\x00"))])
    assert (folder(small_base) / "note.md").read_bytes() == b"Dogs eat twice a day."


def test_a_file_that_a_killed_change_was_about_goes_where_it_is_not_indexed(small_base: KnowledgeBase) -> None:
    """One that had just arrived, or whose document had just been removed."""
    uploaded(small_base)
    with changing(small_base, ["note.md", "new.md"]) as aside:
        shutil.copytree(aside, aside.with_name(".aside-killed"))
    (folder(small_base) / "new.md").write_bytes(b"Cats purr.")
    LibraryPage(small_base, Jobs(), None, None)  # type: ignore[arg-type]
    assert {file.name for file in folder(small_base).glob("*")} == {".lock", "note.md"}


def test_a_file_that_nothing_is_known_of_is_left(small_base: KnowledgeBase) -> None:
    """After another library was imported the uploaded files are still their owner's."""
    uploaded(small_base)
    small_base.remove(["note"])
    LibraryPage(small_base, Jobs(), None, None)  # type: ignore[arg-type]
    assert (folder(small_base) / "note.md").exists()


def test_whoever_cannot_have_the_uploaded_files_for_themselves_is_told_so(
    small_base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploaded(small_base)
    monkeypatch.setattr("kb.hosting.uploads._PATIENCE", 0.0)
    with (
        FileLock(folder(small_base) / ".lock", is_singleton=False),  # as another process holds it
        pytest.raises(IndexBusy, match="another process is changing the uploaded files in"),
    ):
        uploaded(small_base, "other.md")


def test_an_undo_that_fails_can_be_tried_again(small_base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf, note = UndoableRemovals(small_base), uploaded(small_base)
    shelf.remove([note])

    def refused(*_: object, **__: object) -> bool:
        raise IndexFailure("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(small_base, "revert", refused)
        with pytest.raises(IndexFailure):
            shelf.undo()
    assert not (folder(small_base) / "note.md").exists()
    assert shelf.undo() == ("note",)
    assert (folder(small_base) / "note.md").read_bytes() == b"Dogs eat twice a day."


def test_an_undo_that_is_killed_has_lost_no_file(small_base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the document is indexed again its file is back."""
    shelf, note = UndoableRemovals(small_base), uploaded(small_base)
    shelf.remove([note])
    revert = small_base.revert

    def seen(*arguments: Any, **options: Any) -> bool:
        assert (folder(small_base) / "note.md").exists()
        return revert(*arguments, **options)

    monkeypatch.setattr(small_base, "revert", seen)
    assert shelf.undo() == ("note",)


def test_where_nothing_was_uploaded_nothing_is_made(small_base: KnowledgeBase) -> None:
    tidy_uploads(small_base)
    assert not folder(small_base).exists()
