"""`cco compare`: two runs side by side, for people and for CI."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ui.commands.shared import Commands, flat, misused, print_json, say

_DETAILS = 20
"""Questions that are listed of those won, and of those lost; `--json` has all."""


def register(commands: Commands) -> None:
    """Declare the command."""
    sub = commands.add("compare", _compare, "show what changed between two runs", "cco compare before.json after.json")
    sub.add_argument("run_a", type=Path, metavar="RUN_A.json")
    sub.add_argument("run_b", type=Path, metavar="RUN_B.json")
    form = sub.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON document, also to a terminal")
    form.add_argument("--text", action="store_true", help="print a table, also to a file or a pipe")
    for side in ("under", "over"):
        sub.add_argument(
            f"--fail-{side}",
            action="append",
            default=[],
            metavar="PATH=VALUE",
            help=f"end with status 1 where a measure of RUN_B is {side} a value, "
            f"such as {'retrieval.R@1=0.95' if side == 'under' else 'latency_ms.p95=200'}; may be repeated",
        )
    sub.add_argument(
        "--fail-on-loss",
        action="store_true",
        help="end with status 1 where RUN_B is worse by more than chance (p < .05)",
    )
    sub.add_argument(
        "--tolerance",
        type=int,
        default=0,
        metavar="N",
        help="with --fail-on-loss: questions that any measure may lose, as between two processors (0)",
    )
    sub.add_argument(
        "--most-points",
        type=float,
        metavar="X",
        help="with --fail-on-loss: end with status 1 also where a measure falls by more than X points of 100, "
        "whatever its p value",
    )


def _compare(options: argparse.Namespace) -> int:
    from kb.evaluation.comparison import compare, losses
    from kb.evaluation.figures.limits import Limit, LimitError, broken
    from kb.evaluation.run_file import read_run

    try:
        limits = [Limit.read(text) for text in options.fail_under]
        limits += [Limit.read(text, over=True) for text in options.fail_over]
        faults = broken(read_run(options.run_b), limits) if limits else []
    except LimitError as error:
        misused("compare", str(error))
    result = compare(options.run_a, options.run_b)
    if options.fail_on_loss:
        worse = losses(result["measures"], tolerance=options.tolerance, most_points=options.most_points)
        faults += [f"{name} is worse: {_change(result['measures'][name])}" for name in worse]
    if options.text or (sys.stdout.isatty() and not options.json):
        print("\n".join(_table(result)))
    else:
        print_json(result)
    for fault in faults:
        say(fault)
    return 1 if faults else 0


def _table(result: Mapping[str, Any]) -> Iterator[str]:
    """Yield a comparison line by line."""
    yield f"{'':<22}{'n':>6}{'before':>10}{'after':>10}{'change':>10}  {'95 % interval':<20}{'p':>7}"
    for name, told in result["measures"].items():
        low, high = told["interval"]
        verdict = "" if not told["significant"] else "  worse" if told["worse"] else "  better"
        between = f"{low:+.4f} to {high:+.4f}"
        yield (
            f"{name:<22}{told['n']:>6}{told['a']:>10.4f}{told['b']:>10.4f}{told['difference']:>+10.4f}  {between:<20}"
            f"{told['p']:>7.4f}{verdict}"
        )
    for side in ("won", "lost"):
        listed = [detail for detail in result["details"] if detail["won"] is (side == "won")]
        unlisted = result["counts"][side] - len(listed)
        yield f"\n{side}: {result['counts'][side]}" + (f" ({unlisted} only reported on)" if unlisted else "")
        yield from (f"  {_detail(detail)}" for detail in listed[:_DETAILS])
        if len(listed) > _DETAILS:
            yield f"  and {len(listed) - _DETAILS} more (--json has all)"
    for key, label in (("only_in_a", "only in the first"), ("only_in_b", "only in the second"), ("changed", "changed")):
        if ids := result[key]:
            yield f"\nquestions {label}: {len(ids)} ({', '.join(ids[:5])}{' …' * (len(ids) > 5)})"
    if result["manifest"]:
        yield "\ndiffers:"
        yield from (
            f"  {path}: {_told(sides['a'])} > {_told(sides['b'])}" for path, sides in result["manifest"].items()
        )


def _detail(detail: Mapping[str, Any]) -> str:
    ranks = " > ".join(str(detail[side]["rank"] or "–") for side in ("a", "b"))
    faults = " > ".join(detail[side]["fault"] or "right" for side in ("a", "b"))
    return f"{detail['id']}: {flat(detail.get('question', ''))[:70]} (rank {ranks}; {faults})"


def _change(told: Mapping[str, Any]) -> str:
    return f"{told['a']:.4f} > {told['b']:.4f}, p = {told['p']:.4f}"


def _told(value: Any) -> str:
    return flat(json.dumps(value, ensure_ascii=False))[:80]
