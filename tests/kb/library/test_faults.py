"""Faults of the machine, for real: killed processes, full and read-only disks, two writers, strange texts and names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from corpus.files.sources import SourceError
from corpus.readers import read_document
from kb import KnowledgeBase, Settings
from retrieval.storage.folder import Store
from tests.helpers.fakes import TEXTS, FakeEncoder
from tests.helpers.killing import Here, kill_repeatedly, small_disk, two_at_once, under_other_clocks, without_room
from tests.helpers.stored import STORED

ROOT = Path(__file__).resolve().parents[3]
Reopen = Callable[[], KnowledgeBase]
ALL = {name: text for name, (_, text) in TEXTS.items()}
PRELUDE = """
import errno, json, os, sys, time
from pathlib import Path
from kb import KnowledgeBase, Settings
from kb.errors import is_expected
from tests.helpers.fakes import FakeEncoder
index, files = Path(sys.argv[1]), Path(sys.argv[2])
def opened(**more):
    return KnowledgeBase.open(settings=Settings(index=index, **more), encoder=FakeEncoder())
"""


def run(script: str, *arguments: object, **options: object) -> subprocess.Popen[str]:
    """Start a process that works on an index."""
    command = [sys.executable, "-c", PRELUDE + script, *map(str, arguments)]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, **options,  # type: ignore[call-overload]
    )  # fmt: skip


def done(process: subprocess.Popen[str]) -> str:
    out, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors[-2000:]
    return out


def texts(base: KnowledgeBase) -> dict[str, str]:
    return {document.id: document.text for document in base.documents()}


@pytest.fixture
def index(small_base: KnowledgeBase) -> Path:
    """The folder of an index of the four texts."""
    return small_base.settings.index


# ---------------------------------------------------------------------------------------------------------- killed


@pytest.mark.killed
@pytest.mark.parametrize("what", STORED)
def test_what_is_stored_survives_its_writers_being_killed(tmp_path: Path, what: str) -> None:
    verdict = kill_repeatedly(tmp_path / what, 2, what, seed=7, at_least=2, within=0.1, look=Here)
    assert (verdict.runs, verdict.faults) == (2, [])
    assert verdict.done >= 4


@pytest.mark.killed
@pytest.mark.parametrize(
    ("what", "planted", "kinds"),
    [
        ("library", "early", ()),
        ("settings", "in-place", ("save",)),
        ("users", "late-commit", ("add",)),
    ],
)
def test_a_program_that_reports_what_it_did_not_write_is_caught(
    tmp_path: Path, what: str, planted: str, kinds: Sequence[str]
) -> None:
    place = tmp_path / what
    verdict = kill_repeatedly(place, 1, what, seed=3, at_least=3, planted=planted, kinds=kinds, within=0.5, look=Here)
    assert verdict.lost or verdict.unopened


# ------------------------------------------------------------------------------------------------------- the disk


@pytest.mark.process
def test_a_disk_that_is_full_at_any_byte_loses_nothing(index: Path, animals: Path, reopen: Reopen) -> None:
    (animals / "owl.md").write_text("Sowa poluje nocą. " * 200, encoding="utf-8")
    script = """
import resource, signal
base, told, hard = opened(), [], resource.getrlimit(resource.RLIMIT_FSIZE)[1]
for limit in [0, 1, 10, 100, 300, 1000, 1500, 2000, 3000, 5000, 8000, 12000, 20000, 1 << 30]:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        base.add([files / "owl.md"])
        told.append("done")
        break
    except Exception as error:
        told.append(str(error) if is_expected(error) else repr(error))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert "owl" not in [d.id for d in base.documents()] and "owl" not in [d.id for d in opened().documents()]
print(json.dumps(told))
"""
    *failed, last = json.loads(done(run(script, index, animals)))
    assert last == "done"
    assert len(failed) >= 8
    assert {message.split(":")[0].replace(" to", "") for message in failed} <= {
        f"cannot write the index in {index}", f"cannot write the index folder {index}"
    }  # fmt: skip
    assert set(texts(reopen())) == {*ALL, "owl"}
    assert list(index.glob(".writing-*")) == []


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 400 kB."""
    with small_disk(tmp_path / "disk", 400_000):
        yield tmp_path / "disk"


