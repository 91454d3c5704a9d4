"""The evaluation page: question sets, runs with their reports, and what changed from one to another."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from starlette.concurrency import run_in_threadpool

from kb import KnowledgeBase
from kb.accounts.audit import Audit
from kb.evaluation import runs
from kb.evaluation.comparison import compare
from kb.evaluation.report.page import report
from kb.evaluation.run_file import read_run
from kb.evaluation.sets.faults import QuestionSetError
from kb.evaluation.sets.question_sets import load_question_set
from kb.hosting.uploads import file_name
from kb.output import write_whole
from ui.evaluation.view import SHIPPED, EvaluationState, RunLine, cannot_compare, comparison, evaluation_page, running
from ui.locale.messages import Words
from ui.operations.jobs import Jobs, Report
from ui.security.access import visitor_of
from ui.security.requests import body_of, json_of

SHIPPED_SET = Path(runs.__file__).with_name("questions.jsonl")
LARGEST_SET = 2_000_000
MOST_RUNS = 50
"""Runs that are kept; older ones go."""
_RUN = "evaluation"
_RUN_NAME = "%Y%m%d-%H%M%S"
"""Of a run's file, by which runs are in order; the time at which it ended."""


class EvaluationPage:
    """The handlers behind the evaluation page."""

    def __init__(self, base: KnowledgeBase, jobs: Jobs, audit: Audit) -> None:
        """Take a base whose questions are not counted as anybody's."""
        self._base, self._jobs, self._audit = base, jobs, audit
        self._sets = base.settings.beside_index("question-sets")
        self._runs = base.settings.beside_index("runs")

    def routes(self) -> APIRouter:
        """Return the page's routes."""
        router = APIRouter(prefix="/pages/evaluation", include_in_schema=False)
        router.get("")(self.page)
        router.post("/questions")(self.receive)
        router.post("/run")(self.run)
        router.get("/progress")(self.progress)
        router.get("/runs/{name}")(self.report)
        router.post("/compare")(self.compare)
        return router

    def page(self, request: Request, ui: str = "") -> HTMLResponse:
        """Show what there is."""
        return self._shown(request, Words.of(ui))

    async def receive(self, request: Request, name: str = "", ui: str = "") -> Response:
        """Take in a question set, where every line of it can be used."""
        words = Words.of(ui)
        if locked := self._locked(request):
            return PlainTextResponse(words(locked), 403)
        data = await body_of(request, LARGEST_SET)
        place = self._sets / Path(file_name(name)).with_suffix(".jsonl").name
        try:
            count = await run_in_threadpool(self._keep, place, data)
        except QuestionSetError as error:
            return self._shown(request, words, refused=error)
        self._audit.record(visitor_of(request).name, "evaluation.questions", set=place.name)
        return self._shown(request, words, notice=words("set_added", name=place.name, count=count))

    async def run(self, request: Request, ui: str = "") -> Response:
        """Begin a run."""
        if locked := self._locked(request):
            return PlainTextResponse(Words.of(ui)(locked), 403)
        name = str((await json_of(request)).get("set", SHIPPED))
        file = self._set(name)
        self._audit.record(visitor_of(request).name, "evaluation.run", set=file.name)
        self._jobs.start(_RUN, lambda tell: self._run(file, tell))
        return self._shown(request, Words.of(ui))

    def progress(self, ui: str = "") -> HTMLResponse:
        """Tell how far it is."""
        return HTMLResponse(running(self._jobs.job(_RUN), Words.of(ui)))

    def report(self, name: str, ui: str = "") -> Response:
        """Show the report of one run."""
        file = self._run_file(name)
        if file is None:
            return PlainTextResponse(Words.of(ui)("no_such_run"), 404)
        return HTMLResponse(report(read_run(file), Words.of(ui).language))

    async def compare(self, request: Request, ui: str = "") -> Response:
        """Show what changed from one run to another."""
        words, sent = Words.of(ui), await json_of(request)
        earlier, later = (self._run_file(str(sent.get(name, ""))) for name in ("run_a", "run_b"))
        if earlier is None or later is None:
            return PlainTextResponse(words("no_such_run"), 404)
        try:
            told = await run_in_threadpool(compare, earlier, later)
        except QuestionSetError as error:
            return HTMLResponse(cannot_compare(error, words), 422)
        return HTMLResponse(comparison(told, words))

    def _keep(self, place: Path, data: bytes) -> int:
        """Keep a question set and return how many questions it has. Raises `QuestionSetError`, keeping nothing."""
        self._sets.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = place.with_name(f".new-{place.name}")
        try:
            new.write_bytes(data)
            count = len(load_question_set(new).questions)
            new.replace(place)
        finally:
            new.unlink(missing_ok=True)
        return count

    def _run(self, file: Path, tell: Report) -> str:
        result = runs.run(self._base, load_question_set(file), lambda done, total: tell("asking", done, total))
        self._runs.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = next_name(self._runs, datetime.now(UTC))
        write_whole(self._runs / name, json.dumps(result, ensure_ascii=False) + "\n")
        for old in sorted(self._runs.glob("*.json"))[:-MOST_RUNS]:
            old.unlink(missing_ok=True)
        return name

    def _set(self, name: str) -> Path:
        known = {file.name: file for file in self._sets.glob("[!.]*.jsonl")}
        return known.get(name, SHIPPED_SET)

    def _run_file(self, name: str) -> Path | None:
        # Looked up among those that are there: nothing that a browser names is ever part of a path.
        return {file.name: file for file in self._runs.glob("[!.]*.json")}.get(name)

    def _shown(
        self, request: Request, words: Words, *, notice: str = "", refused: QuestionSetError | None = None
    ) -> HTMLResponse:
        state = EvaluationState(
            sets=sorted(file.name for file in self._sets.glob("[!.]*.jsonl")),
            runs=[_line(file) for file in sorted(self._runs.glob("[!.]*.json"), reverse=True)],
            job=self._job(),
            locked=self._locked(request),
            refused=refused,
            notice=notice,
        )
        return HTMLResponse(evaluation_page(state, words), 422 if refused else 200)

    def _job(self) -> Any:
        """Return the run that goes on or failed; one that ended well is in the list."""
        job = self._jobs.job(_RUN)
        if job and not job.running and not job.error:
            self._jobs.clear(_RUN)
            return None
        return job

    def _locked(self, request: Request) -> str:
        if self._base.settings.page.locked:
            return "runs_locked"
        return "" if visitor_of(request).may_edit else "only_editors_run"


def next_name(runs: Path, now: datetime) -> str:
    """Return the name of a run that ends now: the last by name, also where the clock has been set back since others."""
    newest = max((file.stem for file in runs.glob("[!.]*.json")), default="")
    with suppress(ValueError):
        now = max(now, datetime.strptime(newest, _RUN_NAME).replace(tzinfo=UTC) + timedelta(seconds=1))
    return f"{now:{_RUN_NAME}}.json"


def _line(file: Path) -> RunLine:
    """Return what the list tells of a run, no figures where the file cannot be read."""
    try:
        run = read_run(file)
        told, lines = run["manifest"], run["questions"]
        return RunLine(
            file.name,
            str(told["started"]),
            str(told["questions"]["file"]),
            len(lines),
            _figure(run, "retrieval", "overall", "R@1"),
            _figure(run, "answers", "overall", "answer_found"),
            _figure(run, "refusal", "unanswerable_refused"),
        )
    except (QuestionSetError, KeyError, TypeError):
        return RunLine(file.name, file.stem, "", 0, None, None, None)


def _figure(run: Any, *path: str) -> float | None:
    for key in path:
        run = run.get(key) if isinstance(run, dict) else None
    return float(run) if isinstance(run, int | float) else None
