"""That every regular expression takes time in proportion to what it reads, whatever somebody thinks up for it."""

from __future__ import annotations

import ast
import importlib
import re
import re._constants as opcodes  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
import time
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("retrieval", "kb", "ui")
CLASSES = (
    "a",
    "A",
    "1",
    "客",
    " ",
    "\n",
    ".",
    ",",
    "-",
    "(",
    "[",
    "<",
    '"',
    "a ",
    "1 ",
    "1.",
    "1,",
    "A. ",
    "-a",
    "a\n",
)
USES = ("compile", "search", "match", "fullmatch", "finditer", "findall", "sub", "subn", "split")
LINEAR_MS = 8.0
"""What the slowest linear one may take for 4,000 characters; one that is quadratic takes 20 and more."""


def patterns() -> Iterator[tuple[str, str, int]]:
    """Yield every pattern that is written in the sources, or made of what is: where, the pattern, its flags."""
    for path in sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        place = path.relative_to(ROOT)
        name = ".".join(place.with_suffix("").parts).removesuffix(".__init__")
        module = importlib.import_module(name)
        for key, value in vars(module).items():
            for pattern in compiled(value):
                yield f"{name}.{key}", pattern.pattern, pattern.flags
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=used), args=[first, *_]) if used in USES:
                    try:
                        pattern = eval(compile(ast.Expression(first), name, "eval"), vars(module))
                    except NameError:  # made of what a function is given
                        continue
                    if isinstance(pattern, str):
                        yield f"{name}, line {node.lineno}", pattern, 0


def compiled(value: object, depth: int = 0) -> Iterator[re.Pattern[str]]:
    """Yield the patterns in a module's constant, within tables too."""
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, str):
            yield value
    elif depth < 4 and isinstance(value, tuple | list | frozenset | dict):
        for part in [*value, *value.values()] if isinstance(value, dict) else value:
            yield from compiled(part, depth + 1)


def fragments(sequence: Any) -> Iterator[str]:
    """Yield what a parsed pattern looks for: its characters, the ends of its ranges, the words among its choices."""
    word = ""
    for code, argument in sequence:
        if code is opcodes.LITERAL:
            word += chr(argument)
            yield chr(argument)
            continue
        if len(word) > 1:
            yield word
        word = ""
        if code is opcodes.IN:
            for kind, what in argument:
                if kind is opcodes.LITERAL:
                    yield chr(what)
                elif kind is opcodes.RANGE:
                    yield chr(what[0])
        elif code is opcodes.BRANCH:
            for branch in argument[1]:
                yield from fragments(branch)
        elif code in (opcodes.MAX_REPEAT, opcodes.MIN_REPEAT, opcodes.POSSESSIVE_REPEAT):
            yield from fragments(argument[2])
        elif code is opcodes.SUBPATTERN:
            yield from fragments(argument[3])
        elif code in (opcodes.ASSERT, opcodes.ASSERT_NOT):
            yield from fragments(argument[1])
        elif code is opcodes.ATOMIC_GROUP:
            yield from fragments(argument)
    if len(word) > 1:
        yield word


def milliseconds(use: Callable[[str], object], text: str, times: int = 1) -> float:
    """Return the least of some measurements, in this process's own time, so that what else runs counts little."""
    took = []
    for _ in range(times):
        started = time.process_time()
        use(text)
        took.append(time.process_time() - started)
    return min(took) * 1e3


def slow_on(pattern: str, flags: int) -> str:
    """Return an input that a pattern takes more than linear time for, and how it was used; nothing where none is."""
    found = re.compile(pattern, flags)
    told = list(dict.fromkeys(fragments(parser.parse(pattern, flags))))
    pieces = dict.fromkeys([*CLASSES, *told[:24], *(a + b for a, b in product(told[:6], told[:6]))])
    uses: dict[str, Callable[[str], object]] = {
        "search": lambda text: found.sub("", text),
        "fullmatch": found.fullmatch,
    }
    for piece, end, (name, use) in product(pieces, ("", "\0"), uses.items()):
        text = (piece * 4_000)[:4_000] + end
        if milliseconds(use, text[:1_000] + end) < LINEAR_MS / 16:
            continue
        if milliseconds(use, text, times=3) > LINEAR_MS:
            return f"{name} on {piece!r} again and again, then {end!r}"
    return ""


def test_a_pattern_that_is_not_linear_is_found() -> None:
    assert slow_on(r"\d+(?:,\d+)*x", 0).startswith("search on '1")
    assert slow_on(r"(?:a|aa)+$", 0) or slow_on(r"\s*\[", 0)
    assert slow_on(r"(?<![\d,])\d++(?:,\d++)*+x", 0) == slow_on(r"(?<!\s)\s*+\[", 0) == ""


@pytest.mark.slow
def test_every_pattern_is_linear() -> None:
    once = {(pattern, flags): place for place, pattern, flags in patterns()}
    assert len(once) > 150
    slow = {place: told for (pattern, flags), place in once.items() if (told := slow_on(pattern, flags))}
    assert not slow
