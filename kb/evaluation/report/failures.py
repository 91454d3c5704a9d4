"""The report's list of failed questions: what was found instead beside what is right, to be filtered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from kb.evaluation.judging import FAULTS
from kb.evaluation.report.markup import Writer, element, marked
from kb.evaluation.report.messages import messages

_FILTERS = ("language", "kind", "fault")


def failures(writer: Writer, lines: Sequence[Mapping[str, Any]]) -> str:
    """Return the section on the questions that failed."""
    failed = [line for line in lines if line.get("fault")]
    parts = [writer.words("faults", "h2"), writer.words("faults_note" if failed else "no_faults", "p", "note")]
    if failed:
        counts = Counter(line["fault"] for line in failed)
        tally = "".join(
            element("li", writer.words(fault) + f" <b>{counts[fault]}</b>", f"badge {fault}")
            for fault in (*FAULTS, "lost_follow_up", "not_first")
            if counts[fault]
        )
        parts += [element("ul", tally, "tally"), _filters(writer, failed), *(_card(writer, line) for line in failed)]
    return element("section", "".join(parts), id="failed")


def _filters(writer: Writer, failed: Sequence[Mapping[str, Any]]) -> str:
    selects = []
    for name in _FILTERS:
        values = sorted({line.get(name) or "" for line in failed} - {""})
        if len(values) < 2:
            continue
        options = [writer.words("all", "option", value="*")]
        for value in values:
            if _is_message(name, value):
                options.append(writer.words(value, "option", value=value))
            else:
                options.append(element("option", escape(value), value=value))
        selects.append(element("label", writer.words(name) + element("select", "".join(options), name=name)))
    find = '<input id="find" type="search" data-placeholder="find" data-label="find">'
    selects.append(element("label", writer.words("find") + find, "find"))
    return element("div", "".join(selects) + '<output id="count"></output>', "filters scripted", hidden="")


def _is_message(name: str, value: str) -> bool:
    """Tell whether a value is ours; a kind is what the file says, but for those of conversations."""
    return value in messages() if name != "kind" else value in ("follow_up", "new_topic")


def _card(writer: Writer, line: Mapping[str, Any]) -> str:
    shown, language = line.get("shown") or {}, line["language"]
    before = [element("p", escape(turn), "before", lang=language) for turn in line.get("turns", ())[:-1]]
    head = element("h3", escape(line["question"]), lang=language)
    sides = element("div", _given(writer, line, shown)) + element("div", _wanted(writer, line, shown))
    data = {f"data-{name}": line.get(name) or "" for name in _FILTERS}
    inner = "".join([*before, head, _tags(writer, line), element("div", sides, "sides")])
    return element("article", inner, "failed sheet", **data)


def _tags(writer: Writer, line: Mapping[str, Any]) -> str:
    kind, sure = line.get("kind") or "", line.get("confidence")
    tags = [
        element("span", writer.words(line["fault"]), f"badge {line['fault']}"),
        element("code", escape(str(line["id"]))),
        element("span", writer.name(line["language"]) + _target(writer, line)),
        writer.words(kind) if _is_message("kind", kind) else escape(kind),
    ]
    if sure is not None:
        tags.append(element("span", f"{writer.words('confidence')} {writer.figure(sure, 'percent')}"))
    return element("div", " ".join(filter(None, tags)), "tags")


def _target(writer: Writer, line: Mapping[str, Any]) -> str:
    asked, _, source = (line.get("pair") or "").partition(">")
    return f" → {writer.name(source)}" if source and source != asked else ""


def _given(writer: Writer, line: Mapping[str, Any], shown: Mapping[str, Any]) -> str:
    """Return the left side: the answer or the error, and the passage found first."""
    if line.get("error"):
        return writer.words("error", "h4") + element("p", escape(line["error"]), "said")
    parts = []
    if line.get("completed"):
        parts += [writer.words("completed", "h4"), element("p", escape(line["completed"]), "said")]
    if line.get("answer"):
        parts += [writer.words("given_answer", "h4"), element("p", escape(line["answer"]), "said")]
    elif "answered" in line:
        parts.append(writer.words("given_refusal", "h4"))
    if found := shown.get("found"):
        parts += [writer.words("found_first", "h4"), _passage(found, line.get("answers") or ())]
    return "".join(parts)


def _wanted(writer: Writer, line: Mapping[str, Any], shown: Mapping[str, Any]) -> str:
    """Return the right side: what was expected, and the right passage with its place."""
    answers = line.get("answers") or ()
    if not line["answerable"]:
        return writer.words("expected", "h4") + writer.words("nothing_expected", "p", "said")
    parts = [writer.words("expected", "h4")] if answers else []
    parts += [element("p", escape(answer), "said") for answer in answers[:4]]
    right = shown.get("right")
    if not right:
        return "".join([*parts, writer.words("right_passage", "h4"), writer.words("nowhere", "p", "excerpt")])
    rank = shown.get("rank")
    place = f"<b>{rank}</b>" if rank else writer.words("beyond")
    parts.append(element("h4", f"{writer.words('right_passage')} · {writer.words('rank')} {place}"))
    return "".join([*parts, _passage(right, answers)])


def _passage(excerpt: Mapping[str, Any], answers: Sequence[str]) -> str:
    place = " · ".join(filter(None, (excerpt["title"], excerpt["section"])))
    told = element("p", f"{escape(place)} <code>{escape(excerpt['document_id'])}</code>", "place")
    text = element("p", marked(excerpt["text"], answers), "excerpt", lang=excerpt["language"])
    return (told if excerpt["document_id"] else "") + text