@pytest.mark.slow
@pytest.mark.small_disk
def test_a_small_disk_that_fills_up_keeps_what_was_there(mounted: Path, animals: Path) -> None:
    settings = Settings(index=mounted / "index")
    base = KnowledgeBase.build([animals], settings=settings, encoder=FakeEncoder())
    (animals / "long.md").write_text("".join(f"Kot numer {n} śpi na płocie. " for n in range(3000)), encoding="utf-8")
    with pytest.raises(
        Exception, match=r"cannot write the index in .*No space left on device; the old one is untouched"
    ):
        base.add([animals / "long.md"])
    assert texts(base) == texts(KnowledgeBase.open(settings=settings, encoder=FakeEncoder())) == ALL
    base.remove(["fish"])  # there is room for this again
    assert set(texts(base)) == set(ALL) - {"fish"}


@pytest.mark.small_disk
@pytest.mark.parametrize("what", STORED)
def test_a_full_disk_refuses_in_one_line_and_takes_none_of_what_is_stored(tmp_path: Path, what: str) -> None:
    verdict = without_room(tmp_path / what, 8, what, seed=2, start=Here)
    assert (verdict.runs, verdict.done, verdict.faults) == (1, 8, [])
    assert verdict.refused > 0
    assert not [message for message in verdict.messages if "move the file away" in message]


@pytest.mark.parametrize("what", ["settings", "users", "ratings", "upload"])
def test_where_no_file_may_grow_nothing_of_what_is_stored_is_lost(tmp_path: Path, what: str) -> None:
    verdict = without_room(tmp_path / what, 8, what, seed=2, room="limit", start=Here)
    assert (verdict.runs, verdict.done, verdict.faults) == (1, 8, [])
    assert verdict.refused > 0


@pytest.mark.process
@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs the right to become another user (run as root)"
)
def test_a_read_only_index_is_searched_and_a_change_is_refused_in_one_line(small_base: KnowledgeBase) -> None:
    import shutil
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="cco-read-only-"))  # where another user may go
    try:
        shutil.copytree(small_base.settings.index, folder / "index")
        (folder / "note.md").write_text("Kot śpi.", encoding="utf-8")
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        script = """
base = opened()
os.seteuid(65534)
print([hit.passage.document_id for hit in base.search("Ryby w stawie", k=1)], len(opened().documents()))
for change in (lambda: base.remove(["fish"]), lambda: base.add([files / "note.md"])):
    try:
        change()
        print("done")
    except Exception as error:
        print(is_expected(error), str(error))
"""
        first, *rest = done(run(script, folder / "index", folder)).splitlines()
        assert first == "['fish'] 4"
        assert rest == [f"True cannot write to the index folder {folder / 'index'}: Permission denied"] * 2
    finally:
        shutil.rmtree(folder)


# ------------------------------------------------------------------------------------------------------ two writers


@pytest.mark.process
def test_a_second_writer_is_told_who_is_first_or_waits(index: Path, animals: Path, reopen: Reopen) -> None:
    (animals / "owl.md").write_text("Sowa poluje nocą.", encoding="utf-8")
    first = run(
        """
from retrieval.storage.folder import Store
with Store(index).writing():
    print("holding", flush=True)
    sys.stdin.readline()
""",
        index,
        animals,
        stdin=subprocess.PIPE,
    )
    assert first.stdout is not None
    assert first.stdin is not None
    assert first.stdout.readline() == "holding\n"
    second = run(
        """
try:
    opened(patience=0.2).add([files / "owl.md"])
except Exception as error:
    print(error)
""",
        index,
        animals,
    )
    assert f"is in use by process {first.pid}, which is changing it; try again when it is done, or wait" in done(second)
    third = run("""opened(patience=float("inf")).add([files / "owl.md"])""", index, animals)
    time.sleep(1.0)
    assert third.poll() is None
    first.communicate("\n")
    done(third)
    assert set(texts(reopen())) == {*ALL, "owl"}


