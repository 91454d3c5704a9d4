"""A run as one self-contained HTML file: what came out, where it fails, and what it rests on."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any

from kb.evaluation.report import sections
from kb.evaluation.report.failures import failures
from kb.evaluation.report.markup import Writer, element
from kb.evaluation.report.messages import DEFAULT_LANGUAGE, LANGUAGES, OWN_NAMES, messages
from kb.evaluation.splits import REPORT
from kb.output import write_whole

_LOGO = (
    '<svg viewBox="0 0 24 24" aria-hidden="true"><rect width="24" height="24" rx="6" fill="#115e59"/>'
    '<path d="M7 16V11M12 16V7M17 16v-3" stroke="#fff" stroke-width="2.4" stroke-linecap="round" fill="none"/></svg>'
)


def write_report(run: Mapping[str, Any], path: Path, language: str | None = None) -> None:
    """Write the report of `run` to `path`, whole or not at all. Raises `OutputError`."""
    write_whole(path, report(run, language))


def report(run: Mapping[str, Any], language: str | None = None) -> str:
    """Return the report's HTML, in `language` or, without one, in the browser's."""
    writer = Writer(language or DEFAULT_LANGUAGE)
    # Of the half that is only reported on, the lines of a run hold no questions that could be listed.
    failed = [] if run.get("part") == REPORT else [failures(writer, run["questions"])]
    if "retrieval" not in run:
        parts = [sections.conversations(writer, run), *failed]
    elif "answers" not in run:
        parts = [sections.pool(writer, run), *failed]
    else:
        parts = [
            sections.glance(writer, run),
            sections.heat(writer, run),
            sections.retrieval(writer, run),
            sections.answers(writer, run),
            sections.refusal(writer, run),
            sections.speed(writer, run),
            *failed,
        ]
    body = _header(writer, run) + element("main", "".join([*parts, sections.evidence(writer, run)]))
    return _document(writer, body + f"<footer>{writer.words('product')}</footer>", fixed=language is not None)


def _header(writer: Writer, run: Mapping[str, Any]) -> str:
    manifest = run["manifest"]
    options = "".join(
        element("option", escape(OWN_NAMES[tag]), value=tag, selected="" if tag == writer.language else None)
        for tag in LANGUAGES
    )
    tools = element("select", options, id="language", **{"data-label": "language"})
    tools += writer.words("print", "button", id="print", type="button")
    bar = element("div", _LOGO + writer.words("product"), "brand") + element("div", tools, "tools scripted", hidden="")
    file = manifest["questions"]["file"]
    facts = [
        ("question_file", file),
        ("date", manifest["started"].replace("T", " ").replace("+00:00", " UTC")),
        ("model", manifest["model"]["name"]),
        ("documents", manifest.get("index", {}).get("documents")),
        ("commit", (manifest["commit"] or "")[:10]),
    ]
    told = "".join(element("span", f"{writer.words(key)} <b>{escape(str(value))}</b>") for key, value in facts if value)
    lead = writer.words("title", "h1", **{"data-file": file}) + element("div", told, "facts")
    return f'<header><div class="bar">{bar}</div><div class="lead">{lead}</div></header>'


def _document(writer: Writer, body: str, *, fixed: bool) -> str:
    style, script = _file("report.css"), _file("report.js")
    # `</` would end the script element, whatever it stands in.
    words = json.dumps(messages(), ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )
    title = messages()["title"][writer.language]
    return (
        f'<!doctype html>\n<html lang="{writer.language}"{" data-fixed" * fixed}>\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n{body}\n"
        f'<script type="application/json" id="words">{words}</script>\n<script>{script}</script>\n</body>\n</html>\n'
    )


def _file(name: str) -> str:
    return resources.files("kb.evaluation.report").joinpath(name).read_text(encoding="utf-8")
