"""That every regular expression takes time in proportion to what it reads, whatever somebody thinks up for it."""

from __future__ import annotations

import ast
import importlib
import re
import re._constants as opcodes  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
import time
from collections.abc import Callable, Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
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
USES = frozenset({"search", "match", "fullmatch", "finditer", "findall", "sub", "subn", "split"})
ANCHORED = frozenset({"match", "fullmatch"})
LINEAR_MS = 8.0
"""What the slowest linear one may take for 4,000 characters; one that is quadratic takes 20 and more."""


@cache
def sources() -> dict[str, ast.Module]:
    """Return the trees of all modules, by name."""
    files = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    names = (".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in files)
    return {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in zip(names, files, strict=True)}


@cache
def used(name: str) -> frozenset[str]:
    """Return the methods by which anything called `name` is used anywhere."""
    return frozenset(
        node.attr
        for tree in sources().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in USES and name in ast.unparse(node.value).split(".")
    )


def patterns() -> Iterator[tuple[str, str, int, frozenset[str]]]:
    """Yield every pattern that is written in the sources, or made of what is: where, the pattern, its flags, and by
    which methods it is used, as far as that is told by its name.
    """
    for name, tree in sources().items():
        module = importlib.import_module(name)
        for key, value in vars(module).items():
            for pattern in compiled(value):
                yield f"{name}.{key}", pattern.pattern, pattern.flags, used(key)
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=use), args=[first, *_]) if use in USES:
                    try:
                        found = eval(compile(ast.Expression(first), name, "eval"), vars(module))
                    except NameError:  # made of what a function is given
                        continue
                    if isinstance(found, str):
                        yield f"{name}, line {node.lineno}", found, 0, frozenset({use})


def compiled(value: object, depth: int = 0) -> Iterator[re.Pattern[str]]:
    """Yield the patterns in a module's constant, within tables too."""
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, str):
            yield value
    elif depth < 4 and isinstance(value, tuple | list | frozenset | dict):
        for part in [*value, *value.values()] if isinstance(value, dict) else value:
            yield from compiled(part, depth + 1)


def fragments(sequence: Any) -> Iterator[str]:  # noqa: C901 (one case a kind of node)
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


def slow_on(pattern: str, flags: int = 0, used_by: frozenset[str] = frozenset()) -> str:
    """Return an input that a pattern takes more than linear time for, and how it was used; nothing where none is."""
    found = re.compile(pattern, flags)
    told = list(dict.fromkeys(fragments(parser.parse(pattern, flags))))
    pieces = dict.fromkeys([*CLASSES, *told[:24], *(a + b for a, b in product(told[:4], told[:4]))])
    uses: dict[str, Callable[[str], object]] = {name: getattr(found, name) for name in used_by & ANCHORED}
    if not used_by or used_by - ANCHORED:
        uses["search"] = lambda text: found.sub("", text)
    for begin, piece, end, (name, use) in product(("", *told[:1]), pieces, ("", "\0"), uses.items()):
        if grows(use, begin, piece, end):
            return f"{name} on {begin!r}, {piece!r} again and again, then {end!r}"
    return ""


def grows(use: Callable[[str], object], begin: str, piece: str, end: str) -> bool:
    """Tell whether more than linear time is taken; what doubles with every character is found before it takes hours."""
    for length in (24, 40, 1_000):
        if milliseconds(use, begin + (piece * length)[:length] + end) > LINEAR_MS / 16:
            break
    else:
        return False
    return any(
        milliseconds(use, begin + (piece * length)[:length] + end, times=3) > LINEAR_MS
        for length in (20, 24, 28, 40, 100, 1_000, 4_000)
    )


def test_a_pattern_that_is_not_linear_is_found() -> None:
    assert slow_on(r"\d+(?:,\d+)*x").startswith("search on '', '1'")
    assert slow_on(r"\s*\[").startswith("search on '', ' '")
    assert slow_on(r"\s*\[", used_by=frozenset({"match"})) == ""
    assert slow_on(r"(?:\w+-?)+", used_by=ANCHORED) == "fullmatch on '', 'a' again and again, then '\\x00'"
    assert slow_on(r"(?<![\d,])\d++(?:,\d++)*+x") == slow_on(r"(?<!\s)\s*+\[") == ""


@pytest.mark.slow
def test_every_pattern_is_linear() -> None:
    once = {(pattern, flags, used_by): place for place, pattern, flags, used_by in patterns()}
    assert len(once) > 120
    slow = {
        place: told for (pattern, flags, used_by), place in once.items() if (told := slow_on(pattern, flags, used_by))
    }
    assert not slow
