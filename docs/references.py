"""The pages on settings and API, made from what declares them: `python -m docs.references`."""

from __future__ import annotations

import ast
import inspect
import types
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from kb.settings import schema
from kb.settings.schema import VARIABLES, Settings
from ui.api.docs import example_of, fields_of, parameters_of
from ui.api.routes import programs

FOLDER = Path(__file__).resolve().parent

_SETTINGS = """# Settings

Made by `python -m docs.references` from `kb/settings/schema.py`.

They stand in `settings.toml` in the user's data folder, where the page saves them, or in the file that `CCO_SETTINGS`
names; a variable goes before the file, and an option of a command before both. A key that is not known is refused. In
the file a table is written `[answer]` and a key below it:

```toml
passages = 8

[answer]
most_sentences = 2

[model]
name = "BAAI/bge-m3"
```
"""

_OTHERS = """## Variables that are no settings

| variable | what it does |
|---|---|
| `CCO_SETTINGS` | the file that settings are read from and saved to |
| `CCO_CACHE` | the folder for what can be made again: the unpacked model, word lists, vectors of evaluations |
| `CCO_DEBUG` | has an unexpected error of a command show where it came from |
"""

_API = """# API

Made by `python -m docs.references` from the description that a server gives at `/api/openapi.json`; `/api/docs` shows
the same in a browser. [Using it](using.md#for-other-programs) has examples and says how chat clients and MCP connect.

Where there are users, send `Authorization: Bearer TOKEN`; `cco users token NAME` makes one. A request that fails gets
`{"error": {"message", "type", "param", "code"}}`. A later version may return more fields.
"""


def settings_page() -> str:
    """Return the page of all settings."""
    parts = [_SETTINGS, "## At the top\n", *_table("", Settings, plain=True)]
    for name, field in Settings.model_fields.items():
        if (table := _model(field)) is not None:
            parts += ["", f"## {name}\n", f"{_paragraph(inspect.getdoc(table) or '')}\n", *_table(f"{name}.", table)]
    return "\n".join([*parts, "", _OTHERS])


def api_page() -> str:
    """Return the page of the HTTP API."""
    described = description()
    parts = [_API]
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            parts += [f"## {method.upper()} {path}", "", *_operation(described, path, method, operation)]
    return "\n".join(parts)


def description() -> dict[str, Any]:
    """Return the description of the API as a server gives it; nothing is behind it, so nothing is loaded."""
    site, nobody = FastAPI(openapi_url=None), cast(Any, None)
    programs(site, nobody, nobody, nobody)
    found: dict[str, Any] = TestClient(site).get("/api/openapi.json").json()
    return found


PAGES: Mapping[str, Callable[[], str]] = {"settings.md": settings_page, "api.md": api_page}


# -------------------------------------------------------------------------------------------------------- settings


def _table(prefix: str, model: type[BaseModel], *, plain: bool = False) -> Iterator[str]:
    said = attributes_said(model)
    yield "| setting | takes | default | what it does |\n|---|---|---|---|"
    for name, field in model.model_fields.items():
        if plain and _model(field) is not None:
            continue
        variable = VARIABLES.get(prefix + name)
        told = " ".join([said.get(name, ""), *([f"Variable: `{variable}`."] if variable else [])]).strip()
        yield f"| `{name}` | {takes(field)} | {_default(name, field)} | {told.replace('|', '&#124;')} |"


def _model(field: FieldInfo) -> type[BaseModel] | None:
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def attributes_said(model: type[BaseModel]) -> dict[str, str]:
    """Return what stands below each field of a class, as one line."""
    body = next(
        node.body
        for node in ast.parse(inspect.getsource(schema)).body
        if isinstance(node, ast.ClassDef) and node.name == model.__name__
    )
    said = {}
    for node, after in pairwise(body):
        match node, after:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                said[name] = _paragraph(inspect.cleandoc(text))
    return said


def _paragraph(text: str) -> str:
    return " ".join(text.split())


def takes(field: FieldInfo) -> str:
    """Return what a setting takes, in words."""
    bounds = {name: getattr(one, name) for one in field.metadata for name in ("ge", "gt", "le") if hasattr(one, name)}
    least = f"from {_number(bounds['ge'])}" if "ge" in bounds else ""
    least = f"above {_number(bounds['gt'])}" if "gt" in bounds else least
    most = f"to {_number(bounds['le'])}" if "le" in bounds else ""
    return " ".join(part for part in (_kind(field.annotation), least, most) if part)


def _number(value: float) -> str:
    return f"{value:,g}" if value < 1e6 else f"{value:,.0f}"


def _kind(annotation: Any) -> str:
    if get_origin(annotation) is Annotated:
        return _kind(get_args(annotation)[0])
    if get_origin(annotation) is Literal:
        return ", ".join(f"`{one}`" for one in get_args(annotation))
    if get_origin(annotation) is tuple:
        return "list of texts"
    if get_origin(annotation) in (Union, types.UnionType):
        return _kind(next(one for one in get_args(annotation) if one is not type(None)))
    words = {
        str: "text",
        SecretStr: "text",
        bool: "`true`, `false`",
        int: "whole number",
        float: "number",
        Path: "path",
    }
    return words[annotation]


def _default(name: str, field: FieldInfo) -> str:
    if field.default_factory is not None:
        return f"`{name}` in the data folder"
    default = field.default
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if default is None or default in ("", ()):
        return "none"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"


# ------------------------------------------------------------------------------------------------------------- API


def _operation(described: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f"{operation['summary']}. {_paragraph(operation.get('description', ''))}".strip()
    body = operation.get("requestBody", {}).get("content", {})
    kind = next(iter(body), "")
    content = body.get(kind, {})
    yield from _fields("parameter", parameters_of(operation))
    if content:
        yield from _fields(f"body, {kind}", fields_of(described, content["schema"]))
    yield f"\n```sh\n{example_of(described, path, method, operation)}\n```"
    for status, response in operation["responses"].items():
        told = response.get("content", {}).get("application/json")
        if status.startswith("2") and told:
            yield from _fields(f"returns {status}", fields_of(described, told["schema"]))
    failures = ", ".join(sorted(status for status in operation["responses"] if not status.startswith("2")))
    yield f"\nFails with {failures}.\n" if failures else ""


def _fields(caption: str, rows: Iterator[tuple[str, str, str]]) -> Iterator[str]:
    lines = []
    for name, kind, said in rows:
        own, _, optional = name.partition(" ")
        lines.append(f"| `{own}` | {' '.join([kind.replace('|', 'or'), optional]).strip()} | {_paragraph(said)} |")
    if lines:
        yield "\n".join([f"\n| {caption} | | |", "|---|---|---|", *lines])


if __name__ == "__main__":
    for name, made in PAGES.items():
        (FOLDER / name).write_text(made(), encoding="utf-8")
