"""Files encrypted by real programs, and PDFs some of whose pages are pictures: what can be read, and what is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.files.sources import SourceError
from corpus.formats.pdf import _ranges
from corpus.readers import FileReader
from kb import KnowledgeBase
from tests.helpers import samples
from tests.helpers.samples import TITLES, WRITERS
from ui.locale.messages import Words
from ui.widgets.reasons import reasons

ENCRYPTED = "is encrypted with a password; save it without one"


@pytest.fixture(scope="module")
def reader() -> Iterator[FileReader]:
    """One process that reads all samples."""
    with FileReader() as opened:
        yield opened


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with samples that nobody encrypted."""
    folder = tmp_path_factory.mktemp("plain")
    for ending in ("docx", "pptx", "odt"):
        WRITERS[ending](folder / f"a.{ending}", "pl")
    return folder


def reason(reader: FileReader, path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        reader.read(path)
    return caught.value.reason


# --------------------------------------------------------------------------------------------------------- encrypted


@pytest.mark.parametrize("ending", ["docx", "pptx"])
def test_an_office_file_with_a_password_is_named_as_such(
    plain: Path, tmp_path: Path, reader: FileReader, ending: str
) -> None:
    samples.encrypt_office(plain / f"a.{ending}", tmp_path / f"a.{ending}")
    assert reason(reader, tmp_path / f"a.{ending}") == ENCRYPTED


@pytest.mark.programs("soffice")
def test_a_text_that_libreoffice_saved_with_a_password_is_named_as_such(
    plain: Path, tmp_path: Path, reader: FileReader
) -> None:
    samples.encrypt_with_libreoffice(plain / "a.odt", tmp_path / "a.odt")
    assert reason(reader, tmp_path / "a.odt") == ENCRYPTED


@pytest.mark.browser
@pytest.mark.parametrize("algorithm", ["RC4-40", "RC4-128", "AES-128", "AES-256"])
def test_a_pdf_with_a_password_is_named_as_such(tmp_path: Path, reader: FileReader, algorithm: str) -> None:
    WRITERS["pdf"](tmp_path / "plain.pdf", "pl")
    samples.encrypt_pdf(tmp_path / "plain.pdf", tmp_path / "a.pdf", algorithm)
    assert reason(reader, tmp_path / "a.pdf") == ENCRYPTED


@pytest.mark.browser
def test_a_pdf_that_only_asks_not_to_be_changed_is_read(tmp_path: Path, reader: FileReader) -> None:
    WRITERS["pdf"](tmp_path / "plain.pdf", "pl")
    samples.encrypt_pdf(tmp_path / "plain.pdf", tmp_path / "a.pdf", "AES-256", to_open=False)
    (document,) = reader.read(tmp_path / "a.pdf").documents
    assert document.title == TITLES["pl"]


def test_what_is_encrypted_in_an_archive_is_named_as_such(tmp_path: Path, reader: FileReader) -> None:
    samples.encrypt_zip(tmp_path / "a.zip", "notatki.md", "Kot śpi.")
    assert reason(reader, tmp_path / "a.zip").endswith(f"(1 skipped; {tmp_path}/a.zip/notatki.md: {ENCRYPTED})")


# ----------------------------------------------------------------------------------------------------------- scanned


@pytest.mark.browser
def test_pages_that_are_pictures_are_named_and_the_others_read(tmp_path: Path, small_base: KnowledgeBase) -> None:
    samples.print_scan(tmp_path / "a.pdf", "wppnwp")
    change = small_base.add([tmp_path / "a.pdf"])
    assert [document.pages for document in small_base.documents() if document.id in change.added] == [((0, 1), (36, 5))]
    (skipped,) = change.skipped
    assert skipped.reason == (
        "no text on 3 pages (2–3, 6), only a picture; have a program for text recognition add it, such as ocrmypdf"
    )
    assert reasons(change.skipped, Words("zh-Hant"), name=skipped.path).startswith("第 2–3、6 頁是圖片，沒有文字層")


@pytest.mark.browser
def test_a_pdf_of_pictures_alone_is_a_scan(tmp_path: Path, reader: FileReader) -> None:
    samples.print_scan(tmp_path / "a.pdf", "pp")
    assert reason(reader, tmp_path / "a.pdf").startswith("is a scan: no text on its 2 pages; ")


def test_many_pages_are_told_as_ranges() -> None:
    assert _ranges([1, 2, 3, 7, 9, 10]) == ["1–3", "7", "9–10"]
    assert _ranges(range(1, 40, 2)) == [*map(str, range(1, 25, 2)), "…"]
