"""A run as one self-contained HTML file: what came out, where it fails, and what it rests on.

Its HTML is in the templates beside this file. Whatever they do not write themselves is escaped: texts and questions are
not trusted.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from kb.answering.confidence import STRONG
from kb.evaluation.figures.measures import ALL_RANKING_MEASURES
from kb.evaluation.judging import FAULTS
from kb.evaluation.manifest import without_address
from kb.evaluation.report import charts
from kb.evaluation.report.markup import marked
from kb.evaluation.report.messages import DEFAULT_LANGUAGE, OWN_NAMES, messages, number
from kb.evaluation.splits import REPORT
from kb.output import write_whole

_ANSWERS = (
    ("answer_found", "percent"),
    ("f1", "percent"),
    ("marked_f1", "percent"),
    ("citation_precision", "percent"),
    ("citation_recall", "percent"),
    ("cited_right", "percent"),
    ("mean_characters", "whole"),
)
_REFUSAL = (
    ("answerable_answered", "percent"),
    ("unanswerable_refused", "percent"),
    ("auroc", "decimal"),
    ("f1", "percent"),
)


def write_report(run: Mapping[str, Any], path: Path, language: str | None = None) -> None:
    """Write the report of `run` to `path`, whole or not at all. Raises `OutputError`."""
    write_whole(path, report(run, language))


def report(run: Mapping[str, Any], language: str | None = None) -> str:
    """Return the report's HTML, in `language` or, without one, in the browser's."""
    lines = run.get("questions") or []
    counts = Counter(line.get("fault") or "passed" for line in lines)
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            run=run,
            language=language or DEFAULT_LANGUAGE,
            fixed=language is not None,
            failed=[line for line in lines if line.get("fault")],
            verdicts=[(name, counts[name]) for name in ("passed", *FAULTS) if counts[name]],
            tally=[(name, counts[name]) for name in (*FAULTS, "lost_follow_up", "not_first") if counts[name]],
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(__package__, "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    script = _file("report.js")
    environment.globals |= {
        "messages": messages(),
        "number": number,
        "own_names": OWN_NAMES,
        "style": Markup(_file("report.css")),
        "script": Markup(script),
        "script_digest": base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        "RANKING": [(name, "percent" if name.startswith("R@") else "decimal") for name in ALL_RANKING_MEASURES],
        "ANSWERS": _ANSWERS,
        "REFUSAL": _REFUSAL,
        "FILTERS": ("language", "kind", "fault"),
        "REPORT": REPORT,
        "STRONG": STRONG,
        "asked_of": _asked_of,
        "is_message": _is_message,
        "marked": marked,
        "settings_text": _settings_text,
        **charts.FOR_TEMPLATES,
    }
    return environment


def _asked_of(values: Mapping[str, Any], name: str) -> int:
    """Return over how many questions a figure is; of those on refusals each is over its own."""
    if "n" in values:
        return int(values["n"])
    sides = ("answerable", "unanswerable") if name == "auroc" else (name.partition("_")[0],)
    return sum(values[side] for side in sides)


def _is_message(field: str, value: str) -> bool:
    """Tell whether a value is ours; a kind is what the file says, but for those of conversations."""
    return value in messages() if field != "kind" else value in ("follow_up", "new_topic")


def _settings_text(manifest: Mapping[str, Any]) -> str:
    return json.dumps(without_address(manifest["settings"]), ensure_ascii=False)


def _file(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
