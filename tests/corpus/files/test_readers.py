"""Finding source files, decoding them, reading them into documents, and refusing what cannot be read."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from corpus.files.extraction import LONGEST_ID, document_id_for
from corpus.files.sources import SourceError, find_sources
from corpus.readers import read_document
from corpus.text.encodings import UndecodableError, decode

POLISH = "Dyrektor do spraw doświadczeń klienta słucha skarg, zanim zażąda wyników."
SIMPLIFIED = "客户长每周听三通投诉电话,然后才看报表。"
TRADITIONAL = "客戶長每週聽三通抱怨電話,然後才看報表。"


ENDINGS_READ = ".md, .txt, .html, .htm, .pdf, .docx, .pptx, .odt, .epub, .csv, .jsonl and .zip"


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


# ----------------------------------------------------------------------------------------------------- encodings


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        (POLISH, "utf-8", "utf-8"),
        (POLISH, "utf-8-sig", "utf-8"),
        (POLISH, "utf-16", "utf-16-le"),
        (POLISH, "utf-16-le", "utf-16-le"),
        (POLISH, "utf-16-be", "utf-16-be"),
        (POLISH, "utf-32", "utf-32-le"),
        (POLISH, "cp1250", "cp1250"),
        (POLISH, "iso-8859-2", "iso-8859-2"),
        (POLISH, "cp852", "cp852"),
        ("Są małe.", "cp852", "cp852"),  # in Windows-1250 the first letter would be a capital one
        ("SĄ MAŁE.", "cp1250", "cp1250"),
        (SIMPLIFIED, "gb18030", "gb18030"),
        (SIMPLIFIED, "gb2312", "gb18030"),
        (SIMPLIFIED, "utf-16-le", "utf-16-le"),
        (TRADITIONAL, "big5", "cp950"),
        (TRADITIONAL, "gb18030", "gb18030"),
        (TRADITIONAL, "utf-16-be", "utf-16-be"),
        ("唔好嘅服務,客人係唔會再嚟。", "big5hkscs", "big5hkscs"),
        ("plain ASCII", "ascii", "utf-8"),
    ],
)
def test_an_encoding_is_recognised_from_one_sentence(text: str, encoding: str, found: str) -> None:
    decoded = decode(text.encode(encoding))
    assert (decoded.text, decoded.encoding) == (text, found)


def test_polish_in_mazovia_is_recognised_though_python_has_no_codec_for_it() -> None:
    decoded = decode(b"Za\xa7\xa2\x92\x8d g\x91\x9el\x86 ja\xa6\xa4, \xa1\x9c\xa3\x95.")
    assert (decoded.text, decoded.encoding) == ("Zażółć gęślą jaźń, ŻŁÓĆ.", "mazovia")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("客户长听电话".encode() + b"\xff" + "再看报表。".encode(), "is UTF-8 but broken at byte 18"),
        (b"\xff\xfea\x00\x00\xd8a\x00", "begins with the mark of UTF-16-LE but is broken at byte 4"),
        (bytes(range(0x80, 0x100)) * 4, "UTF-8 fails at byte 0, and read as utf-16-le, .*iso-8859-2 it makes no text"),
        (b"\x01\x02\x00\x03\x00\x00\x7f" * 9, "looks binary: it has a NUL at byte 2"),
    ],
)
def test_undecodable_bytes_are_refused_with_their_place(data: bytes, message: str) -> None:
    with pytest.raises(UndecodableError, match=message):
        decode(data)


# ------------------------------------------------------------------------------------------------------- finding


def test_folders_are_walked_sorted_and_unknown_endings_skipped_with_their_reason(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.MD", "a/y.md", ".hidden.txt", ".git/x.txt", "c.rtf", "README"):
        write(tmp_path, name, "x")
    found, skipped = find_sources([tmp_path])
    assert [str(path.relative_to(tmp_path)) for path in found] == ["a/y.md", "a/z.MD", "b.txt"]
    assert [(item.path, item.reason) for item in skipped] == [
        (str(tmp_path / "README"), f"it has no ending; only {ENDINGS_READ} are read"),
        (str(tmp_path / "c.rtf"), f"the ending .rtf is unknown; only {ENDINGS_READ} are read"),
    ]


def test_a_named_file_of_unknown_ending_is_skipped_beside_others_and_refused_alone(tmp_path: Path) -> None:
    text, picture = write(tmp_path, "a.txt", "x"), write(tmp_path, "b.png", "x")
    assert find_sources([str(text), str(picture)])[0] == [text]
    with pytest.raises(
        SourceError, match=r"b\.png: the ending \.png is unknown; only \.md, \.txt, .* and \.zip are read"
    ):
        find_sources([picture])


def test_what_does_not_exist_and_folders_without_a_source_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"nowhere: does not exist"):
        find_sources([tmp_path / "nowhere"])
    with pytest.raises(SourceError, match=r"holds no source: no \.md, \.txt, .* or \.zip file in it$"):
        find_sources([tmp_path])
    write(tmp_path, "a.doc", "x")
    with pytest.raises(SourceError, match=r"\(1 skipped; .*a\.doc: the ending \.doc is unknown"):
        find_sources([tmp_path])


def test_link_loops_end_a_file_reached_twice_counts_once_and_dead_links_and_pipes_are_skipped(tmp_path: Path) -> None:
    text = write(tmp_path, "sub/a.txt", "x")
    (tmp_path / "sub" / "loop").symlink_to(tmp_path)
    (tmp_path / "dead.txt").symlink_to(tmp_path / "gone.txt")
    os.mkfifo(tmp_path / "pipe.txt")
    found, skipped = find_sources([tmp_path, text])
    assert found == [text]
    assert [(Path(passed.path).name, passed.reason) for passed in skipped] == [
        ("dead.txt", "is a link that leads nowhere"), ("pipe.txt", "is not a regular file"),
    ]  # fmt: skip


# ----------------------------------------------------------------------------------------------------------- ids


@pytest.mark.parametrize(
    ("name", "identity"),
    [
        ("cxo-a-cmo.md", "cxo-a-cmo"),
        ("Raport  2024 (wersja 2).txt", "Raport-2024-wersja-2"),
        ("książka żółta.txt", "książka-żółta"),
        ("客户长.txt", "客户长"),
        ("--rebuild.txt", "rebuild"),
        ("a\nb\tc.txt", "a-b-c"),
        ("....txt", "document"),
        ("!!!.md", "document"),
        ("v1.2.notes", "v1.2.notes"),
        ("k\u0306.txt", "k"),
    ],
)
def test_ids_are_readable_and_fit_for_a_command_line(name: str, identity: str) -> None:
    assert document_id_for(Path(name)) == identity


def test_long_names_that_begin_alike_get_ids_of_their_own() -> None:
    first, second = (document_id_for(Path("a" * 100 + end + ".txt")) for end in "xy")
    assert len(first) == len(second) == LONGEST_ID
    assert first != second


# ------------------------------------------------------------------------------------------------------- reading


MARKDOWN = """---
id: rola-cco
title: Rola CCO
language: pl
date: 2024-05-06
restates: {title: Czym jest CCO, publisher: Przykład}
source: https://example.org/cco
tags: [cx, 2024-01-01]
---
# Rola **CCO**

