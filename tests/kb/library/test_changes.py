"""Files that are added, changed, moved, copied and taken away: what is read, what is encoded, what can be cited."""

from __future__ import annotations

import os
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from corpus.files.sources import SourceError
from corpus.readers import FileReader
from kb import Change, KnowledgeBase
from kb.library import ledger, watching
from kb.library.ledger import FILE
from kb.library.watching import watch
from retrieval.index.snapshot import Snapshot
from retrieval.storage.folder import Store
from tests.helpers.fakes import TEXTS, FakeEncoder

Reopen = Callable[[], KnowledgeBase]


@pytest.fixture
def read_files(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that are opened and read, in order."""
    names: list[str] = []
    read = FileReader.read
    monkeypatch.setattr(FileReader, "read", lambda self, path: (names.append(path.name), read(self, path))[1])
    return names


@pytest.fixture
def settled(
    animals: Path,
    small_base: KnowledgeBase,
    read_files: list[str],
    encoder: FakeEncoder,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """The folder of the four texts, indexed long enough ago for their times to be trusted."""
    monkeypatch.setattr(ledger, "_YOUNG", 20_000_000)
    age(animals)
    small_base.sync([animals])
    read_files.clear()
    encoder.encoded.clear()
    return animals


def age(folder: Path) -> None:
    """Make the files of a folder look old; nobody can set the time of change of an entry, so that is waited for."""
    for path in folder.iterdir():
        os.utime(path, (1_000_000, 1_000_000))
    time.sleep(0.03)


def texts(base: KnowledgeBase) -> dict[str, str]:
    return {document.id: document.text for document in base.documents()}


def cited(base: KnowledgeBase, question: str) -> set[str]:
    return {hit.passage.text for hit in base.search(question, k=20)}


ALL = {name: text for name, (_, text) in TEXTS.items()}


def test_a_folder_without_changes_is_neither_read_nor_encoded_nor_written(
    settled: Path, small_base: KnowledgeBase, read_files: list[str], encoder: FakeEncoder
) -> None:
    before = small_base.manifest
    change = small_base.sync([settled])
    assert (change.added, change.removed, change.skipped, len(change.unchanged)) == ((), (), (), 4)
    assert (read_files, encoder.encoded) == ([], [])
    assert small_base.manifest is before


def test_one_changed_file_is_the_only_one_that_is_read_and_encoded(
    settled: Path, small_base: KnowledgeBase, reopen: Reopen, read_files: list[str], encoder: FakeEncoder
) -> None:
    (settled / "fish.md").write_text("---\ntitle: fish\nlanguage: pl\n---\nRyby pływają w stawie. Ryby lubią deszcz.\n")
    change = small_base.sync([settled])
    assert (change.added, change.removed, len(change.unchanged)) == (("fish",), (), 3)
    assert read_files == ["fish.md"]
    # The sentence that stayed has its vector already.
    assert sorted(encoder.encoded) == sorted(
        ["Ryby lubią deszcz.", "fish Ryby pływają w stawie. Ryby lubią deszcz."]
    ), encoder.encoded
    for base in (small_base, reopen()):
        assert texts(base)["fish"] == "Ryby pływają w stawie. Ryby lubią deszcz."
        assert not any("nie śpią" in text for text in cited(base, "Czy ryby śpią w nocy?"))


def test_vectors_that_are_kept_are_those_that_would_be_made_anew(
    settled: Path, small_base: KnowledgeBase, tmp_path: Path
) -> None:
    (settled / "fish.md").write_text("---\ntitle: fish\nlanguage: pl\n---\nRyby pływają w stawie. Ryby lubią psy.\n")
    small_base.sync([settled])
    anew = KnowledgeBase.build([settled], tmp_path / "anew", encoder=FakeEncoder())
    old, new = (
        dict(zip(map(c.text_of, range(len(c.windows))), c.vectors.tolist(), strict=True))
        for c in (small_base.snapshot.contents, anew.snapshot.contents)
    )
    assert old == new


def test_a_moved_file_keeps_its_id_and_is_not_encoded_again(
    settled: Path, small_base: KnowledgeBase, reopen: Reopen, encoder: FakeEncoder
) -> None:
    (settled / "deep").mkdir()
    (settled / "cats.md").rename(settled / "deep" / "koty.md")
    change = small_base.sync([settled])
    assert (change.moved, change.added, change.removed, encoder.encoded) == (("cats",), (), (), [])
    document = reopen().document("cats")
    assert (document.path, document.source) == ((str(settled / "deep" / "koty.md"),) * 2)
    assert texts(reopen()) == ALL


def test_two_files_that_change_places_are_both_followed(
    settled: Path, small_base: KnowledgeBase, encoder: FakeEncoder
) -> None:
    (settled / "cats.md").rename(settled / "x")
    (settled / "dogs.md").rename(settled / "cats.md")
    (settled / "x").rename(settled / "dogs.md")
    change = small_base.sync([settled])
    assert (set(change.moved), change.removed, encoder.encoded) == ({"cats", "dogs"}, (), [])
    assert Path(small_base.document("cats").path).name == "dogs.md"
    assert texts(small_base) == ALL


def test_a_copy_is_named_and_not_indexed_and_takes_over_when_the_original_goes(
    settled: Path, small_base: KnowledgeBase, encoder: FakeEncoder
) -> None:
    (settled / "kopia.md").write_bytes((settled / "cats.md").read_bytes())
    change = small_base.sync([settled])
    assert [(Path(s.path).name, s.reason) for s in change.skipped] == [("kopia.md", "is there already, as cats")]
    (settled / "cats.md").unlink()
    change = small_base.sync([settled])
    assert (change.moved, change.removed, encoder.encoded) == (("cats",), (), [])
    assert Path(small_base.document("cats").path).name == "kopia.md"


def test_a_file_that_vanished_from_an_indexed_folder_is_removed_and_never_cited_again(
    settled: Path, small_base: KnowledgeBase, reopen: Reopen
) -> None:
    assert any("Ryby" in text for text in cited(small_base, "Ryby w stawie"))
    (settled / "fish.md").unlink()
    assert small_base.sync([settled]).removed == ("fish",)
    for base in (small_base, reopen()):
        assert "fish" not in texts(base)
        assert not any("Ryby" in text for text in cited(base, "Ryby w stawie"))


def test_adding_a_folder_removes_nothing_and_a_vanished_file_elsewhere_stays(
    settled: Path, small_base: KnowledgeBase, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "owl.md").write_text("Sowa poluje nocą.", encoding="utf-8")
    small_base.add([tmp_path / "elsewhere"])
    (tmp_path / "elsewhere" / "owl.md").unlink()
    (settled / "fish.md").unlink()
    assert small_base.add([settled]).removed == ()
    assert small_base.sync([settled]).removed == ("fish",)
    assert "owl" in texts(small_base)


def test_an_emptied_folder_is_refused_unless_it_may_be(settled: Path, small_base: KnowledgeBase) -> None:
    for path in settled.iterdir():
        path.unlink()
    with pytest.raises(SourceError, match="holds no source"):
        small_base.sync([settled])
    assert texts(small_base) == ALL
    assert set(small_base.sync([settled], emptied=True).removed) == set(ALL)
    assert texts(small_base) == {}


def test_a_file_that_broke_keeps_what_was_read_before(settled: Path, small_base: KnowledgeBase) -> None:
    (settled / "fish.md").write_bytes(b"\x00\x01\x02")
    change = small_base.sync([settled])
    assert (change.removed, [Path(s.path).name for s in change.skipped]) == ((), ["fish.md"])
    assert texts(small_base) == ALL


def test_a_file_that_failed_is_not_read_again_until_it_changes(
    settled: Path, small_base: KnowledgeBase, read_files: list[str]
) -> None:
    (settled / "bad.pdf").write_bytes(b"%PDF-1.7 broken")
    age(settled)
    reasons = [[item.reason for item in small_base.sync([settled]).skipped] for _ in range(2)]
    assert reasons == [["is damaged: no whole PDF"]] * 2
    assert read_files.count("bad.pdf") == 1


def test_a_change_that_no_time_tells_is_seen_while_the_file_is_young(
    settled: Path, small_base: KnowledgeBase, reopen: Reopen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "_YOUNG", 10**12)
    path = settled / "fish.md"
    path.write_text("---\ntitle: fish\nlanguage: pl\n---\nRyby śpią.\n", encoding="utf-8")
    os.utime(path, (1_000_000, 1_000_000))
    small_base.sync([settled])
    path.write_text("---\ntitle: fish\nlanguage: pl\n---\nRyby jedzą.\n"[:-1], encoding="utf-8")
    os.utime(path, (1_000_000, 1_000_000))  # as with a clock that was set back: size and time are those of before
    small_base.sync([settled])
    assert texts(reopen())["fish"] == "Ryby jedzą."


@pytest.mark.parametrize("written", ["", "{", "[]", '{"limits": 1}', '{"files": {"a": 1}}'])
def test_a_damaged_ledger_costs_reading_and_nothing_else(
    settled: Path, small_base: KnowledgeBase, read_files: list[str], encoder: FakeEncoder, written: str
) -> None:
    (small_base.settings.index / FILE).write_text(written)
    change = small_base.sync([settled])
    assert (len(change.unchanged), len(read_files), encoder.encoded) == (4, 4, [])


@pytest.mark.slow
def test_a_changed_archive_changes_only_the_documents_that_changed_in_it(
    small_base: KnowledgeBase, tmp_path: Path, encoder: FakeEncoder
) -> None:
    def pack(**members: str) -> None:
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            for name, text in members.items():
                archive.writestr(f"{name}.md", text)

    pack(owl="Sowa poluje nocą.", fox="Lis biega.", hen="Kura gdacze.")
    assert small_base.add([tmp_path / "a.zip"]).added == ("fox", "hen", "owl")
    encoder.encoded.clear()
    pack(owl="Sowa poluje nocą.", fox="Lis śpi.")
    change = small_base.sync([tmp_path / "a.zip"])
    assert (change.added, change.removed) == (("fox",), ("hen",))
    assert set(encoder.encoded) == {"Lis śpi.", "fox Lis śpi."}
    assert {name: texts(small_base)[name] for name in ("fox", "owl")} == {"fox": "Lis śpi.", "owl": "Sowa poluje nocą."}


def test_equal_files_in_one_folder_become_one_document(tmp_path: Path, encoder: FakeEncoder) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.md").write_text("Kot śpi.", encoding="utf-8")
    base = KnowledgeBase.build([tmp_path], tmp_path / "index", encoder=encoder)
    assert texts(base) == {"a": "Kot śpi."}
    assert [item.reason for item in base.last_change.skipped] == ["holds the same as a file before it"]


def test_the_index_itself_is_no_source_where_it_lies_in_the_folder(tmp_path: Path, encoder: FakeEncoder) -> None:
    (tmp_path / "a.md").write_text("Kot śpi.", encoding="utf-8")
    base = KnowledgeBase.build([tmp_path], tmp_path / "index", encoder=encoder)
    assert (texts(base), base.last_change.skipped) == ({"a": "Kot śpi."}, ())
    change = base.sync([tmp_path])
    assert (change.skipped, change.added, len(change.unchanged)) == ((), (), 1)


def test_tokens_that_were_kept_are_those_that_would_be_made_anew(
    settled: Path, small_base: KnowledgeBase, tmp_path: Path
) -> None:
    (settled / "dogs.md").write_text("Psy biegają. Psy śpią.\n", encoding="utf-8")
    (settled / "cats.md").unlink()
    small_base.sync([settled])
    kept = small_base.snapshot
    anew = Snapshot.build(kept.contents, kept.probes)
    assert list(kept.sparse.tokens_by_passage()) == list(anew.sparse.tokens_by_passage())
    assert [len(sentences) for _, sentences in kept.sparse.tokens_by_passage()] == [2, 2, 2]


# ------------------------------------------------------------------------------------------------------- watching


def test_a_file_that_is_gone_is_removed_where_it_may_be_and_refused_elsewhere(
    settled: Path, small_base: KnowledgeBase
) -> None:
    (settled / "fish.md").unlink()
    with pytest.raises(SourceError, match="does not exist"):
        small_base.sync([settled / "fish.md"])
    assert small_base.sync([settled / "fish.md"], emptied=True).removed == ("fish",)


@pytest.fixture
def watched(small_base: KnowledgeBase, animals: Path) -> Iterator[Callable[..., list[Change | str]]]:
    """Starts watching the folder of the four texts; what is told is in the list that is returned."""
    stop, threads = threading.Event(), list[threading.Thread]()

    def start(**options: float) -> list[Change | str]:
        told: list[Change | str] = []
        thread = threading.Thread(target=watch, args=(small_base, [animals], told.append, stop), kwargs=options)
        threads.append(thread)
        thread.start()
        return told

    yield start
    stop.set()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()


def eventually(condition: Callable[[], bool], seconds: float = 30.0) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, {"poll": 0.1}], ids=["told", "polled"])
def test_a_watched_folder_is_followed_and_survives_bad_files(
    watched: Callable[..., list[Change | str]], small_base: KnowledgeBase, animals: Path, options: dict[str, float]
) -> None:
    told = watched(**options)
    (animals / "bad.pdf").write_bytes(b"%PDF-1.7 broken")
    assert eventually(lambda: f"skipped {animals / 'bad.pdf'}: is damaged: no whole PDF" in told)
    (animals / "owl.md").write_text("Sowa poluje nocą.", encoding="utf-8")
    assert eventually(lambda: "owl" in texts(small_base)), told
    (animals / "fish.md").unlink()
    (animals / "cats.md").rename(animals / "koty.md")
    assert eventually(lambda: "fish" not in texts(small_base))
    assert eventually(lambda: Path(small_base.document("cats").path).name == "koty.md")

    def removed() -> set[str]:
        return {name for change in told if not isinstance(change, str) for name in change.removed}

    assert eventually(removed)  # a change is told of after it can be seen
    assert removed() == {"fish"}
    lines = [line for line in told if isinstance(line, str)]
    assert len(lines) == len(set(lines))  # the bad file is told once, not at every look


def test_a_watched_folder_that_another_process_writes_to_is_tried_again(
    watched: Callable[..., list[Change | str]],
    small_base: KnowledgeBase,
    animals: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watching, "RETRY", 0.1)
    told = watched(poll=0.1)
    with Store(small_base.settings.index).writing():
        (animals / "owl.md").write_text("Sowa poluje nocą.", encoding="utf-8")
        assert eventually(
            lambda: any(f"in use by process {os.getpid()}" in line for line in told if isinstance(line, str))
        )
    assert eventually(lambda: "owl" in texts(small_base)), told
