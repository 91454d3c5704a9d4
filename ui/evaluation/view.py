"""The evaluation page as HTML. Pure; whatever comes from outside is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import quote

from kb.evaluation.sets.faults import QuestionSetError
from ui.locale.messages import Words
from ui.operations.jobs import Job
from ui.widgets.failures import failure, fault
from ui.widgets.icons import icon
from ui.widgets.widgets import page_head, progress

SHIPPED = ""
"""Stands for the shipped question set where sets are named."""
_FAULTS_TOLD = 20
"""Faults of a question set that are told one by one."""


@dataclass(frozen=True)
class RunLine:
    """What the list tells of a run."""

    name: str
    started: str
    questions: str
    count: int
    found: float | None
    answered: float | None
    refused: float | None


@dataclass(frozen=True)
class EvaluationState:
    """What the evaluation page shows."""

    sets: Sequence[str] = ()
    runs: Sequence[RunLine] = ()
    job: Job | None = None
    locked: str = ""
    refused: QuestionSetError | None = None
    """What is wrong with a file that was uploaded."""
    notice: str = ""


def evaluation_page(state: EvaluationState, words: Words) -> str:
    """Return the whole page."""
    notice = f'<p class="unseen" data-notice>{escape(state.notice)}</p>' if state.notice else ""
    told = f'<p class="notice">{escape(words(state.locked))}</p>' if state.locked else ""
    head = page_head(words("nav_evaluation"), words("evaluation_note"), words)
    starting = "" if state.locked else _starting(state, words)
    return f"{head}{notice}{told}{starting}{running(state.job, words)}{_runs(state, words)}{_comparing(state, words)}"


def running(job: Job | None, words: Words) -> str:
    """Return how far a run is; a run that is over loads the page anew, with its results."""
    if job is None:
        return '<div id="running"></div>'
    if job.running:
        shown = progress(words("running"), job.done, job.total)
        return f'<div id="running" data-part="pages/evaluation/progress" data-refresh="800">{shown}</div>'
    if job.error:
        said = escape(words("job_failed", reason=failure(job.error, words)))
        return f'<div id="running"><p class="notice" role="alert">{said}</p></div>'
    return f'<div id="running" data-reload="pages/evaluation"><p role="status">{escape(words("run_done"))}</p></div>'


def comparison(told: Mapping[str, Any], words: Words) -> str:
    """Return what changed from one run to another, measure by measure."""
    rows = "".join(_measure(name, measure, words) for name, measure in told["measures"].items())
    head = "".join(
        f'<th scope="col"{" class=number" if name in ("run_a", "run_b") else ""}>{escape(words(name))}</th>'
        for name in ("measure", "run_a", "run_b", "difference")
    )
    changed = "".join(
        f"<p>{escape(words(name, ids=', '.join(told[name])))}</p>" for name in ("won", "lost") if told[name]
    )
    return (
        f'<p class="meta">{escape(words.count("questions_count", told["questions"]))}</p><div class="wide">'
        f'<table class="plain"><thead><tr>{head}<th></th></tr></thead><tbody>{rows}</tbody></table></div>{changed}'
    )


def cannot_compare(error: QuestionSetError, words: Words) -> str:
    """Return why two runs cannot be compared."""
    return f'<p class="notice" role="alert">{escape(failure(error, words))}</p>'


def _refused_set(error: QuestionSetError, words: Words) -> str:
    """Return the faults of a question set, one a line."""
    told = [fault(found, words) for found in error.faults[:_FAULTS_TOLD]]
    if len(error.faults) > _FAULTS_TOLD:
        told.append(words.count("more_faults", len(error.faults) - _FAULTS_TOLD))
    lines = "".join(f"<li>{escape(line)}</li>" for line in told)
    return (
        f'<div class="notice" role="alert"><p>{escape(words("set_refused"))}</p><ul class="faults">{lines}</ul></div>'
    )


def _starting(state: EvaluationState, words: Words) -> str:
    options = "".join(
        f'<option value="{escape(name)}">{escape(name or words("shipped_set"))}</option>'
        for name in (SHIPPED, *state.sets)
    )
    going = " disabled" if state.job and state.job.running else ""
    problem = _refused_set(state.refused, words) if state.refused else ""
    return (
        f'<section class="starting"><h2>{escape(words("run_title"))}</h2>{problem}'
        f'<form class="line" data-send="pages/evaluation/run"><label>{escape(words("question_set"))}'
        f'<select name="set" id="set">{options}</select></label>'
        f'<button class="button primary" id="run"{going}>{escape(words("run_start"))}</button>'
        f'<label class="link">{escape(words("upload_set"))}'
        '<input type="file" class="unseen" id="question-set" accept=".jsonl,application/jsonl"></label></form>'
        f'<p class="meta">{escape(words("upload_set_note"))}</p></section>'
    )


def _runs(state: EvaluationState, words: Words) -> str:
    title = f"<h2>{escape(words('runs_title'))}</h2>"
    if not state.runs:
        return f'<section>{title}<p class="empty">{escape(words("runs_empty"))}</p></section>'
    columns = ("run", "questions", "found", "answered", "refused")
    head = "".join(
        f'<th scope="col"{"" if name == "run" else " class=number"}>{escape(words(f"column_{name}"))}</th>'
        for name in columns
    )
    rows = "".join(_run(run, words) for run in state.runs)
    return (
        f'<section>{title}<div class="wide"><table class="plain" id="runs"><thead><tr>{head}<th></th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div></section>"
    )


def _run(run: RunLine, words: Words) -> str:
    shares = "".join(f'<td class="number">{_share(value)}</td>' for value in (run.found, run.answered, run.refused))
    address = f"pages/evaluation/runs/{quote(run.name)}?ui={words.language}"
    return (
        f'<tr><th scope="row"><time datetime="{escape(run.started)}">{escape(_moment(run.started, words))}</time>'
        f'<span class="meta">{escape(run.questions)}</span></th><td class="number">{run.count}</td>{shares}'
        f'<td><a href="{escape(address)}" target="_blank" rel="noopener">{icon("evaluation")}'
        f"{escape(words('open_report'))}</a></td></tr>"
    )


def _comparing(state: EvaluationState, words: Words) -> str:
    if len(state.runs) < 2:
        return ""

    def choice(name: str, chosen: int) -> str:
        options = "".join(
            f'<option value="{escape(run.name)}"{" selected" if place == chosen else ""}>'
            f"{escape(_moment(run.started, words))} · {escape(run.questions)}</option>"
            for place, run in enumerate(state.runs)
        )
        return f'<label>{escape(words(name))}<select name="{name}" id="{name}">{options}</select></label>'

    return (
        f'<section><h2>{escape(words("compare_title"))}</h2><form class="line" data-send="pages/evaluation/compare"'
        f' data-into="comparison">{choice("run_a", 1)}{choice("run_b", 0)}'
        f'<button class="button" id="compare">{escape(words("compare_start"))}</button></form>'
        '<div id="comparison"></div></section>'
    )


def _measure(name: str, told: Mapping[str, Any], words: Words) -> str:
    low, high = told["interval"]
    verdict = ("worse" if told["worse"] else "better") if told["significant"] else "no_change"
    return (
        f'<tr><th scope="row" lang="en">{escape(name)}</th><td class="number">{told["a"]:.3f}</td>'
        f'<td class="number">{told["b"]:.3f}</td><td class="number">{told["difference"]:+.3f} '
        f'<span class="meta">[{low:+.3f}, {high:+.3f}]</span></td>'
        f'<td class="{verdict}">{escape(words(verdict))}</td></tr>'
    )


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.0f} %"


def _moment(started: str, words: Words) -> str:
    day, _, time = started.partition("T")
    return f"{words.date(day)}, {time[:5]}" if words.language in ("pl", "en") else f"{words.date(day)} {time[:5]}"
