"""How Gradio is loaded: without what it does for those who write programs with it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def without_stubs() -> Iterator[None]:
    """While the block lasts, Gradio writes no `.pyi` for its components, which is most of the time that it loads.

    It parses the source of each and renders what an editor would complete; it leaves out what has no source.
    """
    source_of = inspect.getfile

    def no_source_of(thing: Any) -> str:
        if type(thing).__name__ == "ComponentMeta":
            raise OSError("a component, whose source nobody needs")
        return source_of(thing)

    inspect.getfile = no_source_of  # type: ignore[assignment]
    try:
        yield
    finally:
        inspect.getfile = source_of
