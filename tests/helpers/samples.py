"""Sample files of every format, made by real writers."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import zipfile
from collections.abc import Callable
from html import escape
from pathlib import Path

from tests.needs import chromium

TITLES = {"pl": "Rola dyrektora do spraw klienta", "zh-Hans": "首席客户官的职责", "zh-Hant": "客戶長的職責"}
PARAGRAPHS = {
    "pl": (
        "Dyrektor do spraw klienta (CCO) odpowiada za całość relacji z klientem. „Zażółć gęślą jaźń” — mówi zdanie, "
        "które zna każdy redaktor w Łodzi, Gdańsku i Białymstoku. Co kwartał przedstawia zarządowi sprawozdanie o tym, "
        "ilu klientów odeszło i dlaczego to zrobili.",
        "Oficjalny afisz głosi, że finansowanie flagowych projektów zależy od wyników. Biało-czerwony wykres pokazuje "
        "efekty: wskaźnik NPS wzrósł z 31 do 44, a odejścia spadły o 4,4 punktu procentowego.",
    ),
    "zh-Hans": (
        "首席客户官（CCO）负责公司与客户的全部关系。他说：“客户的声音，必须进入董事会！”每个季度，他都要向董事会报告："
        "有多少客户流失、为什么流失，以及公司打算怎么办；这份报告由市场部、销售部和财务部共同准备。",
        "净推荐值（NPS）从31升到44，流失率降低了4.4个百分点。这一年最重要的变化，是投诉在24小时之内得到答复。",
    ),
    "zh-Hant": (
        "客戶長（CCO）負責公司與客戶的全部關係。他說：「客戶的聲音，必須進入董事會！」每一季，他都要向董事會報告："
        "有多少客戶流失、為什麼流失，以及公司打算怎麼辦；這份報告由行銷部、業務部和財務部共同準備。",
        "淨推薦值（NPS）從31升到44，流失率降低了4.4個百分點。這一年最重要的變化，是抱怨在24小時之內得到答覆。",
    ),
}
HEADINGS = {"pl": "Zadania", "zh-Hans": "任务", "zh-Hant": "任務"}
ITEMS = {
    "pl": ("słucha skarg klientów,", "liczy wartość klienta w czasie."),
    "zh-Hans": ("倾听客户投诉；", "计算客户终身价值。"),
    "zh-Hant": ("傾聽客戶抱怨；", "計算客戶終身價值。"),
}
ROWS = {
    "pl": (("Rok", "NPS", "Odejścia klientów"), ("2023", "31", "12,5%"), ("2024", "44", "8,1%")),
    "zh-Hans": (("年份", "净推荐值", "流失率"), ("2023", "31", "12.5%"), ("2024", "44", "8.1%")),
    "zh-Hant": (("年份", "淨推薦值", "流失率"), ("2023", "31", "12.5%"), ("2024", "44", "8.1%")),
}
LANGUAGES = tuple(TITLES)
PASSWORD = "zażółć"
"""Of what is encrypted."""


def text_of(language: str) -> str:
    """Return the text that every sample of a language holds, as it is to be read back."""
    first, second = PARAGRAPHS[language]
    items = "\n".join(f"- {item}" for item in ITEMS[language])
    rows = "\n".join(" | ".join(row) for row in ROWS[language])
    return "\n\n".join([TITLES[language], first, HEADINGS[language], items, second, rows])


def write_docx(path: Path, language: str) -> None:
    """Write a Word file as python-docx does."""
    import docx

    document = docx.Document()
    document.add_heading(TITLES[language], 1)
    document.add_paragraph(PARAGRAPHS[language][0])
    document.add_heading(HEADINGS[language], 2)
    for item in ITEMS[language]:
        document.add_paragraph(item, style="List Bullet")
    document.add_paragraph(PARAGRAPHS[language][1])
    table = document.add_table(0, 3)
    for row in ROWS[language]:
        for cell, words in zip(table.add_row().cells, row, strict=True):
            cell.text = words
    document.save(str(path))


def write_pptx(path: Path, language: str) -> None:
    """Write three slides: a title with notes, a list, a table."""
    import pptx
    from pptx.util import Inches

    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    slide.shapes.title.text = TITLES[language]
    slide.notes_slide.notes_text_frame.text = PARAGRAPHS[language][0]
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text = HEADINGS[language]
    slide.placeholders[1].text = "\n".join(ITEMS[language])
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    box = slide.shapes.add_textbox(Inches(1), Inches(1), Inches(8), Inches(2))
    box.text_frame.text = PARAGRAPHS[language][1]
    table = slide.shapes.add_table(3, 3, Inches(1), Inches(4), Inches(8), Inches(2)).table
    for number, row in enumerate(ROWS[language]):
        for cell, words in zip(table.rows[number].cells, row, strict=True):
            cell.text = words
    presentation.save(str(path))


def write_odt(path: Path, language: str) -> None:
    """Write an OpenDocument text as odfpy does."""
    from odf.opendocument import OpenDocumentText
    from odf.table import Table, TableCell, TableRow
    from odf.text import H, List, ListItem, P

    document = OpenDocumentText()
    document.text.addElement(H(outlinelevel=1, text=TITLES[language]))
    document.text.addElement(P(text=PARAGRAPHS[language][0]))
    document.text.addElement(H(outlinelevel=2, text=HEADINGS[language]))
    items = List()
    for words in ITEMS[language]:
        item = ListItem()
        item.addElement(P(text=words))
        items.addElement(item)
    document.text.addElement(items)
    document.text.addElement(P(text=PARAGRAPHS[language][1]))
    table = Table()
    for words in ROWS[language]:
        row = TableRow()
        for cell_words in words:
            cell = TableCell()
            cell.addElement(P(text=cell_words))
            row.addElement(cell)
        table.addElement(row)
    document.text.addElement(table)
    document.save(str(path))


def body(language: str) -> str:
    """Return the sample as the body of a page."""
    items = "".join(f"<li>{escape(item)}</li>\n" for item in ITEMS[language])
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>\n" for row in ROWS[language])
    first, second = map(escape, PARAGRAPHS[language])
    return (
        f"<h1>{TITLES[language]}</h1>\n<p>{first}</p>\n<h2>{HEADINGS[language]}</h2>\n<ul>{items}</ul>\n"
        f"<p>{second}</p>\n<table>{rows}</table>\n"
    )


def write_html(path: Path, language: str) -> None:
    """Write a page with menus around its text."""
    menu = "".join(f'<li><a href="/{n}">{name}</a></li>' for n, name in enumerate(("Home", "News", "Contact", "Login")))
    path.write_text(
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8">'
        f"<title>{TITLES[language]} | Example</title>"
        f"<script>var p='<p>evil</p>'</script><style>p{{color:red}}</style></head><body><nav><ul>{menu}</ul></nav>"
        f"<article>{body(language)}</article><footer><p>© 2026 Example sp. z o.o.</p></footer></body></html>",
        encoding="utf-8",
    )


def write_epub(path: Path, language: str) -> None:
    """Write a book of one chapter by hand, as the format's description says."""
    page = (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml">{}</html>'
    )
    parts = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<?xml version="1.0"?><container version="1.0" '
        'xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
        "OEBPS/book.opf": '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{TITLES[language]}</dc:title></metadata><manifest>'
        '<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
        '<item id="one" href="text/one%201.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="nav"/><itemref idref="one"/></spine></package>',
        "OEBPS/nav.xhtml": page.format("<body><nav><ol><li><a href='text/one%201.xhtml'>1</a></li></ol></nav></body>"),
        "OEBPS/text/one 1.xhtml": page.format(f"<head><title>x</title></head><body>{body(language)}</body>"),
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def write_pairs(path: Path, language: str) -> None:
    """Write the sample's headings and paragraphs as questions and answers."""
    pairs = zip((TITLES[language], HEADINGS[language]), PARAGRAPHS[language], strict=True)
    path.write_text(
        "".join(json.dumps({"question": q, "answer": a}, ensure_ascii=False) + "\n" for q, a in pairs), encoding="utf-8"
    )


