"""Files that mean harm, each made in memory; `server` is an address on this machine that nothing may call."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from tests.helpers.samples import WRITERS

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghij", "bcdefghijk", strict=True))
    + "]>"
)
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def zipped(parts: dict[str, bytes | str], *, compressed: bool = True) -> bytes:
    """Return an archive of some parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def replaced(sample: str, folder: Path, **changed: bytes | str) -> bytes:
    """Return a sample file with some of its parts (`/` and `.` written `__` and `_`) given other contents or added."""
    path = folder / f"sample.{sample}"
    WRITERS[sample](path, "pl")
    with zipfile.ZipFile(path) as archive:
        parts: dict[str, bytes | str] = {name: archive.read(name) for name in archive.namelist()}
    names = {name.replace("/", "__").replace(".", "_").replace(" ", "_"): name for name in parts}
    return zipped(parts | {names.get(name, name): content for name, content in changed.items()})


def pdf(objects: list[bytes]) -> bytes:
    """Return a PDF of some objects, the first of which is its catalogue."""
    body = b"".join(b"%d 0 obj%sendobj\n" % (number, content) for number, content in enumerate(objects, 1))
    return b"%PDF-1.7\n" + body + b"trailer<</Root 1 0 R>>\n%%EOF"


def pdf_page(stream: bytes, *more: bytes, page: bytes = b"") -> bytes:
    """Return a PDF of one page with a compressed content stream."""
    packed = zlib.compress(stream)
    return pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R"
            b"/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>" + page + b">>",
            b"<</Length %d/Filter/FlateDecode>>stream\n" % len(packed) + packed + b"\nendstream ",
            *more,
        ]
    )


def lying_zip() -> bytes:
    """Return an archive whose member says that it is small and unpacks to 100 MB."""
    data = bytearray(zipped({"a.txt": b"kot " * 25_000_000}))
    for signature, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.rindex(signature) + place
        data[at : at + 4] = struct.pack("<I", 1000)
    return bytes(data)


