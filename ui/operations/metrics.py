"""What the operator can measure, in Prometheus' format; the only module that knows its library."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from kb.answering.answers import Answer
from kb.any_base import Readable

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    """The figures of one server."""

    def __init__(self, base: Readable) -> None:
        registry = self._registry = CollectorRegistry()
        self._questions = Counter(
            "cco_questions",
            "Questions asked, by what came of them.",
            ["outcome", "language", "engine"],
            registry=registry,
        )
        self._stages = Histogram(
            "cco_stage_seconds",
            "Time that each stage of an answer took.",
            ["stage"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._searches = Counter("cco_searches", "Searches made.", registry=registry)
        self._llm = Counter(
            "cco_llm_failures",
            "Answers not in the language model's words.",
            ["reason"],
            registry=registry,
        )
        self._dropped = Counter(
            "cco_llm_sentences_dropped", "Sentences of the language model that no source bore out.", registry=registry
        )
        self._requests = Counter("cco_requests", "HTTP requests.", ["method", "route", "status"], registry=registry)
        self._request_seconds = Histogram(
            "cco_request_seconds", "Time until a response was sent.", ["route"], buckets=_SECONDS, registry=registry
        )
        self.running = Gauge("cco_questions_running", "Questions that are being answered.", registry=registry)
        registry.register(_Index(base))
        ProcessCollector(registry=registry)

    def answered(self, answer: Answer) -> None:
        """Count an answer or a refusal."""
        outcome = "answered" if answer.answered else "refused"
        self._questions.labels(outcome, answer.language, answer.engine).inc()
        for stage, milliseconds in answer.timings_ms.items():
            self._stages.labels(stage).observe(milliseconds / 1e3)
        if answer.failure:
            self._llm.labels(answer.failure).inc()
        self._dropped.inc(answer.dropped)

    def failed(self) -> None:
        """Count a question that could not be dealt with."""
        self._questions.labels("failed", "", "").inc()

    def searched(self) -> None:
        """Count a search."""
        self._searches.inc()

    def requested(self, method: str, path: str, status: int, seconds: float) -> None:
        """Count a request."""
        route = _route(path)
        known = method if method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS") else "other"
        self._requests.labels(known, route, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """Return all figures as Prometheus reads them."""
        return generate_latest(self._registry)


class _Index(Collector):
    """Looks at the index when it is asked."""

    def __init__(self, base: Readable) -> None:
        self._base = base

    def collect(self) -> Iterator[Metric]:
        manifest = self._base.manifest
        for name in ("documents", "passages", "windows"):
            yield GaugeMetricFamily(f"cco_index_{name}", f"{name.title()} in the index.", getattr(manifest, name))


def _route(path: str) -> str:
    """Return what requests are counted under: never a whole path, of which there are without number."""
    first = path.split("/")[1] if "/" in path else ""
    if first in ("api", "v1", "gradio_api"):
        second = path.split("/")[2:3]
        known = {"ask", "search", "documents", "me", "docs", "openapi.json", "chat", "models", "queue", "run", "mcp"}
        return f"/{first}/{second[0]}" if second and second[0] in known else f"/{first}"
    return f"/{first}" if first in ("documents", "assets", "static", "signin", "healthz", "readyz", "metrics") else "/"