Dyrektor słucha [klientów](https://example.org "tytuł") i
liczy ich wartość.<!-- uwaga -->
客户长听电话,
也看报表。

![wykres](x.png)

<div>surowy html</div>

* słucha
  1. skarg
  2. pochwał
* liczy

| Miara | Cel |
|---|---|
| NPS | 50 |

> Cytat z *rozmowy*.
"""


def test_markdown_becomes_text_without_its_markup(tmp_path: Path) -> None:
    document = read_document(write(tmp_path, "any.md", MARKDOWN))
    assert document.text == (
        "Rola CCO\n\nDyrektor słucha klientów i liczy ich wartość. 客户长听电话,也看报表。\n\n"
        "- słucha\n  1. skarg\n  2. pochwał\n- liczy\n\nMiara | Cel\nNPS | 50\n\nCytat z rozmowy."
    )
    assert [(b.kind, b.level, document.text[b.start : b.end]) for b in document.blocks] == [
        ("heading", 1, "Rola CCO"),
        ("paragraph", 0, "Dyrektor słucha klientów i liczy ich wartość. 客户长听电话,也看报表。"),
        ("item", 1, "słucha"), ("item", 2, "skarg"), ("item", 2, "pochwał"), ("item", 1, "liczy"),
        ("row", 0, "Miara | Cel"), ("row", 0, "NPS | 50"), ("paragraph", 0, "Cytat z rozmowy."),
    ]  # fmt: skip
    assert (document.id, document.title, document.language, document.date) == (
        "rola-cco",
        "Rola CCO",
        "pl",
        "2024-05-06",
    )
    assert document.source == "https://example.org/cco"
    assert json.loads(json.dumps(document.metadata)) == {
        "id": "rola-cco",
        "restates": {"title": "Czym jest CCO", "publisher": "Przykład"},
        "source": "https://example.org/cco",
        "tags": ["cx", "2024-01-01"],
    }


@pytest.mark.parametrize(
    ("name", "text", "title"),
    [
        ("a.md", "Wstęp jest krótki i jasny.\n\n# Właściwy tytuł\n\nTreść tekstu.", "Właściwy tytuł"),
        ("a.txt", f"服务的温度\n\n{SIMPLIFIED}", "服务的温度"),
        ("a.txt", f"讲义.ppt\n\n{SIMPLIFIED}", "讲义"),
        ("notatki.txt", POLISH, "notatki"),
        ("003_0123456789abcdef.txt", POLISH, "Dyrektor do spraw doświadczeń klienta sł…"),
    ],
)
def test_a_title_is_found(tmp_path: Path, name: str, text: str, title: str) -> None:
    assert read_document(write(tmp_path, name, text)).title == title


def test_an_id_given_wins_over_front_matter_and_that_over_the_name(tmp_path: Path) -> None:
    path = write(tmp_path, "name.md", "---\nid: front\n---\nTreść tekstu.")
    assert [read_document(path, document_id=given).id for given in ("given", None)] == ["given", "front"]
    assert read_document(write(tmp_path, "name2.md", "Treść tekstu.")).id == "name2"


@pytest.mark.parametrize(("text", "tag"), [(POLISH, "pl"), (SIMPLIFIED, "zh-Hans"), (TRADITIONAL, "zh-Hant")])
def test_language_is_detected_where_front_matter_does_not_say(tmp_path: Path, text: str, tag: str) -> None:
    assert read_document(write(tmp_path, "a.txt", text)).language == tag
    assert read_document(write(tmp_path, "b.md", f"---\nlanguage: zh-TW\n---\n{text}")).language == "zh-Hant"


@pytest.mark.parametrize(
    ("front", "message"),
    [
        ("title: [a", r"line 3: broken YAML"),
        ("title: a\n\tb: c", r"line 3: broken YAML"),
        ("- a\n- b", r"line 2: the front matter must be `key: value` lines, not a list"),
        ("title: a\nid: 7", r"line 3: id must be a string, not 7; put it in quotes"),
        ("id: a/b", r"line 2: the id 'a/b' does not do on a command line; write 'a-b'"),
        ("title: x\nlanguage: klingon", r"line 3: unknown language 'klingon'; write one of zh-Hans, zh-Hant, pl, en"),
        ("a: &x [1]\nb: *x", r"line 3: broken YAML: aliases are not read"),
        ("a: " + "[" * 3000, r"line 2: broken YAML: nested too deep"),
        ("a: !!python/name:os.system x", r"line 2: broken YAML: could not determine a constructor"),
    ],
)
def test_broken_front_matter_is_refused_with_its_line(tmp_path: Path, front: str, message: str) -> None:
    path = write(tmp_path, "a.md", f"---\n{front}\n---\nTreść tekstu.")
    with pytest.raises(SourceError, match=rf"a\.md: {message}") as caught:
        read_document(path)
    assert "\n" not in str(caught.value)
    assert (caught.value.path, str(caught.value)) == (str(path), f"{path}: {caught.value.reason}")


def test_front_matter_that_is_never_closed_is_refused_but_a_rule_is_a_rule(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="line 1: the front matter opened here is never closed"):
        read_document(write(tmp_path, "a.md", "---\ntitle: a\n\nTreść tekstu."))
    assert read_document(write(tmp_path, "b.md", "---\n\nTreść tekstu.")).text == "Treść tekstu."


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.txt", b"", "is empty"),
        ("a.txt", b" \n\t\n", "is empty"),
        ("a.txt", "\ufeff \u3000\n".encode(), "is empty"),
        ("a.md", b"---\ntitle: a\n---\n", "is empty once menus and other page furniture are gone"),
        (
            "a.txt",
            "首页 | 登录 | 注册\n备案号:宁ICP备1号".encode(),
            "is empty once menus and other page furniture are gone",
        ),
        ("a.txt", b"%PDF-1.7 \x00\x01", "looks like a PDF, not like plain text; give it the ending of what it is"),
        ("a.md", b"PK\x03\x04\x14\x00", "looks like a zip archive or an Office file, not like Markdown"),
        ("a.txt", b"\x89PNG\r\n\x1a\n\x00", "looks like a PNG image, not like plain text"),
        ("a.txt", b"abc\x00def\x01\x02", r"looks binary: it has a NUL at byte 3"),
        ("a.txt", "客户长听电话".encode()[:-1] + b"abc", "is UTF-8 but broken at byte 15"),
        ("a.pdf", b"text", "is not a PDF, or damaged: it begins with other bytes"),
        ("a.rtf", b"text", r"the ending \.rtf is unknown; only \.md, \.txt, .* and \.zip are read"),
    ],
)
def test_files_without_readable_text_are_refused_in_one_line(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    path = write(tmp_path, name, content)
    with pytest.raises(SourceError, match=rf"^{path}: {reason}") as caught:
        read_document(path)
    assert "\n" not in str(caught.value)


def test_a_file_above_the_limit_is_refused_with_both_sizes(tmp_path: Path) -> None:
    path = tmp_path / "big.txt"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(SourceError, match=r"has 50\.0 MB, above the limit of 20 MB; split it into smaller files"):
        read_document(path)


def test_files_that_cannot_be_opened_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "folder.txt"
    folder.mkdir()
    with pytest.raises(SourceError, match="is a folder"):
        read_document(folder)
    with pytest.raises(SourceError, match=r"gone\.txt: does not exist"):
        read_document(tmp_path / "gone.txt")
    path = write(tmp_path, "a.txt", POLISH)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SourceError, match=r"a\.txt: no permission to read it"):
        read_document(path)


def test_an_error_about_a_file_with_a_strange_name_is_one_printable_line(tmp_path: Path) -> None:
    path = write(tmp_path, "a\nb\udcff.txt", b"")
    with pytest.raises(SourceError) as caught:
        read_document(path)
    assert str(caught.value) == f"{tmp_path}/a\\nb\\udcff.txt: is empty"


@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_every_block_spans_its_words_in_order(tmp_path: Path, name: str) -> None:
    page = f"Tytuł strony\n\n{POLISH}\n\n- pierwszy\n- drugi\n\n{SIMPLIFIED}\n\n1. raz\n2. dwa\n"
    document = read_document(write(tmp_path, name, page))
    ends = [0, *(block.end for block in document.blocks)]
    assert all(before <= block.start < block.end for before, block in zip(ends, document.blocks, strict=False))
    words = [document.text[block.start : block.end] for block in document.blocks]
    assert words == ["Tytuł strony", POLISH, "pierwszy", "drugi", SIMPLIFIED, "raz", "dwa"]
    assert len(document.digest) == 64
