"""What is wrong with a file of questions: a code that stays, and what the code's wording names.

The wording here is the command line's: one line of English. Whoever words a fault in another language does it by its
code and values, never by this text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

FAULTS: Mapping[str, str] = {
    # What is wrong with a line.
    "no_json": "not JSON ({detail}, column {column}); one object a line is expected",
    "half_character": "holds half a character ({got})",
    "too_deep": "not a question: nested too deeply",
    "no_object": "a JSON object is expected, got {got}",
    "lacks": 'no "{key}"',
    "lacks_but": 'no "{key}", but "{near}"',
    "no_words": '"{key}" must be a string with words',
    "no_list": '"{key}" must be a list of strings, got {got}',
    "odd_item": '"{key}" must be a list of strings, {got} is none',
    "language": '"language" is {got}, expected one of {tags}',
    "no_string": '"{key}" must be a string',
    "id_twice": "the id {got} stands in line {earlier} already",
    # What is wrong with the whole file.
    "unreadable": "{detail}",
    "no_utf8": "not UTF-8 (byte {byte}); save it as UTF-8",
    "holds_none": "holds no question; one JSON object a line is expected",
    "squad": "looks like SQuAD's format; give it as --squad {path}",
    "one_list": "is one list; one JSON object a line is expected, without the list's brackets and commas",
    "run": "is a run; cco compare takes two of them",
    "no_set": 'is no question set: none of its lines is a JSON object, such as {{"question": "…", "answers": ["…"]}}',
    # What keeps runs from being made or compared.
    "no_run": "not a run; cco eval QUESTIONS.jsonl --json OUT writes one",
    "broken_off": "the run was broken off; the same cco eval with --json {path} goes on with it",
    "figures_only": "the run has figures alone (--part report); compare runs of --part look",
    "index_changed": "the index was changed while its questions were asked; run it again",
    "settings_changed": "the settings were changed while its questions were asked; run it again",
    "nothing_in_common": "no answerable question in common with {other}; compare runs over one set",
    # What only the command line meets.
    "other": "{detail}",
}
"""Code -> its wording in English."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong; as a string, one line of English without its place."""

    code: str
    """One of `FAULTS`."""
    values: Mapping[str, str | int] = field(default_factory=dict)
    line: int = 0
    """Where in the file, from 1; 0 where it is not about one line."""

    def __str__(self) -> str:
        return FAULTS[self.code].format(**self.values)


def fault(code: str, *, line: int = 0, **values: str | int) -> Fault:
    """Return the fault of this code. Raises `KeyError` where there is no such code."""
    if code not in FAULTS:
        raise KeyError(code)
    return Fault(code, values, line)


class LineError(ValueError):
    """A line is no question; the message has all that is wrong with it."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(map(str, self.faults)))


class QuestionSetError(Exception):
    """A file of questions cannot be used; the message has one line for each fault, with its place."""

    def __init__(self, path: Path | None, *faults: Fault) -> None:
        self.path, self.faults = path, faults
        told: dict[int, list[str]] = {}
        lines = []
        for number, one in enumerate(faults):
            # The faults of one line are told in one line.
            key = one.line or -number
            if key not in told:
                lines.append((one.line, told.setdefault(key, [])))
            told[key].append(str(one))
        super().__init__("\n".join(f"{self._place(line)}{'; '.join(texts)}" for line, texts in lines))

    def _place(self, line: int) -> str:
        if self.path is None:
            return ""
        return f"{self.path}:{line}: " if line else f"{self.path}: "