@pytest.mark.process
def test_several_writers_at_once_lose_nothing_of_each_other(index: Path, tmp_path: Path, reopen: Reopen) -> None:
    script = """
base = opened(patience=60.0)
for number in range(4):
    path = files / f"w{sys.argv[3]}-{number}.md"
    path.write_text(f"Pisarz {sys.argv[3]} pisze tekst {number}.", encoding="utf-8")
    base.add([path])
"""
    for writer in [run(script, index, tmp_path, number) for number in range(3)]:
        done(writer)
    assert set(texts(reopen())) == {*ALL, *(f"w{writer}-{number}" for writer in range(3) for number in range(4))}


@pytest.mark.process
@pytest.mark.parametrize("what", ["settings", "upload"])
def test_two_writers_at_once_lose_nothing_of_what_is_reported(tmp_path: Path, what: str) -> None:
    verdict = two_at_once(tmp_path / what, 1, 8, what)
    assert (verdict.runs, verdict.done, verdict.faults) == (1, 16, [])


def test_two_first_builds_at_once_lose_nothing(tmp_path: Path) -> None:
    from kb.errors import is_expected
    from retrieval.storage.folder import IndexExists

    (tmp_path / "a.md").write_text("Kot śpi.", encoding="utf-8")
    settings = Settings(index=tmp_path / "index")
    KnowledgeBase.build([tmp_path / "a.md"], settings=settings, encoder=FakeEncoder(), fresh=True)
    with pytest.raises(IndexExists) as raised:
        KnowledgeBase.build([tmp_path / "a.md"], settings=settings, encoder=FakeEncoder(), fresh=True)
    assert is_expected(raised.value)


# ------------------------------------------------------------------------------------------------- strange texts


def plane_sample() -> str:
    """Return some characters of every plane of Unicode, private and unassigned ones too, without the surrogates."""
    return " ".join(chr((plane << 16) + offset) for plane in range(17) for offset in (0x20AC, 0x4E2D, 0x1F4A, 0xF000))