def linked_zip() -> bytes:
    """Return an archive with a symbolic link to a file of the machine, and names that climb."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("../../../../tmp/climbed.md", "Kot się wspina.")
        archive.writestr("/tmp/absolute.md", "Pies biega.")
        archive.writestr("C:\\tmp\\windows.md", "Ryba pływa.")
    return out.getvalue()


def page_that_calls(server: str) -> str:
    """Return HTML that would run and fetch in every way that a browser knows."""
    return (
        f'<html><head><base href="{server}/base/"><link rel=stylesheet href="{server}/css"><meta http-equiv=refresh '
        f'content="0;url={server}/refresh"><script src="{server}/js"></script><script>document.title="stolen"</script>'
        f"</head><body onload=\"fetch('{server}/onload')\"><p>Kot śpi spokojnie na płocie i nikomu nie wadzi, choć "
        f'pies szczeka.</p><img src="{server}/img" onerror="alert(1)"><iframe src="{server}/frame"></iframe>'
        f'<object data="{server}/object"></object><svg><image href="{server}/svg"/></svg>'
        f'<video src="{server}/v"></video>'
        f'<p style="background:url({server}/bg)">Pies biega po podwórku od samego rana do wieczora, a kot patrzy.</p>'
        '<a href="javascript:alert(1)">odnośnik</a></body></html>'
    )


def docx_that_calls(folder: Path, server: str) -> bytes:
    """Return a Word file with a remote template, picture and link."""
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relations = "".join(
        f'<Relationship Id="x{n}" Type="{kinds}/{kind}" Target="{server}/{kind}" TargetMode="External"/>'
        for n, kind in enumerate(("attachedTemplate", "image", "hyperlink", "footnotes", "oleObject"))
    )
    path = folder / "calls.docx"
    WRITERS["docx"](path, "pl")
    with zipfile.ZipFile(path) as archive:
        name = "word/_rels/document.xml.rels"
        rels = archive.read(name).decode().replace("</Relationships>", f"{relations}</Relationships>")
        return zipped({n: archive.read(n) for n in archive.namelist()} | {name: rels})


def epub_that_calls(folder: Path, server: str) -> bytes:
    """Return a book whose chapter would fetch."""
    return replaced("epub", folder, **{"OEBPS/text/one 1.xhtml": page_that_calls(server)})


def odt_that_calls(folder: Path, server: str) -> bytes:
    """Return an OpenDocument text with a remote picture."""
    picture = f'<draw:image xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xlink:href="{server}/odt"/>'
    return replaced("odt", folder, content_xml=odt(f"<text:p>Kot śpi.{picture}</text:p>"))


def odt(text: str, before: str = "") -> str:
    """Return the content of an OpenDocument text."""
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "text", "table")
    )
    return (
        f'{before}<office:document-content{spaces} xmlns:xlink="http://www.w3.org/1999/xlink"><office:body><office:text>'
        f"{text}</office:text></office:body></office:document-content>"
    )


def word(text: str, before: str = "") -> str:
    """Return the content of a Word file."""
    return f'{before}<w:document xmlns:w="{WORD}"><w:body>{text}</w:body></w:document>'


def external(uri: str = "file:///etc/passwd") -> str:
    """Return a declaration of an entity that lies elsewhere."""
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "{uri}">]>'


REFUSED: dict[str, tuple[str, Callable[[Path], bytes], str]] = {
    "zip bomb": ("zip", lambda _: zipped({"a.txt": b"\0" * 250_000_000}), "has more than 200 megabytes when unpacked"),
    "zip that lies": ("zip", lambda _: lying_zip(), "a.txt.*is damaged: a.txt cannot be unpacked"),
    "zip of many": ("zip", lambda _: zipped({f"{n}.md": "x" for n in range(3000)}), "has more than 2,000 files in it"),
    "zip in zip": ("zip", lambda _: zipped({"a.zip": zipped({"a.zip": b"PK\5\6"})}), "is an archive in an archive"),
    "docx bomb": (
        "docx",
        lambda folder: replaced("docx", folder, word__document_xml=word("<w:p/>" * 40_000_000)),
        "has more than 200 megabytes when unpacked",
    ),
    "laughs in docx": (
        "docx",
        lambda folder: replaced(
            "docx", folder, word__document_xml=word("<w:p><w:r><w:t>&k;</w:t></w:r></w:p>", LAUGHS)
        ),
        "declares XML entities in word/document.xml",
    ),
    "laughs in pptx": (
        "pptx",
        lambda folder: replaced("pptx", folder, ppt__slides__slide1_xml=LAUGHS + "<x>&k;</x>"),
        "declares XML entities in ppt/slides/slide1.xml",
    ),
    "laughs in odt": (
        "odt",
        lambda folder: replaced("odt", folder, content_xml=odt("<text:p>&k;</text:p>", LAUGHS)),
        "declares XML entities in content.xml",
    ),
    "laughs in epub": (
        "epub",
        lambda folder: replaced("epub", folder, OEBPS__book_opf=LAUGHS + "<package>&k;</package>"),
        "declares XML entities in OEBPS/book.opf",
    ),
    "laughs in UTF-16": (
        "docx",
        lambda folder: replaced("docx", folder, word__document_xml=word("&k;", LAUGHS).encode("utf-16")),
        "declares XML entities",
    ),
    "outside entity in docx": (
        "docx",
        lambda folder: replaced(
            "docx", folder, word__document_xml=word("<w:p><w:r><w:t>a &e; b</w:t></w:r></w:p>", external())
        ),
        "declares XML entities",
    ),
    "outside entity in epub": (
        "epub",
        lambda folder: replaced("epub", folder, **{"OEBPS/text/one 1.xhtml": external() + "<html>&e;</html>"}),
        "declares XML entities",
    ),
    "deep XML": (
        "odt",
        lambda folder: replaced("odt", folder, content_xml=odt("<text:section>" * 100_000)),
        "is damaged: content.xml is no whole XML",
    ),
    "deep quotes": ("md", lambda _: (b">" * 500 + b"a\n") * 4000, "has lists or quotes more than 49 deep"),
    "deep lists": (
        "md",
        lambda _: b"".join(b"  " * n + b"- a\n" for n in range(900)),
        "has lists or quotes more than 49",
    ),
    "deep tables": (
        "html",
        lambda _: b"<table><tr><td>" * 3_000 + b"a",
        "is empty|nested too deep|no HTML|longer|memory",
    ),
    "deep JSON": ("jsonl", lambda _: b"[" * 3_000_000, "line 1: no JSON"),
    "PDF of a loop": (
        "pdf",
        lambda _: pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 9999>>"]),
        "is damaged|is a scan|more than 5,000 pages",
    ),
    "PDF that unpacks": ("pdf", lambda _: pdf_page(b" " * 900_000_000), "is a scan|is damaged|memory|longer"),
    "PDF of many objects": (
        "pdf",
        lambda _: pdf_page(b"", *[b"<</A 1>>"] * 1_000_000),
        "is a scan|is damaged|memory|longer",
    ),
    "HTML that is deep": ("html", lambda _: b"<div>" * 2_000_000, "is empty|nested too deep|no HTML|longer|memory"),
}
"""Name -> ending, maker, and what the refusal says."""

READ: dict[str, tuple[str, Callable[[Path], bytes], str]] = {
    "empty paragraphs": (
        "docx",
        lambda folder: replaced(
            "docx", folder, word__document_xml=word("<w:p/>" * 300_000 + "<w:p><w:r><w:t>Kot śpi.</w:t></w:r></w:p>")
        ),
        "Kot śpi.",
    ),
    "styled empty paragraphs": (
        "docx",
        lambda folder: replaced(
            "docx",
            folder,
            word__document_xml=word(
                '<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr></w:p>' * 300_000
                + "<w:p><w:r><w:t>Kot śpi.</w:t></w:r></w:p>"
            ),
        ),
        "Kot śpi.",
    ),
    "links that climb": ("zip", lambda _: linked_zip(), "Kot się wspina."),
    "brackets": ("md", lambda _: b"[" * 3_000_000 + "\n\nKot śpi.".encode(), "Kot śpi."),
    "stars": ("md", lambda _: b"*a **b " * 400_000 + "\n\nKot śpi.".encode(), "Kot śpi."),
    "backticks": ("md", lambda _: b"".join(b"`" * n + b" " for n in range(2000)) + "\n\nKot śpi.".encode(), "Kot śpi."),
    "lists": ("md", lambda _: b"".join(b" " * n + b"- a\n" for n in range(40)) + "\n\nKot śpi.".encode(), "Kot śpi."),
    "markup": ("md", lambda _: b"<a <b " * 500_000 + "\n\nKot śpi.".encode(), "Kot śpi."),
    "entities in HTML": ("html", lambda _: (LAUGHS + "<p>Kot śpi.</p>&k;").encode(), "Kot śpi."),
    "attributes": ("html", lambda _: b"<p " + b"a=b " * 500_000 + ">Kot śpi.</p>".encode(), "Kot śpi."),
    "unclosed": ("html", lambda _: b"<b><i><table><tr>" * 40 + "<p>Kot śpi.</p>".encode(), "Kot śpi."),
    "repeated spaces": (
        "odt",
        lambda folder: replaced("odt", folder, content_xml=odt('<text:p>Kot<text:s text:c="999999999"/>śpi.</text:p>')),
        "Kot śpi.",
    ),
    "wide CSV": ("csv", lambda _: b"a," * 3_000_000 + "\nKot śpi.".encode(), "Kot śpi."),
    "one long field": ("csv", lambda _: b'"' + b"kot " * 2_000_000 + b'"', "kot kot"),
    "great numbers": ("jsonl", lambda _: json.dumps({"q": "Ile?", "a": "9" * 100_000}).encode(), "999"),
}
"""Name -> ending, maker, and words that are read all the same."""
