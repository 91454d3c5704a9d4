"""What the commands share: how one is declared, settings from options, one way to print, progress on stderr."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

# Nothing heavy is imported here: `cco --help` answers at once, and each command loads what it needs.
if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase
    from kb.settings.schema import Settings

SHIPPED_TEXTS = Path(__file__).resolve().parents[2] / "corpus" / "texts"

TAGS = ("zh-Hans", "zh-Hant", "pl", "en")

PAUSE = 3.0
"""Seconds between two lines that tell how far something is, where there is no bar."""

Run = Callable[[argparse.Namespace], int]
"""A command at work; returns its exit status."""


class Commands:
    """Where each command says its name, its options and what it does."""

    def __init__(self, parser: argparse.ArgumentParser, *, nested: bool = False) -> None:
        self._commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
        self._nested = nested

    def add(self, name: str, run: Run, help_: str, example: str, *, brief: bool = False) -> argparse.ArgumentParser:
        """Add a command and return its parser. `brief`: it is over before there is garbage worth a collection."""
        sub = self._parser(name, help_, example)
        sub.set_defaults(run=run, brief=brief)
        return sub

    def group(self, name: str, help_: str, example: str) -> Commands:
        """Add a command that has commands of its own, and return the place for them."""
        return Commands(self._parser(name, help_, example), nested=True)

    def _parser(self, name: str, help_: str, example: str) -> argparse.ArgumentParser:
        sub = self._commands.add_parser(
            name,
            help=help_,
            description=help_[0].upper() + help_[1:] + ".",
            epilog=f"example: {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        # A command within a group leaves what was said before its name as it is.
        default = argparse.SUPPRESS if self._nested else None
        sub.add_argument("--index", type=Path, metavar="DIR", default=default, help="the index's folder (or CCO_INDEX)")
        sub.add_argument(
            "--model", metavar="NAME_OR_FOLDER", default=default, help="a sentence-transformers model (or CCO_MODEL)"
        )
        return sub


def json_flag(parser: argparse.ArgumentParser) -> None:
    """Add `--json` to a command that prints."""
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def language_option(parser: argparse.ArgumentParser) -> None:
    """Add `--language TAG`, which may be repeated."""
    parser.add_argument(
        "--language",
        action="append",
        default=[],
        choices=TAGS,
        metavar="TAG",
        help="only texts in this language; may be repeated",
    )


def reranker_option(parser: argparse.ArgumentParser) -> None:
    """Add `--reranker NAME_OR_FOLDER`."""
    parser.add_argument(
        "--reranker", metavar="NAME_OR_FOLDER", help="a sentence-transformers CrossEncoder for the first hits (none)"
    )


def number(kind: type[int] | type[float], called: str, low: float, high: float = inf) -> Callable[[str], Any]:
    """Return what reads a number from `low` to `high`, as the type of an option; `called` tells what it takes."""

    def read(text: str) -> float:
        with suppress(ValueError):
            if low <= (found := kind(text)) <= high:
                return found
        raise argparse.ArgumentTypeError(f"{text!r} is not {called}")

    return read


positive = number(int, "a whole number from 1", 1)


def wait_flag(parser: argparse.ArgumentParser) -> None:
    """Declare `--wait`."""
    parser.add_argument("--wait", action="store_true", help="wait while another process is changing the index")


def settings_of(options: argparse.Namespace) -> Settings:
    """Return the settings, options first."""
    from kb.settings.schema import Settings

    settings = Settings.load()
    given: dict[str, Any] = {"index": options.index} if options.index is not None else {}
    if options.model is not None:
        given["model"] = settings.model.model_copy(update={"name": options.model})
    if getattr(options, "reranker", None) is not None:
        given["reranker"] = settings.reranker.model_copy(update={"model": options.reranker})
    if getattr(options, "wait", False):
        given["patience"] = inf
    return settings.model_copy(update=given)


def given_by_options(options: argparse.Namespace) -> frozenset[str]:
    """Return the settings, such as `model.name`, that options or variables give, so that no file rules them."""
    from kb.settings.file import given_by_environment

    named = {"model.name": options.model, "reranker.model": getattr(options, "reranker", None)}
    return given_by_environment() | {place for place, value in named.items() if value is not None}


def opened(options: argparse.Namespace) -> KnowledgeBase:
    """Return the knowledge base that the options name."""
    from kb.knowledge_base import KnowledgeBase

    return KnowledgeBase.open(settings=settings_of(options))


def print_json(value: Any) -> int:
    """Print one JSON document; return exit status 0."""
    print(json.dumps(value, ensure_ascii=False, indent=2))
    return 0


def say(message: str) -> None:
    """Print a line for the person at the terminal, on stderr."""
    print(f"cco: {message}", file=sys.stderr, flush=True)


def fail(message: str, status: int = 1) -> int:
    """Say what went wrong; return the exit status."""
    say(message)
    return status


def misused(command: str, message: str) -> NoReturn:
    """Say what is wrong with the options of `cco COMMAND`, and end with status 2."""
    print(f"cco {command}: error: {message}; see cco {command} --help", file=sys.stderr)
    raise SystemExit(2)


def flat(text: str) -> str:
    """Return `text` in one line."""
    return " ".join(text.split())


class Progress:
    """Shows what is being done on stderr: a bar in a terminal, elsewhere a line a step and one every few seconds."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._step = ""
        self._told = 0.0

    def __enter__(self) -> Callable[[str, int, int], None]:
        return self._show

    def __exit__(self, *_: object) -> None:
        self._close()

    def _show(self, step: str, done: int, total: int) -> None:
        from tqdm import tqdm

        if step != self._step:
            self._close()
            self._step = step
            shown, stream = sys.stderr.isatty(), getattr(sys.stderr, "plain", sys.stderr)
            self._bar = tqdm(total=total, desc=step, file=stream, disable=not shown, leave=False)
            self._tell(f"{step} {total}")
        elif time.monotonic() - self._told >= PAUSE and done < total:
            self._tell(f"{step} {done} of {total}")
        self._bar.update(done - self._bar.n)

    def _tell(self, message: str) -> None:
        self._told = time.monotonic()
        if not sys.stderr.isatty():
            say(message)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
