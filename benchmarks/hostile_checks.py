"""What is seen of a server under hostile clients, and what of it must hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.api_mixed import History

MOST_TIMES_SLOWER = 3.0
MOST_GROWTH = 0.05
LONGEST_HEALTH = 1.0
"""Seconds."""
LARGEST_LOG = 2_000_000
"""Bytes."""
MOST_TOLD = 12


@dataclass(frozen=True)
class Held:
    """One promise and whether it held."""

    name: str
    holds: bool
    figures: str
    measured: bool = False
    """Whether it is a time or an amount of memory, which other work on the machine shifts."""


@dataclass
class Asked:
    """What came of the questions of well-behaved clients in one phase."""

    seconds: list[float] = field(default_factory=list)
    citations: int = 0
    of_changing: int = 0
    """Citations of documents that were being changed."""
    told_to_wait: int = 0
    """503 with `Retry-After`; the wait is in the seconds of the question."""


@dataclass
class Seen:
    """All that was seen. For one event loop."""

    phases: dict[str, Asked] = field(default_factory=dict)
    statuses: dict[str, Counter[str]] = field(default_factory=dict)
    """By kind of client."""
    errors: list[str] = field(default_factory=list)
    """Responses that no server should give, whoever asks."""
    broken: list[str] = field(default_factory=list)
    """What a well-behaved client got in place of an answer."""
    throttled: int = 0
    """Times that a well-behaved client was told that it asks too often: this harness keeps no good pace."""
    wrong: list[str] = field(default_factory=list)
    """Citations that no state of the library bears out, and documents that are not what they should be."""
    health: list[float] = field(default_factory=list)
    memory: dict[str, int] = field(default_factory=dict)
    """Bytes, by when they were measured."""
    log: int = 0
    lag: list[float] = field(default_factory=list)
    """Seconds by which the harness itself came late to what it had to do; they are in all other times."""

    def note(self, kind: str, status: int, headers: Mapping[str, str], about: str = "") -> None:
        """Count a response, and keep it where it is a fault."""
        self.statuses.setdefault(kind, Counter())[str(status)] += 1
        if fault := fault_of(status, headers):
            self.errors.append(f"{kind}: {fault} {about}".strip())

    def lost(self, kind: str, error: Exception) -> None:
        """Count a request that got no response."""
        self.statuses.setdefault(kind, Counter())[type(error).__name__] += 1


def fault_of(status: int, headers: Mapping[str, str]) -> str:
    """Return what is wrong with a response by its status and head, nothing where it may be so."""
    if status == 503:
        return "" if "retry-after" in headers else "503 without Retry-After"
    return str(status) if status >= 500 else ""


def cited_wrongly(history: History, answer: Mapping[str, Any], asked: float, answered: float) -> list[str]:
    """Return what is wrong with the citations of an answer, by the library as it was between question and answer."""
    citations = answer["citations"]
    never = [one["document_id"] for one in citations if one["document_id"] not in history.states]
    return [f"there was never a document {name}" for name in never] or history.faults(citations, asked, answered)


def percentile(seconds: Sequence[float], share: float) -> float:
    """Return the least of the figures that `share` of them do not exceed; infinity where there is none."""
    ranked = sorted(seconds)
    return ranked[max(0, -(-len(ranked) * round(share * 100) // 100) - 1)] if ranked else float("inf")


def verdicts(seen: Seen) -> list[Held]:
    """Return every promise with what was seen of it."""
    quiet, hostile = (seen.phases.get(name, Asked()) for name in ("quiet", "hostile"))
    before, during = (percentile(phase.seconds, 0.95) for phase in (quiet, hostile))
    citations = sum(phase.citations for phase in seen.phases.values())
    changing = sum(phase.of_changing for phase in seen.phases.values())
    first, last = (seen.memory.get(name, 0) for name in ("warm", "end"))
    growth = last / first - 1 if first else float("inf")
    health, slowest = percentile(seen.health, 0.99), max(seen.health, default=float("inf"))
    return [
        Held("no 5xx but 503 with Retry-After", not seen.errors, f"{len(seen.errors)} of {_responses(seen):,}"),
        Held(
            f"95 of 100 questions at most {MOST_TIMES_SLOWER:g} times slower",
            during <= MOST_TIMES_SLOWER * before < float("inf"),
            f"{during / before if before else 0:.1f} times: {before:.2f} s quiet ({len(quiet.seconds)}), "
            f"{during:.2f} s ({len(hostile.seconds)}; {hostile.told_to_wait} told to wait); "
            f"median {percentile(quiet.seconds, 0.5):.2f} s, {percentile(hostile.seconds, 0.5):.2f} s",
            measured=True,
        ),
        Held("every well-behaved question answered", not seen.broken, f"{len(seen.broken)} not"),
        Held("no well-behaved client throttled (pacing)", not seen.throttled, f"{seen.throttled} times"),
        Held(
            "no wrong citation",
            bool(citations and changing) and not seen.wrong,
            f"{len(seen.wrong)} of {citations:,}, {changing:,} of them of documents that change",
        ),
        Held(
            f"memory within {MOST_GROWTH:.0%}",
            abs(growth) <= MOST_GROWTH or growth < 0,
            f"{growth:+.1%}: " + ", ".join(f"{name} {held / 1e6:,.0f} MB" for name, held in seen.memory.items()),
            measured=True,
        ),
        Held(
            f"/healthz within {LONGEST_HEALTH:g} s, 99 of 100",
            health <= LONGEST_HEALTH,
            f"{health * 1e3:.0f} ms of {len(seen.health):,}, slowest {slowest * 1e3:.0f} ms",
            measured=True,
        ),
        Held(f"log of at most {LARGEST_LOG / 1e6:g} MB", seen.log <= LARGEST_LOG, f"{seen.log / 1e3:,.0f} kB"),
    ]


def table(seen: Seen) -> str:
    """Return what came of it, for people: the promises, the first faults, what each kind of client was told."""
    held = verdicts(seen)
    width = max(len(one.name) for one in held)
    lines = [f"{'held' if one.holds else 'BROKEN':8}{one.name:{width + 2}}{one.figures}" for one in held]
    lines.append(
        f"{'':8}{'the harness itself came late':{width + 2}}{percentile(seen.lag, 0.99) * 1e3:.0f} ms, 99 of 100"
    )
    for name, faults in (("5xx", seen.errors), ("not answered", seen.broken), ("wrong", seen.wrong)):
        lines += [f"{name}: {fault}" for fault in faults[:MOST_TOLD]]
    lines += ["", "what each kind was told:"]
    lines += [
        f"  {kind:34}{', '.join(f'{status} x {count}' for status, count in sorted(counts.items()))}"
        for kind, counts in sorted(seen.statuses.items())
    ]
    return "\n".join(lines)


def held_by(process: int) -> int:
    """Return the bytes that a process and all that it started hold, memory that they share counted once.

    Proportional set sizes, where the kernel tells them to us; else resident ones, which count what is shared again.
    """
    return sum(_proportional(one) for one in (process, *_started_by(process)))


def _proportional(process: int) -> int:
    place = Path("/proc", str(process))
    for file, name in (("smaps_rollup", "Pss:"), ("status", "VmRSS:")):
        try:
            for line in (place / file).read_text(encoding="ascii", errors="replace").splitlines():
                if line.startswith(name):
                    return int(line.split()[1]) * 1024
        except OSError:
            continue
    return 0


def _started_by(process: int) -> list[int]:
    """Return the processes that one started, and those that these did."""
    found: list[int] = []
    for tasks in Path("/proc", str(process), "task").glob("*/children"):
        try:
            children = [int(word) for word in tasks.read_text(encoding="ascii").split()]
        except OSError:
            continue
        for child in children:
            found += [child, *_started_by(child)]
    return found


def _responses(seen: Seen) -> int:
    return sum(sum(counts.values()) for counts in seen.statuses.values())
