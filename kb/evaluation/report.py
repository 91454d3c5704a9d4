"""A run as one self-contained HTML file: the figures, then every question that failed."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, "Noto Sans CJK SC", sans-serif; }
body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: .5rem 0 2rem; }
th, td { padding: .3rem .8rem; border-bottom: 1px solid #8884; text-align: right; font-variant-numeric: tabular-nums; }
th:first-child, td:first-child { text-align: left; }
td.words { text-align: left; max-width: 26rem; }
"""


def write_report(run: Mapping[str, Any], path: Path) -> None:
    """Write `run`, the result of `kb.evaluation.runs.run`, to `path`; nothing in it is fetched from elsewhere."""
    path.write_text(report(run), encoding="utf-8")


def report(run: Mapping[str, Any]) -> str:
    """Return the report's HTML; all that comes from questions and texts is escaped."""
    if "retrieval" not in run:
        return _page("Mixed pool", _table([run], ("pair", "n", "R@1")))
    manifest = run["manifest"]
    parts = [
        f"<p>{escape(manifest['questions']['file'])}, {escape(manifest['started'])}, "
        f"{escape(manifest['model']['name'])}, commit {escape(str(manifest['commit']))}</p>"
    ]
    for part in ("retrieval", "answers"):
        rows = [{"": "overall", **run[part]["overall"]}]
        for group in ("by_language", "by_pair", "by_kind"):
            rows += [{"": name, **values} for name, values in run[part].get(group, {}).items()]
        parts.append(f"<h2>{part.capitalize()}</h2>{_table(rows, tuple(rows[0]))}")
    for part, title in (("refusal", "Refusal"), ("latency_ms", "Latency, ms")):
        parts.append(f"<h2>{title}</h2>{_table([run[part]], tuple(run[part]))}")
    failed = [line for line in run["questions"] if _failed(line)]
    columns = ("id", "question", "rank", "answered", "confidence", "answer")
    parts.append(f"<h2>Failed: {len(failed)} of {len(run['questions'])}</h2>{_table(failed, columns)}")
    return _page("Evaluation", "\n".join(parts))


def _failed(line: Mapping[str, Any]) -> bool:
    return bool(line["answered"]) if not line["answerable"] else not line["answer_found"]


def _table(rows: list[Any], columns: tuple[str, ...]) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join(f"<tr>{''.join(_cell(column, row.get(column)) for column in columns)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(column: str, value: Any) -> str:
    shown = "–" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
    words = ' class="words"' if column in ("question", "answer") else ""
    return f"<td{words}>{escape(shown)}</td>"


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head>\n<body><h1>{title}</h1>\n{body}\n</body></html>\n"
    )
