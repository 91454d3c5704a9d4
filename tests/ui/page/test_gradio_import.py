"""That a start does not wait for what Gradio makes for editors of programs."""

from __future__ import annotations

import inspect

import pytest

from ui.app import gr
from ui.widgets.gradio_import import without_stubs


def a_component() -> type[gr.HTML]:
    class Own(gr.HTML):
        EVENTS = ()

    return Own


def test_components_are_made_without_a_look_at_their_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradio.component_meta.create_pyi", lambda *_: pytest.fail("describes a component"))
    with without_stubs():
        assert a_component().__name__ == "Own"
        assert inspect.getfile(a_component) == __file__
    with pytest.raises(pytest.fail.Exception, match="describes a component"):
        a_component()


def test_afterwards_sources_are_found_as_before() -> None:
    before = inspect.getfile
    with pytest.raises(ZeroDivisionError), without_stubs():
        raise ZeroDivisionError
    assert inspect.getfile is before