def print_pdf(path: Path, markup: str, style: str = "") -> None:
    """Print the body of a page to PDF with Chromium."""
    page = path.with_suffix(".page.html")
    page.write_text(f'<meta charset="utf-8"><style>{style}</style>{markup}', encoding="utf-8")
    run(str(chromium()), "--headless", "--no-sandbox", "--disable-gpu", f"--print-to-pdf={path}", str(page))


def write_pdf(path: Path, language: str) -> None:
    """Print the page to PDF with Chromium, twenty times over so that it has several pages."""
    page = path.with_suffix(".page.html")
    filler = "".join(
        f"<h2>{n}. {HEADINGS[language]}</h2><p>{escape(PARAGRAPHS[language][n % 2])}</p>" for n in range(20)
    )
    style = 'body{font:11pt "Noto Serif CJK SC",serif;text-align:justify}td{padding:0 1em}'
    page.write_text(
        f'<html lang="{language}"><head><meta charset="utf-8"><title>{TITLES[language]}</title><style>{style}</style>'
        f"</head><body>{body(language)}{filler}</body></html>",
        encoding="utf-8",
    )
    run(str(chromium()), "--headless", "--no-sandbox", "--disable-gpu", f"--print-to-pdf={path}", str(page))


def encrypt_office(source: Path, target: Path) -> None:
    """Encrypt a Word or PowerPoint file as Office does, with msoffcrypto-tool."""
    import msoffcrypto

    with source.open("rb") as plain, target.open("wb") as secret:
        msoffcrypto.OfficeFile(plain).encrypt(PASSWORD, secret)


