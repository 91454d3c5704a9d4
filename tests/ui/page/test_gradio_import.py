"""That a start does not wait for what Gradio makes for editors of programs."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from kb import KnowledgeBase
from ui.app import gr, web_app
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


def test_of_a_page_one_application_is_made_and_it_is_the_one_that_is_served(
    small_base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []
    make = gr.routes.App.create_app

    def noted(*arguments: Any, **options: Any) -> Any:
        made.append(make(*arguments, **options))
        return made[-1]

    monkeypatch.setattr(gr.routes.App, "create_app", staticmethod(noted))
    site = web_app(small_base)
    assert len(made) == 1
    assert site.routes[-1].app._app is made[0]  # type: ignore[attr-defined]
