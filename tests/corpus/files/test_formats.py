"""Files of every format, made by real writers and read back word for word; and what is wrong with those that fail."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from html import escape
from pathlib import Path

import pytest

from corpus.documents import Document
from corpus.files.sources import SourceError
from corpus.formats import html
from corpus.formats.hypertext import Walk
from corpus.readers import FileReader, read_document
from kb import KnowledgeBase, Settings
from tests.helpers.fakes import FakeEncoder
from tests.helpers.samples import (
    HEADINGS,
    ITEMS,
    LANGUAGES,
    PARAGRAPHS,
    ROWS,
    TITLES,
    WRITERS,
    body,
    print_pdf,
    run,
    text_of,
)

WHOLE = ("docx", "odt", "html", "epub")


@pytest.fixture(scope="module")
def reader() -> FileReader:
    """One process that reads all samples."""
    with FileReader() as opened:
        yield opened


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory, reader: FileReader) -> dict[str, Document]:
    """Every format in every language, read back; without the PDFs, which need Chromium."""
    folder, found = tmp_path_factory.mktemp("samples"), {}
    for ending, write in WRITERS.items():
        for language in LANGUAGES if ending != "pdf" else ():
            path = folder / f"{language}.{ending}"
            write(path, language)
            (found[f"{ending} {language}"],) = reader.read(path).documents
    return found


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory, reader: FileReader, chromium: str) -> dict[str, Document]:
    """What Chromium prints, read back."""
    folder, found = tmp_path_factory.mktemp("printed"), {}
    for language in ("pl", "zh-Hans"):
        WRITERS["pdf"](folder / f"{language}.pdf", language)
        (found[language],) = reader.read(folder / f"{language}.pdf").documents
    return found


def kinds(document: Document) -> list[str]:
    return [block.kind for block in document.blocks]


# ------------------------------------------------------------------------------------------------- word for word


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("ending", WHOLE)
def test_a_file_is_read_back_word_for_word(samples: dict[str, Document], ending: str, language: str) -> None:
    document = samples[f"{ending} {language}"]
    assert document.text == text_of(language)
    assert kinds(document) == ["heading", "paragraph", "heading", "item", "item", "paragraph", "row", "row", "row"]
    assert [(section.title, section.level) for section in document.sections] == [
        (TITLES[language], 1),
        (HEADINGS[language], 2),
    ]
    assert (document.title, document.language, document.pages) == (TITLES[language], language, ())


@pytest.mark.parametrize("language", LANGUAGES)
def test_slides_keep_their_numbers_titles_notes_and_tables(samples: dict[str, Document], language: str) -> None:
    document = samples[f"pptx {language}"]
    rows = "\n".join(" | ".join(row) for row in ROWS[language])
    items = "\n".join(f"- {item}" for item in ITEMS[language])
    first, second = PARAGRAPHS[language]
    assert document.text == "\n\n".join([TITLES[language], first, HEADINGS[language], items, second, rows])
    assert [number for _, number in document.pages] == [1, 2, 3]
    places = [document.text.index(words) for words in (first, ITEMS[language][1], ROWS[language][2][2])]
    assert [document.page_at(place) for place in places] == [1, 2, 3]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_question_of_pairs_heads_a_section_of_its_answer(samples: dict[str, Document], language: str) -> None:
    document = samples[f"jsonl {language}"]
    headings = (TITLES[language], HEADINGS[language])
    assert [section.title for section in document.sections] == list(headings)
    assert document.text == "\n\n".join(w for pair in zip(headings, PARAGRAPHS[language], strict=True) for w in pair)


@pytest.mark.parametrize("language", ["pl", "zh-Hans"])
def test_a_printed_page_is_read_back_with_whole_paragraphs(printed: dict[str, Document], language: str) -> None:
    document = printed[language]
    words = [document.text[block.start : block.end] for block in document.blocks]
    wanted = [TITLES[language], PARAGRAPHS[language][0], HEADINGS[language], *ITEMS[language], PARAGRAPHS[language][1]]
    wanted += [" | ".join(row) for row in ROWS[language]]
    for number in range(20):
        wanted += [f"{number}. {HEADINGS[language]}", PARAGRAPHS[language][number % 2]]
    # The number of a heading is its marker; all else stands as it was printed, once each and in order, and without the
    # date, address and number at the top and foot of every page.
    assert [re.sub(r"^\d+\. ", "", w) for w in words] == [re.sub(r"^\d+\. ", "", w) for w in wanted]


def test_every_place_of_a_printed_text_knows_its_page(printed: dict[str, Document]) -> None:
    document = printed["pl"]
    numbers = [number for _, number in document.pages]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 3
    assert (document.page_at(0), document.page_at(len(document.text) - 1)) == (1, numbers[-1])
    # Some paragraph of the two samples runs over the end of a page: the page turns within its words.
    ends = {start for sample in printed.values() for start, _ in sample.pages[1:]}
    blocks = {block.start for sample in printed.values() for block in sample.blocks}
    assert ends - blocks


@pytest.mark.browser
@pytest.mark.parametrize("language", ["pl", "zh-Hant"])
def test_columns_hyphens_and_indents_leave_paragraphs_whole(tmp_path: Path, reader: FileReader, language: str) -> None:
    first, second = PARAGRAPHS[language]
    wanted = [f"§{number}: {(first, second)[number % 2]}" for number in range(24)]
    shown = [re.sub(r"([^\W\d_A-Z]{3})(?=[a-ząćęłńóśźż]{3})", "\\1\u00ad", escape(words)) for words in wanted]
    style = 'body{font:11pt "Noto Serif CJK TC",serif;columns:2;text-align:justify}p{text-indent:2em;margin:0}'
    print_pdf(tmp_path / "a.pdf", "".join(f"<p>{words}</p>" for words in shown), style)
    (document,) = reader.read(tmp_path / "a.pdf").documents
    assert [document.text[block.start : block.end] for block in document.blocks] == wanted


def test_the_page_stands_in_the_citation(tmp_path: Path) -> None:
    import pptx

    presentation = pptx.Presentation()
    for words in ("Koty śpią szesnaście godzin.", "Psy biegają rano.", "Ryby pływają w stawie."):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.placeholders[1].text = words
    presentation.save(str(tmp_path / "zwierzęta.pptx"))
    settings = Settings(index=tmp_path / "index", answer={"refuse_below": 0.0})  # type: ignore[arg-type]
    base = KnowledgeBase.build([tmp_path / "zwierzęta.pptx"], settings=settings, encoder=FakeEncoder())
    again = KnowledgeBase.open(settings=settings, encoder=FakeEncoder())
    for opened in (base, again):
        pages = {citation.quote: citation.page for citation in opened.ask("Gdzie pływają ryby?").citations}
        assert pages["Ryby pływają w stawie."] == 3


# ------------------------------------------------------------------------------------------------------ more writers


@pytest.mark.programs("pandoc")
@pytest.mark.parametrize("ending", ["docx", "odt", "epub", "html"])
def test_what_pandoc_writes_is_read_back(tmp_path: Path, reader: FileReader, ending: str) -> None:
    source = tmp_path / "source.html"
    source.write_text(f"<html><body>{body('zh-Hans')}</body></html>", encoding="utf-8")
    run("pandoc", "-s", "--metadata=pagetitle:x", str(source), "-o", str(tmp_path / f"made.{ending}"))
    (document,) = reader.read(tmp_path / f"made.{ending}").documents
    assert document.text == text_of("zh-Hans")


@pytest.mark.programs("soffice")
@pytest.mark.parametrize("ending", ["docx", "odt", "pdf"])
def test_what_libreoffice_writes_is_read_back(
    tmp_path: Path, samples: dict[str, Document], reader: FileReader, ending: str
) -> None:
    WRITERS["docx"](tmp_path / "made.docx", "pl")
    out = tmp_path / "out"
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    run("soffice", profile, "--headless", "--convert-to", ending, "--outdir", str(out), str(tmp_path / "made.docx"))
    (document,) = reader.read(out / f"made.{ending}").documents
    for words in (TITLES["pl"], *PARAGRAPHS["pl"], *ITEMS["pl"], *(" | ".join(row) for row in ROWS["pl"])):
        assert words in document.text


# -------------------------------------------------------------------------------------------------- one at a time


def pieces(markup: str) -> list[tuple[str, str]]:
    tree = html.tree_of(f"<html><body>{markup}</body></html>")
    return [(piece.kind, piece.text) for piece in Walk(skip_furniture=True).run(tree)]


@pytest.mark.parametrize(
    ("markup", "found"),
    [
        ("<h2><a name='x'></a>\nSłowa po kotwicy</h2>", [("heading", "Słowa po kotwicy")]),
        ("<p>客户\n声音<b>很</b>重要</p>", [("paragraph", "客户声音很重要")]),
        ("<p>ile\n  waży <i>klient</i>?</p>", [("paragraph", "ile waży klient?")]),
        ("<p>raz<br>dwa<br><br>trzy</p>", [("paragraph", "raz dwa"), ("paragraph", "trzy")]),
        ("<div>goły tekst<p>akapit</p>ogon</div>", [("paragraph", w) for w in ("goły tekst", "akapit", "ogon")]),
        ("<ol start=3><li>c<ul><li>d</ul><li>e</ol>", [("item", "c"), ("item", "d"), ("item", "e")]),
        ("<p>a<script>x()</script>b<!-- c -->d<style>e</style></p>", [("paragraph", "abd")]),
        ("<p style='display: none'>ukryte</p><p hidden>też</p><p>widać</p>", [("paragraph", "widać")]),
        ("<ruby>客<rt>kè</rt></ruby>", [("paragraph", "客")]),
        ("<table><tr><td><p>a</p><p>b</p></td><td>c</td></tr></table>", [("row", "a b | c")]),
        ("<table><tr><td><h2>t</h2>x</td></tr></table>", [("heading", "t"), ("paragraph", "x")]),
        ("<table><tr>goło<td>a</td></tr></table>", [("paragraph", "goło"), ("paragraph", "a")]),
        ("<table><tr><p>bez komórki</p></tr></table>", [("paragraph", "bez komórki")]),
        ("<table><caption>c</caption><thead><tr><th>a<th>b</thead></table>", [("paragraph", "c"), ("row", "a | b")]),
        ("<pre>jeden\ndwa</pre>", [("paragraph", "jeden"), ("paragraph", "dwa")]),
        ("<p>&lt;b&gt; &amp;amp; &nbsp; x</p>", [("paragraph", "<b> &amp; x")]),
    ],
)
def test_markup_becomes_pieces(markup: str, found: list[tuple[str, str]]) -> None:
    assert pieces(markup) == found


def test_a_page_in_an_old_encoding_is_read_as_it_says(tmp_path: Path, reader: FileReader) -> None:
    page = f"<html><head><meta charset='big5'></head><body><p>{PARAGRAPHS['zh-Hant'][1]}</p></body></html>"
    (tmp_path / "old.htm").write_bytes(page.encode("cp950"))
    assert reader.read(tmp_path / "old.htm").documents[0].text == PARAGRAPHS["zh-Hant"][1]


@pytest.mark.parametrize(
    ("delimiter", "header"), [(",", ("Question", "Answer")), (";", ("Pytanie", "Odpowiedź")), ("\t", ("問題", "答案"))]
)
def test_csv_pairs_are_found_whatever_parts_the_columns(
    tmp_path: Path, delimiter: str, header: tuple[str, str]
) -> None:
    out = io.StringIO()
    rows = [
        (header[0], "nr", header[1]),
        ("Ile klientów, i kto?", "1", "Stu.\nDwustu; nie więcej."),
        ("A bez?", "2", ""),
    ]
    csv.writer(out, delimiter=delimiter).writerows(rows)
    (tmp_path / "a.csv").write_text(out.getvalue(), encoding="utf-8-sig")
    document = read_document(tmp_path / "a.csv")
    assert document.text == "Ile klientów, i kto?\n\nStu.\n\nDwustu; nie więcej."
    assert kinds(document) == ["heading", "paragraph", "paragraph"]


def test_csv_without_pairs_becomes_rows_that_name_their_columns(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Rok;NPS;Odejścia\n2023;31;12,5%\n2024;;8,1%\n", encoding="utf-8")
    text = read_document(tmp_path / "a.csv").text
    assert text == "Rok: 2023 | NPS: 31 | Odejścia: 12,5%\nRok: 2024 | Odejścia: 8,1%"


def test_csv_of_two_columns_without_a_header_is_pairs_where_the_first_asks(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("谁负责？,客户长。\n多久一次？,每季度。\n", encoding="gb18030")
    assert read_document(tmp_path / "a.csv").text == "谁负责？\n\n客户长。\n\n多久一次？\n\n每季度。"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", r"line 2: no JSON"),
        ("[1]", r"line 2: expected an object such as"),
        ('{"question": "a", "reason": "b"}', r"line 2: has no answer; its keys are question, reason"),
    ],
)
def test_a_broken_pair_is_named_by_its_line(tmp_path: Path, line: str, message: str) -> None:
    (tmp_path / "a.jsonl").write_text(f'{{"question": "a", "answers": ["b"]}}\n{line}\n')
    with pytest.raises(SourceError, match=message):
        read_document(tmp_path / "a.jsonl")


def test_word_files_keep_notes_boxes_numbers_and_leave_out_what_was_deleted(tmp_path: Path, reader: FileReader) -> None:
    import docx
    from docx.oxml import parse_xml

    names = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    document = docx.Document()
    document.add_paragraph("Pierwszy krok", style="List Number")
    document.add_paragraph("Drugi krok", style="List Number")
    for markup in (
        "<w:r><w:t>Zostaje</w:t></w:r><w:del><w:r><w:delText>skreślone</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t xml:space='preserve'> i dodane</w:t><w:br/><w:t>dalej</w:t></w:r></w:ins>"
        "<w:r><w:tab/><w:t>tu</w:t></w:r>",
        "<w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:t>客户</w:t><w:br/><w:t>声音</w:t></w:r>",
        "<w:r><w:pict><w:txbxContent><w:p><w:r><w:t>W ramce</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>",
    ):
        document.element.body.insert(-1, parse_xml(f"<w:p {names}>{markup}</w:p>"))
    document.save(str(tmp_path / "a.docx"))
    (found,) = reader.read(tmp_path / "a.docx").documents
    assert found.text == "1. Pierwszy krok\n2. Drugi krok\n\nZostaje i dodane dalej tu\n\n客户声音\n\nW ramce"


# --------------------------------------------------------------------------------------------------------- archives


def zipped(path: Path, parts: dict[str, bytes | str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def test_an_archive_is_as_many_documents_as_it_holds(tmp_path: Path, reader: FileReader) -> None:
    WRITERS["docx"](tmp_path / "inner.docx", "pl")
    inner = (tmp_path / "inner.docx").read_bytes()
    path = zipped(
        tmp_path / "a.zip",
        {
            "b/notatki.md": "Kot śpi.",
            "rola.docx": inner,
            "zdjęcie.png": b"\x89PNG",
            "__MACOSX/x.md": "x",
            "pusty.txt": "",
            "../../etc/wyjście.md": "Pies biega.",
            "inne.zip": b"PK\x05\x06",
        },
    )
    reading = reader.read(path)
    assert {d.member: d.text.split("\n")[0] for d in reading.documents} == {
        "b/notatki.md": "Kot śpi.",
        "etc/wyjście.md": "Pies biega.",
        "rola.docx": TITLES["pl"],
    }
    assert {d.path for d in reading.documents} == {str(path)}
    assert {Path(s.path).name: s.reason.split(";")[0] for s in reading.skipped} == {
        "inne.zip": "is an archive in an archive",
        "pusty.txt": "is empty",
        "zdjęcie.png": "the ending .png is unknown",
    }


def test_names_of_an_archive_from_a_chinese_or_polish_machine_are_read(tmp_path: Path, reader: FileReader) -> None:
    name = "客户长的职责与权限.md"
    path = zipped(tmp_path / "a.zip", {"x" * len(name.encode("gb18030")): "客户长听投诉。"})
    data = path.read_bytes().replace(b"x" * len(name.encode("gb18030")), name.encode("gb18030"))
    path.write_bytes(data)
    assert [document.member for document in reader.read(path).documents] == [name]


# ------------------------------------------------------------------------------------------------ what is wrong


SCAN = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R>>endobj\n"
    b"4 0 obj<</Length 12>>stream\n0 0 50 50 re\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.pdf", SCAN, "is a scan: no text on its 1 page; have a program for text recognition add it"),
        ("a.pdf", b"%PDF-1.7\n" + b"\x00" * 99, "is damaged: no whole PDF"),
        (
            "a.docx",
            b"\xd0\xcf\x11\xe0" + b"\0" * 99,
            "is a file of an old Office; open it and save it in today's format",
        ),
        ("a.docx", b"PK\x03\x04" + b"\0" * 99, "is damaged: no whole zip archive"),
        ("a.pptx", b"<html>", "is not a PowerPoint file, or damaged: it begins with other bytes"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(
    tmp_path: Path, reader: FileReader, name: str, content: bytes, reason: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=re.escape(reason)) as caught:
        reader.read(tmp_path / name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("ending", ["docx", "pptx", "odt", "epub"])
def test_a_file_cut_off_or_of_another_kind_is_damaged(tmp_path: Path, reader: FileReader, ending: str) -> None:
    WRITERS[ending](tmp_path / f"a.{ending}", "pl")
    data = (tmp_path / f"a.{ending}").read_bytes()
    other = zipped(tmp_path / "other.zip", {"a.txt": "x"}).read_bytes()
    for content in (data[: len(data) // 2], other):
        (tmp_path / f"a.{ending}").write_bytes(content)
        with pytest.raises(SourceError, match="is damaged"):
            reader.read(tmp_path / f"a.{ending}")


def test_a_book_that_is_encrypted_against_copying_is_named_as_such(tmp_path: Path, reader: FileReader) -> None:
    reference = '<e:CipherReference URI="OEBPS/text/one%201.xhtml"/>'
    WRITERS["epub"](tmp_path / "a.epub", "pl")
    with zipfile.ZipFile(tmp_path / "a.epub", "a") as archive:
        archive.writestr(
            "META-INF/encryption.xml",
            f'<encryption xmlns:e="http://www.w3.org/2001/04/xmlenc#">{reference}</encryption>',
        )
    with pytest.raises(SourceError, match="is encrypted against copying"):
        reader.read(tmp_path / "a.epub")


def test_a_missing_library_names_the_line_that_installs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from corpus.files.extraction import documents_in
    from corpus.limits import Limits

    WRITERS["docx"](tmp_path / "a.docx", "pl")
    monkeypatch.setitem(__import__("sys").modules, "docx", None)
    with pytest.raises(SourceError, match=r"needs python-docx, .*; type: pip install 'cco-kb\[files\]'"):
        documents_in(tmp_path / "a.docx", (tmp_path / "a.docx").read_bytes(), Limits())