def encrypt_pdf(source: Path, target: Path, algorithm: str, *, to_open: bool = True) -> None:
    """Encrypt a PDF with pypdf; one not `to_open` asks for a password only where it is to be changed."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(source))
    writer.encrypt(PASSWORD if to_open else "", PASSWORD, algorithm=algorithm)
    writer.write(target)


def encrypt_zip(target: Path, name: str, content: str) -> None:
    """Make an archive whose only file is encrypted with AES, with pyzipper."""
    import pyzipper

    with pyzipper.AESZipFile(target, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(PASSWORD.encode())
        archive.writestr(name, content)


_LIBRARY = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">
<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard" library:readonly="false"
  library:passwordprotected="false"><library:element library:name="Module1"/></library:library>"""
_MACRO = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1" script:language="StarBasic">
Sub Encrypt(source, target, password)
  Dim hidden(0) As New com.sun.star.beans.PropertyValue
  hidden(0).Name = "Hidden"
  hidden(0).Value = True
  document = StarDesktop.loadComponentFromURL(ConvertToURL(source), "_blank", 0, hidden())
  Dim kept(1) As New com.sun.star.beans.PropertyValue
  kept(0).Name = "FilterName"
  kept(0).Value = "writer8"
  kept(1).Name = "Password"
  kept(1).Value = password
  document.storeToURL(ConvertToURL(target), kept())
  document.close(True)
End Sub
</script:module>"""


def encrypt_with_libreoffice(source: Path, target: Path) -> None:
    """Save an OpenDocument text with a password, by a macro of LibreOffice."""
    profile = target.parent / "profile"
    libreoffice = ("soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore")
    run(*libreoffice, "--terminate_after_init")  # makes the profile; a macro in it is found from the next start on
    library = profile / "user" / "basic" / "Standard"
    library.mkdir(parents=True, exist_ok=True)
    (library / "script.xlb").write_text(_LIBRARY)
    (library / "Module1.xba").write_text(_MACRO)
    call = f'macro:///Standard.Module1.Encrypt("{source}","{target}","{PASSWORD}")'
    run(*libreoffice, call)


def print_scan(path: Path, pages: str) -> None:
    """Print a PDF with Chromium: for each letter a page, of words for `w`, a picture of words for `p`, none for `n`."""
    from PIL import Image, ImageDraw

    picture = Image.new("L", (900, 1200), 255)
    ImageDraw.Draw(picture).text((100, 100), "This page was put on the glass of a scanner.", fill=0)
    held = io.BytesIO()
    picture.save(held, "PNG")
    scan = f'<img src="data:image/png;base64,{base64.b64encode(held.getvalue()).decode()}">'
    made = {"w": "<p>Dyrektor ds. klienta słucha skarg.</p>", "p": scan, "n": "&nbsp;"}
    style = "@page{size:A4;margin:1cm}div{break-after:page;height:25cm}img{width:18cm;height:24cm}"
    print_pdf(path, "".join(f"<div>{made[page]}</div>" for page in pages), style)


def run(program: str, *arguments: str) -> None:
    """Run a writer; the test's markers say that it must be there."""
    subprocess.run([program, *arguments], check=True, capture_output=True, timeout=120)


WRITERS: dict[str, Callable[[Path, str], None]] = {
    "docx": write_docx,
    "pptx": write_pptx,
    "odt": write_odt,
    "html": write_html,
    "epub": write_epub,
    "jsonl": write_pairs,
    "pdf": write_pdf,
}
