"""Hostile files: bounded in time, memory and disk, one line each; never run, never followed, never fetched."""

from __future__ import annotations

import http.server
import os
import re
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.files.sources import SourceError
from corpus.limits import Limits
from corpus.readers import FileReader, read_document
from kb import KnowledgeBase, Settings
from kb.settings.schema import ReadingSettings
from tests.helpers import hostile
from tests.helpers.fakes import FakeEncoder

pytestmark = pytest.mark.slow  # made-up requests and files by the hundred

SECONDS, MEGABYTES = 20.0, 1000


@pytest.fixture(scope="module")
def reader() -> Iterator[FileReader]:
    """A reader with the limits that everybody has."""
    with FileReader() as opened:
        yield opened


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """An address that hostile files point to, and what was asked of it."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    listening = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{listening.server_port}", asked
    listening.shutdown()
    listening.server_close()


def timed(reader: FileReader, path: Path) -> str:
    """Return the text that is read. Raises SourceError; either within the seconds and the memory of one file."""
    started = time.perf_counter()
    try:
        return "\n".join(document.text for document in reader.read(path).documents)
    finally:
        assert time.perf_counter() - started < SECONDS
        process = reader._sandbox._process  # None where the file has ended it
        status = Path(f"/proc/{process.pid}/status") if process is not None else Path("none")
        if status.exists() and (peak := re.search(r"VmHWM:\s+(\d+) kB", status.read_text())):
            assert int(peak[1]) / 1000 < 1.05 * MEGABYTES


@pytest.mark.parametrize("name", hostile.REFUSED)
def test_a_hostile_file_is_refused_in_one_line(tmp_path: Path, reader: FileReader, name: str) -> None:
    ending, make, reason = hostile.REFUSED[name]
    path = tmp_path / f"evil.{ending}"
    path.write_bytes(make(tmp_path))
    with pytest.raises(SourceError) as raised:
        timed(reader, path)
    assert re.search(reason, str(raised.value)), str(raised.value)
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 600


@pytest.mark.parametrize("name", hostile.READ)
def test_a_file_that_is_only_odd_is_read(tmp_path: Path, reader: FileReader, name: str) -> None:
    ending, make, words = hostile.READ[name]
    path = tmp_path / f"odd.{ending}"
    path.write_bytes(make(tmp_path))
    assert words in timed(reader, path)


def test_names_of_an_archive_reach_nothing(tmp_path: Path, reader: FileReader) -> None:
    (tmp_path / "a.zip").write_bytes(hostile.linked_zip())
    documents = reader.read(tmp_path / "a.zip").documents
    assert {document.member: document.text for document in documents} == {
        "link.txt": "/etc/passwd",  # the words of the link, not what it points to
        "tmp/climbed.md": "Kot się wspina.",
        "tmp/absolute.md": "Pies biega.",
        "tmp/windows.md": "Ryba pływa.",
    }
    assert not any(Path(name).exists() for name in ("/tmp/climbed.md", "/tmp/absolute.md", "/tmp/windows.md"))


def test_nothing_that_a_file_points_to_is_fetched_and_no_script_is_read(
    tmp_path: Path, reader: FileReader, server: tuple[str, list[str]]
) -> None:
    address, asked = server
    files = {
        "page.html": hostile.page_that_calls(address).encode(),
        "word.docx": hostile.docx_that_calls(tmp_path, address),
        "book.epub": hostile.epub_that_calls(tmp_path, address),
        "text.odt": hostile.odt_that_calls(tmp_path, address),
        "notes.md": f"Kot śpi.\n\n![x]({address}/md)\n\n<img src='{address}/img'> [y]({address}/y)\n\n"
        f"[z]: {address}/z\n\nPies biega.".encode(),
        "print.pdf": hostile.pdf_page(
            b"BT /F 12 Tf 72 700 Td (Kot spi.) Tj ET",
            page=b"/Annots[<</Type/Annot/Subtype/Link/A<</S/URI/URI(%s/pdf)>>>>]/AA<</O<</S/URI/URI(%s/open)>>>>"
            % (address.encode(), address.encode()),
        ),
        "outside.odt": hostile.replaced(
            "odt", tmp_path, content_xml=hostile.odt("<text:p>&e;</text:p>", hostile.external(f"{address}/entity"))
        ),
    }
    read = 0
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        try:
            text = timed(reader, tmp_path / name)
        except SourceError as error:
            assert name == "outside.odt", error
            continue
        read += 1
        assert re.search("[Kk]ot|klient", text), name
        assert not re.search(r"stolen|alert|script|onload|127\.0\.0\.1", text), (name, text)
    assert read == len(files) - 1
    time.sleep(0.2)
    assert asked == []


def test_the_process_that_reads_can_neither_write_nor_connect_nor_start_another(
    tmp_path: Path, server: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A reader that was taken over: what it tries is refused by the process that it runs in.
    port = int(server[0].rpartition(":")[2])
    tries = {
        "write": f"open({str(tmp_path / 'written')!r}, 'w')",
        "connect": f"__import__('socket').create_connection(('127.0.0.1', {port}))",
        "start": "__import__('subprocess').run(['true'])",
        "system": "__import__('os').system('true')",
        "remove": f"__import__('os').remove({str(tmp_path / 'kept')!r})",
        "fork": "__import__('os').fork()",
    }
    (tmp_path / "kept").write_text("x")
    package = tmp_path / "planted"
    package.mkdir()
    path = tmp_path / "a.docx"
    hostile.WRITERS["docx"](path, "pl")  # by the real module, before there is another of its name
    for name, code in tries.items():
        # The reader's own code is given a module that does it: python-docx by another hand.
        (package / "docx.py").write_text(f"def Document(*_):\n    {code}\n    raise SystemError('it could')\n")
        monkeypatch.syspath_prepend(str(package))
        with FileReader() as fresh, pytest.raises(SourceError, match="may not do this") as raised:
            fresh.read(path)
        assert "it could" not in str(raised.value), name
    assert not (tmp_path / "written").exists()
    assert (tmp_path / "kept").exists()
    assert server[1] == []


def test_no_key_of_the_environment_reaches_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCO_LLM_API_KEY", "secret-of-the-environment")
    package = tmp_path / "planted"
    package.mkdir()
    (package / "docx.py").write_text("import os\ndef Document(*_):\n    raise SystemError(sorted(os.environ))\n")
    path = tmp_path / "a.docx"
    hostile.WRITERS["docx"](path, "pl")
    monkeypatch.syspath_prepend(str(package))
    with FileReader() as fresh, pytest.raises(SourceError, match="SystemError") as raised:
        fresh.read(path)
    assert "CCO" not in str(raised.value)


@pytest.mark.parametrize(
    ("code", "limits", "reason"),
    [
        ("while True: pass", {"seconds": 1.0}, "takes longer to read than 1 s; split it, or raise reading.seconds"),
        ("import time; time.sleep(60)", {"seconds": 1.0}, "takes longer to read than 1 s"),
        ("x = bytearray(10**10)", {}, r"takes more memory to read than 1,000 MB; .*\(reading.memory_megabytes\)"),
        ("import os; os._exit(3)", {}, r"is damaged: the process that read it broke off \(status 3\)"),
        ("import ctypes; ctypes.string_at(0)", {}, r"the process that read it broke off \(status -11\)"),
        ("f = lambda: f(); f()", {}, "is nested too deep to be read|RecursionError"),
    ],
)
def test_a_reader_that_runs_wild_costs_one_file_and_the_next_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, limits: dict[str, float], reason: str
) -> None:
    package = tmp_path / "planted"
    package.mkdir()
    (package / "pptx.py").write_text(f"def Presentation(*_):\n    {code}\n")
    monkeypatch.syspath_prepend(str(package))
    hostile.WRITERS["docx"](tmp_path / "good.docx", "pl")
    (tmp_path / "wild.pptx").write_bytes((tmp_path / "good.docx").read_bytes())
    with FileReader(Limits(**limits)) as fresh:  # type: ignore[arg-type]
        with pytest.raises(SourceError, match=reason):
            fresh.read(tmp_path / "wild.pptx")
        assert fresh.read(tmp_path / "good.docx").documents[0].title == "Rola dyrektora do spraw klienta"


def test_where_the_process_does_not_start_each_file_says_so_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile.WRITERS["docx"](tmp_path / "a.docx", "pl")
    (tmp_path / "b.md").write_text("Kot śpi.", encoding="utf-8")
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'no room for a process' >&2\nexit 1\n")
    broken.chmod(0o755)
    for program, said in ((broken, "no room for a process"), (tmp_path / "none", "No such file or directory")):
        monkeypatch.setattr(sys, "executable", str(program))
        with FileReader() as fresh:
            with pytest.raises(SourceError, match=f"does not start on this machine .*{said}") as raised:
                fresh.read(tmp_path / "a.docx")
            assert "\n" not in str(raised.value)
            assert fresh.read(tmp_path / "b.md").documents  # what needs no process is read


def test_limits_come_from_the_settings_and_are_those_of_the_readers(tmp_path: Path) -> None:
    assert ReadingSettings().limits() == Limits()
    (tmp_path / "a.zip").write_bytes(hostile.zipped({"a.md": "Kot śpi.", "b.md": "Pies."}))
    settings = Settings(index=tmp_path / "index", reading={"members": 1})  # type: ignore[arg-type]
    with pytest.raises(SourceError, match=r"has more than 1 files in it; split it .* or raise the limit \(reading\)"):
        KnowledgeBase.build([tmp_path / "a.zip"], settings=settings, encoder=FakeEncoder())


@pytest.mark.parametrize(
    ("limits", "name", "content", "reason"),
    [
        ({"elements": 2}, "a.md", "a\n\nb\n\nc", "has more than 2 paragraphs, items and rows"),
        ({"characters": 10}, "a.txt", "Kot śpi na płocie.", "has more than 10 characters"),
        ({"text_megabytes": 0}, "a.txt", "Kot śpi.", "above the limit of 0 MB"),
    ],
)
def test_every_limit_is_named_when_it_is_reached(
    tmp_path: Path, limits: dict[str, int], name: str, content: str, reason: str
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(SourceError, match=reason):
        read_document(tmp_path / name, limits=Limits(**limits))


def test_a_hostile_file_among_good_ones_stops_none_of_them(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "a.md").write_text("Kot śpi.", encoding="utf-8")
    (folder / "b.zip").write_bytes(hostile.zipped({"a.txt": b"\0" * 250_000_000}))
    (folder / "c<img src=x onerror=alert(1)>.md").write_text("Pies biega.", encoding="utf-8")
    hostile.WRITERS["docx"](folder / "d.docx", "pl")
    base = KnowledgeBase.build([folder], tmp_path / "index", encoder=FakeEncoder())
    assert len(base.documents()) == 3
    assert [os.path.basename(item.path) for item in base.last_change.skipped] == ["b.zip"]
    assert not any(set("<>") & set(document.id) for document in base.documents())
