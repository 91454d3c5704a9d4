"""The report's sections, each of what a run may hold."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from kb.evaluation.figures.measures import ALL_RANKING_MEASURES
from kb.evaluation.judging import FAULTS
from kb.evaluation.manifest import without_address
from kb.evaluation.report.charts import heat_map, latency_plot, reliability_plot, risk_plot
from kb.evaluation.report.markup import Writer, dash, element, table

_GROUPS = ("by_language", "by_pair", "by_kind")
_ANSWERS = (
    ("answer_found", "percent"),
    ("f1", "percent"),
    ("marked_f1", "percent"),
    ("citation_precision", "percent"),
    ("citation_recall", "percent"),
    ("cited_right", "percent"),
    ("mean_characters", "whole"),
)
_REFUSAL = (("answerable_answered", "percent"), ("unanswerable_refused", "percent"), ("auroc", "decimal"))
_HEADLINES = {"R@1": "glance_first", "R@3": "glance_three", "answer_found": "glance_found"}
_STAGES = {"answer": "answer_stage"}

Columns = Sequence[tuple[str, str]]


def glance(writer: Writer, run: Mapping[str, Any]) -> str:
    """Return the headline figures, and in whole questions what they say."""
    cards = [
        _card(writer, run["retrieval"]["overall"], "R@1"),
        _card(writer, run["retrieval"]["overall"], "R@3"),
        _card(writer, run["answers"]["overall"], "answer_found"),
        _card(writer, run["answers"]["overall"], "citation_precision"),
        _card(writer, run["refusal"], "answerable_answered"),
        _card(writer, run["refusal"], "unanswerable_refused"),
        _card(writer, run["refusal"], "auroc", "decimal"),
        _time_card(writer, run["latency_ms"]),
    ]
    lines = run["questions"]
    known, unknown = ([line for line in lines if line["answerable"] is flag] for flag in (True, False))
    failed = sum(bool(line.get("fault")) for line in lines)
    told = [_line(writer, "glance_right", len(known), None)]
    if known:
        told.append(_line(writer, "glance_first", sum(line["rank"] == 1 for line in known), len(known)))
        told.append(_line(writer, "glance_found", sum(line["answer_found"] for line in known), len(known)))
    if unknown:
        told.append(_line(writer, "glance_unknown", len(unknown), None))
        told.append(_line(writer, "glance_refused", sum(not line["answered"] for line in unknown), len(unknown)))
    told.append(_line(writer, "glance_failed", failed, len(lines), sub=False))
    both = element("ul", "".join(told), "statement sheet") + _verdicts(writer, lines)
    figures = element("div", "".join(filter(None, cards)), "glance")
    return _section(writer, "at_a_glance", None, figures, element("div", both, "pair"))


def _verdicts(writer: Writer, lines: Sequence[Mapping[str, Any]]) -> str:
    """Return how many questions passed, and how many failed in which way, as a bar and a list."""
    counts = Counter(line.get("fault") or "passed" for line in lines)
    told = [name for name in ("passed", *FAULTS) if counts[name]]
    bar = "".join(element("i", "", name, style=f"--v:{counts[name]}") for name in told)
    items = "".join(element("li", writer.words(name) + writer.share(counts[name], len(lines)), name) for name in told)
    inner = writer.words("verdicts", "h3") + element("div", bar, "stack") + element("ul", items)
    return element("div", inner, "faults sheet")


def _time_card(writer: Writer, latency: Mapping[str, Any]) -> str:
    if not latency["n"]:
        return ""
    inner = [
        writer.words("median_time", "p", "label"),
        element("p", writer.figure(latency["p50"], "whole") + " <small>ms</small>", "value"),
        element("p", f"p95 {writer.figure(latency['p95'], 'whole')} ms", "detail"),
        element("p", f"{writer.words('n')} {writer.figure(latency['n'], 'whole')}", "detail"),
    ]
    return element("div", "".join(inner), "card sheet")


def _card(writer: Writer, values: Mapping[str, Any], name: str, form: str = "percent") -> str:
    value, bounds = values[name], values["interval"][name]
    if value is None:
        return ""
    low, high = bounds or (value, value)
    whisker = element("div", "<i></i><u></u>", "whisker", style=f"--v:{value:.4f};--low:{low:.4f};--high:{high:.4f}")
    n = values["n"] if "n" in values else _asked_of(values, name)
    detail = f"{writer.words('interval')} {writer.figure(low, form)} – {writer.figure(high, form)}"
    inner = [
        writer.words(_HEADLINES.get(name, name), "p", "label"),
        writer.figure(value, form, "p", "value"),
        whisker,
        element("p", detail, "detail") if bounds else "",
        element("p", f"{writer.words('n')} {writer.figure(n, 'whole')}", "detail"),
    ]
    return element("div", "".join(inner), "card sheet bad" if value < 0.5 else "card sheet")


def _asked_of(refusal: Mapping[str, Any], name: str) -> int:
    sides = ("answerable", "unanswerable") if name == "auroc" else (name.partition("_")[0],)
    return sum(refusal[side] for side in sides)


def _line(writer: Writer, key: str, part: int, whole: int | None, *, sub: bool = True) -> str:
    share = writer.figure(part / whole, "percent", "span", "share") if whole else '<span class="share"></span>'
    count = writer.share(part, whole) if whole else writer.figure(part, "whole", "b")
    return element("li", writer.words(key) + count + share, "sub" if whole and sub else "")


def retrieval(writer: Writer, run: Mapping[str, Any]) -> str:
    """Return the section on where the right passages came."""
    columns = [(name, "percent" if name.startswith("R@") else "decimal") for name in ALL_RANKING_MEASURES]
    return _section(writer, "retrieval", "retrieval_note", _measures(writer, run["retrieval"], columns))


def answers(writer: Writer, run: Mapping[str, Any]) -> str:
    """Return the section on what the answers hold."""
    return _section(writer, "answers", "answers_note", _measures(writer, run["answers"], _ANSWERS))


def heat(writer: Writer, run: Mapping[str, Any]) -> str:
    """Return the two heat maps, nothing where there is one pair of languages only."""
    if len(run["retrieval"]["by_pair"]) < 2:
        return ""
    maps = [
        _chart(writer, name, None, element("div", heat_map(writer, run[part]["by_pair"], name), "scroll"))
        for part, name in (("retrieval", "R@1"), ("answers", "answer_found"))
    ]
    return _section(writer, "heat", "heat_note", element("div", "".join(maps), "pair"))


def refusal(writer: Writer, run: Mapping[str, Any]) -> str:
    """Return the section on refusals and on what the confidence is worth."""
    refused = run["refusal"]
    if not refused["unanswerable"]:
        tables = ""
    else:
        head = "<th></th>" + writer.words("answerable", "th") + writer.words("unanswerable", "th")
        head += "".join(writer.words(name, "th") for name, _ in _REFUSAL) + writer.words("refusal_f1", "th")
        columns = [*_REFUSAL, ("f1", "percent")]
        rows = [_refusal_row(writer, writer.words("overall", "th"), refused, columns, "all")]
        for group in ("by_language", "by_kind"):
            rows.append(_group_row(writer, group, len(columns) + 3))
            rows += [
                _refusal_row(writer, _group_name(writer, group, name), values, columns)
                for name, values in refused[group].items()
            ]
        tables = table(head, rows)
    settings = run["manifest"]["settings"]
    threshold = settings.get("answer", {}).get("refuse_below")
    calibration, risk = run["calibration"]["overall"], run["risk_coverage"]["overall"]
    charts = [
        _chart(writer, "reliability", "reliability_note", reliability_plot(writer, calibration), calibration, "ece"),
        _chart(writer, "risk_coverage", "risk_note", risk_plot(writer, risk, threshold), risk, "area"),
    ]
    languages = run["calibration"]["by_language"]
    if len(languages) > 1:
        charts += [
            _chart(writer, tag, None, reliability_plot(writer, values), values, "ece")
            for tag, values in languages.items()
        ]
    note = writer.words("confidence_note", "p", "note")
    return _section(writer, "refusal", "refusal_note", note, tables, element("div", "".join(charts), "pair"))


def _refusal_row(writer: Writer, head: str, values: Mapping[str, Any], columns: Columns, class_: str = "") -> str:
    counts = "".join(writer.figure(values[name], "whole", "td") for name in ("answerable", "unanswerable"))
    return element("tr", head + counts + _cells(writer, values, columns), class_)


def speed(writer: Writer, run: Mapping[str, Any]) -> str:
    """Return the section on how long questions took."""
    latency = run["latency_ms"]
    totals = [line["timings_ms"]["total"] for line in run["questions"] if line["timings_ms"]]
    if not totals:
        return ""
    head = writer.words("stage", "th") + writer.words("median", "th")
    head += "".join(f"<th>p{p}</th>" for p in (90, 95, 99))
    rows = []
    for stage, values in latency["stages"].items():
        name = writer.name(_STAGES.get(stage, stage), "th")
        cells = "".join(_time(writer, values[f"p{p}"]) for p in (50, 90, 95, 99))
        rows.append(element("tr", name + cells, "all" if stage == "total" else ""))
    chart = _chart(writer, "latency", None, latency_plot(writer, totals))
    return _section(
        writer, "speed", "speed_note", element("div", chart + element("div", table(head, rows)), "pair speed")
    )


def _time(writer: Writer, milliseconds: float) -> str:
    return element("td", writer.figure(milliseconds, "whole" if milliseconds >= 10 else "tenth") + " ms")


def conversations(writer: Writer, run: Mapping[str, Any]) -> str:
    """Return the section on follow-ups: asked alone, and after the questions before them."""
    columns = ("R@1", "R@3", "answer_found")
    head = "<th></th>" + writer.words("n", "th")
    for name in columns:
        for side in ("without", "with"):
            head += element("th", f"{writer.words(name)}<br>{writer.words(side)}")
    rows = [
        _both(writer, writer.words(key, "th"), run[key], columns, "all" if key == "overall" else "")
        for key in ("overall", "follow_ups", "new_topics")
    ]
    rows.append(_group_row(writer, "by_language", 2 + 2 * len(columns)))
    rows += [_both(writer, writer.name(tag, "th"), values, columns) for tag, values in run["by_language"].items()]
    return _section(writer, "conversations", "conversations_note", table(head, rows))


def _both(writer: Writer, head: str, values: Mapping[str, Any], columns: Sequence[str], class_: str = "") -> str:
    cells = writer.figure(values["n"], "whole", "td")
    for name in columns:
        cells += "".join(writer.figure(values[side][name], "percent", "td") for side in ("without", "with"))
    return element("tr", head + cells, class_)


def pool(writer: Writer, run: Mapping[str, Any]) -> str:
    """Return the section on the mixed pool."""
    columns = [(name, "percent" if name.startswith("R@") else "decimal") for name in ALL_RANKING_MEASURES]
    card = element("div", _card(writer, run["retrieval"]["overall"], "R@1"), "glance")
    return _section(writer, "pool", "pool_note", card, _measures(writer, run["retrieval"], columns))


def evidence(writer: Writer, run: Mapping[str, Any]) -> str:
    """Return the section on what the run depends on."""
    manifest = run["manifest"]
    machine, model = manifest["machine"], manifest["model"]
    changed = writer.words("modified") if manifest.get("modified") else ""
    rows = [
        ("question_file", f"{_code(manifest['questions']['file'])} {_code(manifest['questions']['sha256'][:16])}"),
        ("model", f"{escape(model['name'])} {_code(model['digest'][:16])} {escape(model.get('dtype') or '')}"),
        ("index_digest", _code((manifest.get("index", {}).get("digest") or "–")[:16])),
        ("commit", f"{_code((manifest['commit'] or '–')[:12])} {changed}"),
        ("program", _code(manifest["program"][:16])),
        ("machine", escape(" · ".join(str(v) for v in machine.values() if v is not None))),
        ("settings", _code(json.dumps(without_address(manifest["settings"]), ensure_ascii=False))),
        ("versions", _code(", ".join(f"{name} {version}" for name, version in manifest["versions"].items()))),
    ]
    told = "".join(writer.words(key, "dt") + element("dd", value) for key, value in rows)
    return _section(writer, "evidence", "evidence_note", element("dl", told, "evidence sheet"))


# --------------------------------------------------------------------------------------------------------- their parts


def _section(writer: Writer, title: str, note: str | None, *parts: str) -> str:
    told = writer.words(note, "p", "note") if note else ""
    return element("section", writer.words(title, "h2") + told + "".join(parts))


def _chart(
    writer: Writer, title: str, note: str | None, svg: str, values: Mapping[str, Any] | None = None, name: str = ""
) -> str:
    told = writer.words(note, "p") if note else ""
    if values is not None and values[name] is not None:
        bounds = values["interval"][name]
        between = f" ({writer.figure(bounds[0], 'decimal')} – {writer.figure(bounds[1], 'decimal')})" if bounds else ""
        told += f"<p>{writer.words(name)} <b>{writer.figure(values[name], 'decimal')}</b>{between}</p>"
    return element("figure", writer.name(title, "h3") + told + svg, "chart sheet")


def _measures(writer: Writer, part: Mapping[str, Any], columns: Columns) -> str:
    head = "<th></th>" + writer.words("n", "th") + "".join(writer.words(name, "th") for name, _ in columns)
    rows = [_row(writer, writer.words("overall", "th"), part["overall"], columns, "all")]
    for group in _GROUPS:
        if len(part.get(group, {})) < 2:
            continue
        rows.append(_group_row(writer, group, len(columns) + 2))
        rows += [_row(writer, _group_name(writer, group, name), part[group][name], columns) for name in part[group]]
    return table(head, rows)


def _group_row(writer: Writer, group: str, width: int) -> str:
    return element("tr", writer.words(group, "th", colspan=width), "group")


def _group_name(writer: Writer, group: str, name: str) -> str:
    if group == "by_pair":
        asked, _, source = name.partition(">")
        return element("th", f"{writer.name(asked)} → {writer.name(source)}")
    return writer.name(name, "th") if group == "by_language" else element("th", dash(name))


def _row(writer: Writer, head: str, values: Mapping[str, Any], columns: Columns, class_: str = "") -> str:
    return element("tr", head + writer.figure(values["n"], "whole", "td") + _cells(writer, values, columns), class_)


def _cells(writer: Writer, values: Mapping[str, Any], columns: Columns) -> str:
    cells = []
    for name, form in columns:
        bounds = values["interval"][name]
        cells.append(element("td", writer.figure(values[name], form) + writer.interval(bounds, form)))
    return "".join(cells)


def _code(text: str) -> str:
    return element("code", escape(text))