STRANGE = {
    "planes": f"Kot {plane_sample()} śpi.",
    "right-to-left": "Kot \u202eipś\u202c i \u200fשלום\u200e oraz مرحبا śpi.",
    "emoji": "Kot 👩‍👩‍👧‍👦🏳️‍🌈🇵🇱 śpi 🐈‍⬛.",
    "combining": "Ko\u0301t " + "z\u0335" * 300 + " śpi.",
    "beyond": "𠮷野家的猫𪚥睡觉。",
    "one-line": "kot " * 50_000,
    "no-spaces": "a" * 1_000_000,
    "one-character": "的" * 200_000,
    "no-full-stop": "猫睡觉" * 50_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_text_is_read_indexed_and_cited_word_for_word(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.txt").write_text(STRANGE[name], encoding="utf-8")
    started = time.perf_counter()
    settings = Settings(index=tmp_path / "index", answer={"refuse_below": 0.0})  # type: ignore[arg-type]
    base = KnowledgeBase.build([tmp_path / f"{name}.txt"], settings=settings, encoder=FakeEncoder())
    base = KnowledgeBase.open(settings=settings, encoder=FakeEncoder())
    (document,) = base.documents()
    assert set(document.text) <= set(STRANGE[name])
    assert len(document.text) >= 0.99 * len(STRANGE[name].strip())
    for citation in base.ask("Czy kot śpi? 猫睡觉吗?").citations:
        assert document.text[citation.start : citation.end] == citation.quote
    assert time.perf_counter() - started < 60


@pytest.mark.parametrize("ending", ["md", "txt", "csv", "jsonl", "html"])
@pytest.mark.parametrize("data", [b"Kot \x00 spi.", b"\x00" * 5000, b"\xff" * 5000])
def test_bytes_that_are_no_text_are_refused_in_one_line(tmp_path: Path, ending: str, data: bytes) -> None:
    (tmp_path / f"a.{ending}").write_bytes(data)
    with pytest.raises(SourceError) as raised:
        read_document(tmp_path / f"a.{ending}")
    assert "\n" not in str(raised.value)


def test_halves_of_characters_are_joined_and_lone_ones_dropped(tmp_path: Path) -> None:
    halves = "🐈".encode("utf-16-le").decode("utf-16-le").encode("utf-16-be")
    pair = b"".join(chr(int.from_bytes(half)).encode("utf-8", "surrogatepass") for half in (halves[:2], halves[2:]))
    (tmp_path / "a.txt").write_bytes(b"Kot \xed\xa0\x80 " + pair + " śpi.".encode())
    assert read_document(tmp_path / "a.txt").text == "Kot  🐈 śpi."


def test_a_lone_surrogate_in_json_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"question": "Ile \\ud800kot\\u0000ów?", "answer": "Dwa \\udfff koty."}\n')
    assert read_document(tmp_path / "a.jsonl").text == "Ile kotów?\n\nDwa  koty."


NAMES = [
    "客户长.md", "客戶長.md", "żółć.md", "قطة.md", "חתול.md", "แมว.md", "🐈.md", "new\nline.md", "tab\there.md", " .md",
    "'\".md", "$(touch x).md", "<b>.md", "a" * 250 + ".md", "-rf.md", "\u202egnp.md", "%2e%2e%2f.md", "con.md",
]  # fmt: skip


def test_files_of_any_name_are_indexed_and_can_be_removed(tmp_path: Path, encoder: FakeEncoder) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for number, name in enumerate(NAMES):
        (folder / name).write_text(f"Kot numer {number} śpi.", encoding="utf-8")
    (folder / os.fsdecode(b"\xff\xfe.md")).write_text("Kot bez nazwy śpi.", encoding="utf-8")
    base = KnowledgeBase.build([folder], tmp_path / "index", encoder=encoder)
    assert len(base.documents()) == len(NAMES) + 1
    again = KnowledgeBase.open(tmp_path / "index", encoder=FakeEncoder())
    assert len(again.sync([folder]).unchanged) == len(NAMES) + 1
    for document in again.documents():
        assert document.id.isprintable()
        assert not document.id.startswith("-")
        assert not set(document.id) & set(" \n\t/\\<>'\"$")
        assert (document.source + document.title).isprintable()
    again.remove([document.id for document in again.documents()])
    assert again.documents() == []


@pytest.mark.many_files
def test_ten_thousand_tiny_files(tmp_path: Path, encoder: FakeEncoder) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(10_000):
        (folder / f"{number}.txt").write_text(f"kot {number}", encoding="utf-8")
    base = KnowledgeBase.build([folder], tmp_path / "index", encoder=encoder)
    assert len(base.documents()) == 10_000
    assert base.search("kot 7777", k=1)[0].passage.text == "kot 7777"
    encoder.encoded.clear()
    (folder / "77.txt").write_text("pies 77", encoding="utf-8")
    assert base.sync([folder]).added == ("77",)
    assert len(encoder.encoded) == 2


def test_a_clock_that_was_set_back_changes_nothing(index: Path, small_base: KnowledgeBase, reopen: Reopen) -> None:
    for path in [index, *index.rglob("*")]:
        os.utime(path, (4_000_000_000, 4_000_000_000))  # in 2096
    small_base.remove(["fish"])
    assert set(texts(reopen())) == set(ALL) - {"fish"}
    assert Store(index).current() == "generation-000002"


@pytest.mark.parametrize("what", STORED)
def test_a_clock_that_is_a_day_behind_and_then_a_day_ahead_loses_nothing(tmp_path: Path, what: str) -> None:
    verdict = under_other_clocks(tmp_path / what, 3, what, start=Here)
    assert (verdict.runs, verdict.done, verdict.faults) == (4, 12, [])
