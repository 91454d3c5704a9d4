"""The page that shows the OpenAPI description; every byte of it comes from this server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

VERSION = "1"
"""Of the API; raised when a name changes or goes."""

_STYLE = Path(__file__).with_name("api_docs.css")


def page(schema: dict[str, Any]) -> str:
    """Return the page for an OpenAPI description."""
    title, style = escape(schema["info"]["title"]), _STYLE.read_text(encoding="utf-8")
    tags: dict[str, list[str]] = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            tags.setdefault(operation["tags"][0], []).append(_operation(schema, path, method, operation))
    parts = "".join(f"<h2>{escape(tag)}</h2>{''.join(operations)}" for tag, operations in tags.items())
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}: API</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{style}</style></head><body>'
        f"<h1>{title}: API</h1><p>{escape(schema['info']['description'])} The same for machines: "
        '<a href="openapi.json">openapi.json</a>. A request that fails gets '
        '<code>{"error": {"message", "type", "param", "code"}}</code>. Where there are users, send '
        "<code>Authorization: Bearer TOKEN</code>; <code>cco users token NAME</code> makes one. MCP clients find the "
        f"tools ask, search and read_document at <code>/gradio_api/mcp/</code>.</p>{parts}</body></html>"
    )


def _operation(schema: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> str:
    body = operation.get("requestBody", {}).get("content", {})
    kind = next(iter(body), "")
    content = body.get(kind, {})
    given = _table("Parameters", list(parameters_of(operation)))
    if content:
        given += _table(f"Body: {kind}", list(fields_of(schema, content["schema"])))
    told = "".join(_response(schema, status, response) for status, response in operation["responses"].items())
    failures = ", ".join(status for status in operation["responses"] if not status.startswith("2"))
    return (
        f'<details><summary><span class="method">{method.upper()}</span><code>{escape(path)}</code>'
        f"<span>{escape(operation['summary'])}</span></summary><p>{escape(operation.get('description', ''))}</p>"
        f"{given}<pre>{escape(example_of(schema, path, method, operation))}</pre>{told}"
        f"<p>Fails with {failures}.</p></details>"
    )


def parameters_of(operation: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield the name, type and meaning of each parameter of an operation."""
    for parameter in operation.get("parameters", ()):
        name = parameter["name"] + ("" if parameter["required"] else " (optional)")
        yield name, _type(parameter["schema"]), parameter.get("description", "")


def _response(schema: dict[str, Any], status: str, response: dict[str, Any]) -> str:
    content = response.get("content", {}).get("application/json")
    if not status.startswith("2") or not content:
        return ""
    return _table(f"Returns {status}", list(fields_of(schema, content["schema"])))


def fields_of(schema: dict[str, Any], described: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield the name, type and meaning of each field of a body, those within another as `outer.inner`."""
    model = _resolved(schema, described)
    required = model.get("required", ())
    returned = "Json" in described.get("$ref", "")
    for name, field in model.get("properties", {}).items():
        optional = "" if returned or name in required else " (optional)"
        yield name + optional, _type(field), field.get("description", "")
        inner = field.get("items", field)
        if "$ref" in inner and inner["$ref"] != described.get("$ref"):  # the parts of an answer are answers
            for inside, kind, said in fields_of(schema, inner):
                yield f"{name}.{inside}", kind, said


def _resolved(schema: dict[str, Any], described: dict[str, Any]) -> dict[str, Any]:
    reference = described.get("$ref", "")
    found: dict[str, Any] = schema["components"]["schemas"][reference.split("/")[-1]] if reference else described
    return found


def _type(field: dict[str, Any]) -> str:
    if "anyOf" in field:
        return " or ".join(dict.fromkeys(_type(one) for one in field["anyOf"]))
    if "enum" in field:
        return " | ".join(map(str, field["enum"]))
    if "const" in field:
        return str(field["const"])
    if field.get("type") == "array":
        return f"list of {_type(field.get('items', {}))}"
    name = field["$ref"].split("/")[-1].removesuffix("Json") if "$ref" in field else field.get("type", "any")
    bounds = [f"{word} {field[key]:.10g}" for key, word in (("minimum", "from"), ("maximum", "to")) if key in field]
    return " ".join([name, *bounds])


def _table(caption: str, rows: list[tuple[str, str, str]]) -> str:
    if not rows:
        return ""
    cells = "".join(f"<tr><td><code>{escape(a)}</code><td>{escape(b)}<td>{escape(c)}" for a, b, c in rows)
    return f"<table><tr><th colspan=3>{escape(caption)}</tr>{cells}</table>"


def example_of(schema: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> str:
    """Return a command that sends such a request."""
    body = operation.get("requestBody", {}).get("content", {})
    kind = next(iter(body), "")
    address = f"http://127.0.0.1:7860{path}"
    asked = {
        p["name"]: p["schema"]["examples"][0] for p in operation.get("parameters", ()) if "examples" in p["schema"]
    }
    if asked:
        address = f"'{address}?{urlencode(asked)}'"
    lines = [f"curl {address}" if method == "get" else f"curl -X {method.upper()} {address}"]
    if kind == "multipart/form-data":
        lines.append("-F files=@notes.md")
    elif kind:
        fields = _resolved(schema, body[kind]["schema"]).get("properties", {})
        example = {name: field["examples"][0] for name, field in fields.items() if "examples" in field}
        lines += ["-H 'Content-Type: application/json'", f"-d '{json.dumps(example, ensure_ascii=False)}'"]
    return " \\\n  ".join(lines)
