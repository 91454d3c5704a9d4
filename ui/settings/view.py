"""The settings as a form. Pure; whatever comes from outside is escaped, and a key is never part of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from kb.library.library import Fallback
from kb.settings.schema import VARIABLES, ModelSettings, Settings
from retrieval.models.dtypes import DTYPES, resolved
from ui.locale.messages import Words
from ui.widgets.icons import icon
from ui.widgets.widgets import page_head


@dataclass(frozen=True)
class Field:
    """One setting that the page can change."""

    place: str
    """Such as `answer.most_sentences`; its name in the form too."""
    message: str
    kind: Literal["whole", "number", "text", "choice", "key"]
    least: float = 0
    most: float = 0
    choices: tuple[str, ...] = ()
    note: str = ""
    rebuild: bool = False


SECTIONS: tuple[tuple[str, tuple[Field, ...]], ...] = (
    (
        "section_answers",
        (
            Field("answer.most_sentences", "most_sentences", "whole", 1, 10),
            Field("answer.refuse_below", "refuse_below", "number", 0, 1),
            Field("passages", "passages_given", "whole", 1, 100),
        ),
    ),
    (
        "section_retrieval",
        (
            Field("retrieval.mode", "mode", "choice", choices=("hybrid", "dense", "sparse")),
            Field("retrieval.keyword_weight", "keyword_weight", "number", 0, 3),
            Field("reranker.model", "reranker", "text"),
        ),
    ),
    (
        "section_model",
        (
            Field("model.name", "model", "text", rebuild=True),
            Field("model.dtype", "dtype", "choice", choices=DTYPES, rebuild=True),
        ),
    ),
    (
        "section_llm",
        (
            Field("llm.base_url", "base_url", "text"),
            Field("llm.model", "llm_model", "text"),
            Field("llm.api_key", "api_key", "key"),
        ),
    ),
)
INNER = frozenset({"llm.base_url"})
"""What tells of the network around the server, and is for editors alone."""
FIELDS = tuple(field for _, fields in SECTIONS for field in fields)


@dataclass(frozen=True)
class SettingsState:
    """What the settings page shows."""

    settings: Settings
    index_model: ModelSettings
    """The model in use, with which the index was made."""
    locked: str = ""
    """The message that says why nothing can be changed; empty where it can."""
    by_environment: Collection[str] = ()
    notice: str = ""
    problem: str = ""
    fallbacks: Sequence[Fallback] = ()
    may_edit: bool = True
    """Whether the one who looks may know where the language model's server is."""


def settings_page(state: SettingsState, words: Words) -> str:
    """Return the whole page."""
    told = f'<p class="notice">{escape(words(state.locked))}</p>' if state.locked else ""
    notice = f'<p class="unseen" data-notice>{escape(state.notice)}</p>' if state.notice else ""
    problem = f'<p class="notice" role="alert">{escape(state.problem)}</p>' if state.problem else ""
    sections = "".join(_section(name, fields, state, words) for name, fields in SECTIONS)
    save = "" if state.locked else f'<button class="button primary" id="save">{escape(words("save"))}</button>'
    disabled = " disabled" if state.locked else ""
    head = page_head(words("nav_settings"), words("settings_note"), words)
    told += f"{notice}{problem}{_fallbacks(state, words)}{_due(state, words)}"
    return (
        f'{head}{told}<form class="settings" data-send="pages/settings"'
        f' autocomplete="off"><fieldset{disabled}>{sections}</fieldset><p class="buttons sticky">{save}</p></form>'
    )


def tested(text: str, *, passed: bool) -> str:
    """Return what came of trying the connection."""
    return f'<p class="tested {"passed" if passed else "failed"}" role="status">{escape(text)}</p>'


def _fallbacks(state: SettingsState, words: Words) -> str:
    """Return what of the saved settings could not be used when the server started."""
    names = {field.place: words(field.message) for field in FIELDS}
    lines = (
        words("fallback_used" if one.used else "fallback_off", field=names[one.place], saved=one.saved, used=one.used)
        for one in state.fallbacks
        if state.may_edit or one.place != "llm.base_url"
    )
    return "".join(f'<p class="notice" role="alert">{escape(line)}</p>' for line in lines)


def _due(state: SettingsState, words: Words) -> str:
    """Return what is to be done where the index was made with another model than the settings name."""
    old, new = ((model.name, resolved(model.dtype)) for model in (state.index_model, state.settings.model))
    if old == new:
        return ""
    by = slice(0, 1) if old[0] != new[0] else slice(1, 2)
    text = words("rebuild_due", old=old[by][0], new=new[by][0])
    return (
        f'<div class="undo"><p>{escape(text)}</p><a class="button" href="#/library">{icon("retry")}'
        f"{escape(words('rebuild'))}</a></div>"
    )


def _section(name: str, fields: tuple[Field, ...], state: SettingsState, words: Words) -> str:
    rows = "".join(_row(field, state, words) for field in fields)
    extra = ""
    if name == "section_llm":
        rows = f'<p class="meta">{escape(words("llm_note"))}</p>{rows}'
        if not state.locked:
            extra = (
                f'<p class="buttons"><button type="button" class="button" id="test" data-test="pages/settings/test">'
                f'{escape(words("test_connection"))}</button></p><div id="tested"></div>'
            )
    return f"<section><h2>{escape(words(name))}</h2>{rows}{extra}</section>"


def _row(field: Field, state: SettingsState, words: Words) -> str:
    fixed = field.place in state.by_environment
    about = escape(
        words("by_environment", variable=VARIABLES[field.place]) if fixed else words(f"{field.message}_note")
    )
    name = field.place.replace(".", "-")
    badge = f' <span class="badge">{escape(words("needs_rebuild"))}</span>' if field.rebuild else ""
    control = _control(field, name, state, words, " disabled" if fixed else "")
    return (
        f'<div class="setting"><label for="set-{name}">{escape(words(field.message))}{badge}</label>'
        f'<div>{control}<p class="meta" id="about-{name}">{about}</p></div></div>'
    )


def _control(field: Field, name: str, state: SettingsState, words: Words, disabled: str) -> str:
    settings = state.settings
    shared = f'id="set-{name}" name="{field.place}" aria-describedby="about-{name}"{disabled}'
    value = value_of(settings, field.place)
    if field.kind == "key":
        held = bool(settings.llm.api_key.get_secret_value() or settings.llm.api_key_file)
        told = escape(words("api_key_set" if held else "api_key_unset"))
        return f'<input type="password" {shared} autocomplete="new-password" placeholder="{told}">'
    if field.kind == "choice":
        named = ((one, escape(words(f"{field.message}_{one}"))) for one in field.choices)
        options = "".join(
            f'<option value="{one}"{" selected" if one == value else ""}>{name}</option>' for one, name in named
        )
        return f"<select {shared}>{options}</select>"
    if field.place in INNER and not state.may_edit:
        told = escape(words("api_key_set" if value else "api_key_unset"))
        return f'<input type="text" {shared} placeholder="{told}">'
    if field.kind == "text":
        return f'<input type="text" {shared} maxlength="500" value="{escape(str(value))}" spellcheck="false">'
    step = "1" if field.kind == "whole" else "0.05"
    limits = f'min="{field.least:g}" max="{field.most:g}" step="{step}"'
    return f'<input type="number" {shared} {limits} value="{value:g}" required>'


def value_of(settings: Settings, place: str) -> str | float:
    """Return one setting by its place."""
    value: object = settings
    for part in place.split("."):
        value = getattr(value, part)
    return value if isinstance(value, int | float) else str(value)
