"""Why a file, or a part of one, was passed over: a code that stays, and what the code's wording names.

The wording here is the command line's: one line of English. Whoever words a reason in another language does it by its
code and values, never by this text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

KINDS: Mapping[str, str] = {
    "markdown": "Markdown",
    "plain": "plain text",
    "html": "an HTML page",
    "pdf": "a PDF",
    "docx": "a Word file",
    "pptx": "a PowerPoint file",
    "odt": "an OpenDocument text",
    "epub": "an EPUB book",
    "table": "a table of questions and answers",
    "pairs": "JSON lines of questions and answers",
    "zip": "a zip archive",
    "zip_or_office": "a zip archive or an Office file",
    "png": "a PNG image",
    "jpeg": "a JPEG image",
    "gif": "a GIF image",
    "old_office": "an old Office file",
    "gzip": "a gzip archive",
    "rar": "a RAR archive",
    "seven_zip": "a 7-Zip archive",
    "rtf": "an RTF file",
    "program": "a program",
}
"""What a file can be or look like, with its article."""

COUNTED: Mapping[str, str] = {
    "pages": "pages",
    "slides": "slides",
    "elements": "paragraphs, items and rows",
    "lines": "lines",
    "characters": "characters",
    "files": "files in it",
    "megabytes": "megabytes when unpacked",
}
"""What a file can have too many of."""

CODES: Mapping[str, str] = {
    # What is at a path.
    "does_not_exist": "does not exist",
    "no_permission": "no permission to read it",
    "unreadable": "cannot be read: {detail}",
    "is_a_folder": "is a folder",
    "not_a_file": "is not a regular file",
    "dead_link": "is a link that leads nowhere",
    "unknown_ending": "the ending {ending} is unknown; only {all_endings} are read",
    "no_ending": "it has no ending; only {all_endings} are read",
    "no_source": "holds no source: no {any_ending} file in it",
    # What its bytes are.
    "empty": "is empty",
    "only_furniture": "is empty once menus and other page furniture are gone",
    "too_large": "has {size:.1f} MB, above the limit of {most:.0f} MB; split it into smaller files",
    "other_bytes": "is not {kind}, or damaged: it begins with other bytes",
    "looks_like": "looks like {looks}, not like {kind}; give it the ending of what it is",
    "binary": "looks binary: it has a NUL at byte {byte}",
    "binary_text": "looks binary: it has a NUL at character {character}",
    "broken_utf8": "is UTF-8 but broken at byte {byte}; save it again as UTF-8",
    "broken_marked": "begins with the mark of {encoding} but is broken at byte {byte}; save it again as UTF-8",
    "unknown_encoding": "has an unknown encoding: UTF-8 fails at byte {byte}, and read as {tried} it makes no text; "
    "save it as UTF-8",
    # What keeps it from being read.
    "encrypted": "is encrypted with a password; save it without one",
    "copy_protected": "is encrypted against copying; only books without it can be read",
    "scan": "is a scan: no text on its {count} page{s}; have a program for text recognition add it, such as ocrmypdf",
    "scanned_pages": "no text on {count} page{s} ({pages}), only a picture; have a program for text recognition add "
    "it, such as ocrmypdf",
    "old_office": "is a file of an old Office; open it and save it in today's format",
    "library_missing": "needs {library}, which is not installed; type: pip install 'cco-kb[{extra}]'",
    "archive_in_archive": "is an archive in an archive; unpack it",
    "declares_entities": "declares XML entities in {part}, which no honest file of its kind does",
    "several_documents": "holds {count} documents, not one",
    # What it costs.
    "too_many": "has more than {most:,.0f} {what}; split it into smaller files, or raise the limit (reading)",
    "too_slow": "takes longer to read than {seconds:g} s; split it, or raise reading.seconds",
    "too_much_memory": "takes more memory to read than {most:,} MB; split it, or raise the limit "
    "(reading.memory_megabytes)",
    "nested_too_deep": "is nested too deep to be read",
    "nested_lists": "has lists or quotes more than {most} deep within each other",
    # How it is damaged.
    "damaged": "is damaged: cannot be read as {kind} ({detail})",
    "damaged_zip": "is damaged: no whole zip archive ({detail})",
    "damaged_pdf": "is damaged: no whole PDF",
    "part_missing": "is damaged: it has no {part}",
    "part_damaged": "is damaged: {part} cannot be unpacked ({detail})",
    "part_no_xml": "is damaged: {part} is no whole XML ({detail})",
    "part_without_text": "is damaged: its {part} holds no text",
    "no_book": "is damaged: META-INF/container.xml names no book",
    "no_html": "holds no HTML that can be read ({detail})",
    "no_table": "is damaged: no table with one row a line ({detail})",
    "no_process": "was not read: the process that reads files does not start on this machine ({detail})",
    "broke_off": "is damaged: the process that read it broke off (status {status})",
    "broke_reader": "cannot be read: it broke the reader ({detail})",
    # What is wrong with one of its lines.
    "line_no_json": "line {line}: no JSON ({detail})",
    "line_no_object": 'line {line}: expected an object such as {{"question": "...", "answer": "..."}}',
    "line_lacks": "line {line}: has no {lacking}; its keys are {keys}",
    "front_unclosed": "line {line}: the front matter opened here is never closed by a line `---`",
    "front_no_yaml": "line {line}: broken YAML: {detail}",
    "front_no_mapping": "line {line}: the front matter must be `key: value` lines, not a {got}",
    "front_no_string": "line {line}: {name} must be a string, not {got}; put it in quotes",
    "front_id": "line {line}: the id {got} does not do on a command line; write {better}",
    "front_language": "line {line}: unknown language {got}; write one of {tags}",
    # What is known of it already.
    "same_as_before": "holds the same as a file before it",
    "there_already": "is there already, as {document}",
    "nothing_left": "nothing to index",
}
"""Code -> its wording in English. Codes are kept and shown to programs: add to them, do not rename one."""

Value = str | int | float | list[str] | list[int]


@dataclass(frozen=True)
class Reason:
    """Why something was passed over; as a string, one line of English."""

    code: str
    """One of `CODES`."""
    values: Mapping[str, Value] = field(default_factory=dict)
    """What the wording names, ready for JSON."""
    because: tuple[Skipped, ...] = ()
    """Where nothing remained: what else was passed over."""

    def __str__(self) -> str:
        shown: dict[str, Any] = dict(self.values)
        shown["s"] = "" if shown.get("count") == 1 else "s"
        for name, table in (("kind", KINDS), ("looks", KINDS), ("what", COUNTED)):
            if name in shown:
                shown[name] = table[shown[name]]
        if "pages" in shown:
            shown["pages"] = ", ".join(shown["pages"])
        if "endings" in shown:
            *first, last = shown["endings"]
            shown["all_endings"], shown["any_ending"] = (f"{', '.join(first)} {word} {last}" for word in ("and", "or"))
        return CODES[self.code].format(**shown) + self._causes()

    def _causes(self) -> str:
        if not self.because:
            return ""
        if self.code == "nothing_left":
            return f" ({'; '.join(f'{item.path}: {item.reason}' for item in self.because[:3])})"
        first = self.because[0]
        return f" ({len(self.because)} skipped; {first.path}: {first.reason})"


@dataclass(frozen=True)
class Skipped:
    """A file that was passed over, and why."""

    path: str
    why: Reason

    @property
    def reason(self) -> str:
        """The reason in one line of English."""
        return str(self.why)


class Refusal(ValueError):
    """What is being read cannot be used; `why` says the reason, the message says it in English."""

    def __init__(self, why: Reason) -> None:
        super().__init__(str(why))
        self.why = why


def why(code: str, *, because: Iterable[Skipped] = (), **values: Value) -> Reason:
    """Return the reason of this code. Raises `KeyError` where there is no such code."""
    if code not in CODES:
        raise KeyError(code)
    return Reason(code, values, tuple(because))


def reason_from(fields: Mapping[str, Any]) -> Reason:
    """Return the reason that `dataclasses.asdict` took apart. Raises `KeyError` and `TypeError` where it is none."""
    return why(fields["code"], because=map(skipped_from, fields["because"]), **fields["values"])


def skipped_from(fields: Mapping[str, Any]) -> Skipped:
    """Return what `dataclasses.asdict` took apart. Raises `KeyError` and `TypeError` where it is none."""
    return Skipped(fields["path"], reason_from(fields["why"]))


def said(error: Exception) -> str:
    """Return what a library says of a fault, in one line and cut where it goes on and on."""
    return " ".join(str(error).split())[:120]
