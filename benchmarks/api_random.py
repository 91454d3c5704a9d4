"""Random requests: made from the API's own description and then bent, or garbage from the start."""

from __future__ import annotations

import http.client
import json
import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

AT_ONCE = 8
MOST_TOLD = 20
"""Faults that the report spells out."""
QUESTIONS = ("Komu podlega CXO?", "客戶長是做什麼的？", "流失率怎么算？", "What is churn?", "a", "狗" * 1999)
WORDS = ("", " ", "cco", "kehuzhang", "birds", "\0", "\u202e", "🦉", "𠮷", "\ud800", "a" * 5000, "../../etc/passwd",
         "' or 1=1 --", "<script>", "{{7*7}}", "%00", "\r\nX: y", "NaN", "١٢", "ﷺ" * 500)  # fmt: skip
PARTS = ("api v1 gradio_api documents static assets .. %2e%2e queue join ask x run predict signin signout metrics "
         "conversation export markdown json rating pages library files remove undo rebuild concepts settings test "
         "evaluation file= proxy= config alive").split()  # fmt: skip
FORMS = ("/conversation/export/json", "/conversation/rating", "/pages/library/files", "/pages/library/remove",
         "/pages/settings", "/gradio_api/run/predict", "/gradio_api/queue/join", "/gradio_api/mcp/",
         "/signin")  # fmt: skip
"""What the page itself sends to; it is given garbage too."""
FIELDS = ("turns", "turn", "rating", "instead_of", "id", "document_id", "question", "data", "fn_index", "event_data",
          "session_hash", "jsonrpc", "method", "params", "name", "password", "llm.base_url")  # fmt: skip
MARKS = (b"Traceback (most recent", b'File "/', b"sqlite3.", b"pydantic_core.")


@dataclass(frozen=True)
class Secrets:
    """What no response may hold."""

    texts: tuple[bytes, ...]

    def found_in(self, response: bytes, sent: bytes) -> list[str]:
        """Return what of it is in a response and was not in the request."""
        return [text.decode() for text in (*self.texts, *MARKS) if text in response and text not in sent]


@dataclass(frozen=True)
class Sent:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


def random_requests(address: str, token: str, count: int, seed: int, secrets: Secrets) -> dict[str, Any]:
    """Send `count` requests and return statuses and faults."""
    schema = json.loads(_send(address, Sent("GET", "/api/openapi.json", {}, b""))[1].split(b"\n\n", 1)[1])
    maker = Maker(random.Random(seed), schema, token)
    requests = [maker.request() for _ in range(count)]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        results = list(threads.map(lambda sent: checked(address, sent, secrets), requests))
    statuses = Counter(str(status) for status, _ in results)
    faults = [fault for _, found in results for fault in found]
    return {
        "requests": count,
        "seed": seed,
        "statuses": dict(sorted(statuses.items())),
        "faults": len(faults),
        "first": faults[:MOST_TOLD],
    }


def checked(address: str, sent: Sent, secrets: Secrets) -> tuple[int, list[str]]:
    """Send a request and return its status and what is wrong with the response."""
    named = f"{sent.method} {sent.path[:120]} {sent.body[:120]!r}"
    try:
        status, response = _send(address, sent)
    except (OSError, http.client.HTTPException, ValueError) as error:
        # What is no request at all may get no response at all; the server must live on, which the next ones tell.
        return 0, [] if _is_no_request(sent) else [f"{named}: {type(error).__name__}: {error}"]
    everything = sent.path.encode() + sent.body + json.dumps(sent.headers).encode()
    faults = [f"{named}: holds {text!r}" for text in secrets.found_in(response, everything)]
    if status >= 500 and status != 503:
        faults.append(f"{named}: {status}")
    path = sent.path.split("?")[0]
    if status >= 400 and path.startswith(("/api/", "/v1/")) and sent.method != "HEAD" and not _is_error(response):
        faults.append(f"{named}: {status} in another shape: {response[-120:]!r}")
    return status, faults


def _is_error(response: bytes) -> bool:
    try:
        body = json.loads(response.split(b"\n\n", 1)[1])
        return set(body) == {"error"} and set(body["error"]) == {"message", "type", "param", "code"}
    except (ValueError, TypeError):
        return False


def _is_no_request(sent: Sent) -> bool:
    return not sent.path.isascii() or any(c <= " " or c == "\x7f" for c in sent.path) or not sent.path.startswith("/")


def _send(address: str, sent: Sent) -> tuple[int, bytes]:
    """Return the status, and the head and body of the response."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
    try:
        connection.request(sent.method, sent.path, body=sent.body or None, headers=sent.headers)
        response = connection.getresponse()
        head = "".join(f"{name}: {value}\n" for name, value in response.getheaders())
        return response.status, head.encode("latin-1") + b"\n" + response.read()
    finally:
        connection.close()


class Maker:
    """Makes requests from an OpenAPI description."""

    def __init__(self, chance: random.Random, schema: dict[str, Any], token: str) -> None:
        self._chance, self._schema, self._token = chance, schema, token
        self._operations = [
            (path, method, operation)
            for path, methods in schema["paths"].items()
            for method, operation in methods.items()
        ]

    def request(self) -> Sent:
        """Return one request: as described, bent, or garbage."""
        kind = self._chance.random()
        sent = self._garbage() if kind < 0.2 else self._described(bend=kind < 0.75)
        who = self._chance.random()
        token = self._token if who < 0.7 else "" if who < 0.9 else self._word()
        if token and token.isprintable() and token.isascii():
            sent.headers["Authorization"] = f"Bearer {token}"
        return sent

    def _described(self, *, bend: bool) -> Sent:
        path, method, operation = self._chance.choice(self._operations)
        query = []
        for parameter in operation.get("parameters", ()):
            value = self._value(parameter["schema"], bend=bend)
            if parameter["in"] == "path":
                path = path.replace(f"{{{parameter['name']}}}", _quoted(value))
            elif parameter["required"] or self._chance.random() < 0.5:
                values = value if isinstance(value, list) else [value]
                query += [f"{parameter['name']}={_quoted(one)}" for one in values]
        if query:
            path += "?" + "&".join(query)
        content = operation.get("requestBody", {}).get("content", {})
        headers: dict[str, str] = {}
        body = b""
        if "multipart/form-data" in content:
            body, headers["Content-Type"] = self._form()
        elif content:
            described = content["application/json"]["schema"]
            body = json.dumps(self._value(described, bend=bend)).encode()
            headers["Content-Type"] = "application/json"
        if bend and self._chance.random() < 0.3:
            body, headers = self._spoilt(body, headers)
        if bend and self._chance.random() < 0.1:
            method = self._chance.choice(("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "BREW"))
        return Sent(method.upper(), path, headers, body)

    def _spoilt(self, body: bytes, headers: dict[str, str]) -> tuple[bytes, dict[str, str]]:
        ways: list[Callable[[], tuple[bytes, dict[str, str]]]] = [
            lambda: (body[: self._chance.randrange(len(body) + 1)], headers),
            lambda: (self._chance.randbytes(self._chance.randrange(200)), headers),
            lambda: (b"[" * self._chance.choice((10, 1000, 100_000)), headers),
            lambda: (body, {"Content-Type": self._chance.choice(("text/plain", "application/xml", "", 'a/b; q="x'))}),
            lambda: (body + body, headers),
            lambda: (body, {**headers, "Accept": "text/event-stream"}),
            lambda: (body, {**headers, "Content-Encoding": "gzip"}),
            lambda: (body, {**headers, "X-Request-ID": "x" * 5000, "Range": "bytes=0-1", "Cookie": "cco_session=x"}),
        ]
        return self._chance.choice(ways)()

    def _garbage(self) -> Sent:
        parts = [*PARTS, self._word()]
        path = "/" + "/".join(self._chance.choices(parts, k=self._chance.randint(1, 4)))
        path = (
            quote(path, safe="/%=", errors="replace")
            if self._chance.random() < 0.9
            else path.encode("ascii", "replace").decode()
        )
        value = {self._chance.choice(FIELDS): self._value({}, bend=True) for _ in range(self._chance.randint(0, 5))}
        body = self._chance.choice((b"", b"[]", b"null", self._chance.randbytes(50), json.dumps(value).encode()))
        method = self._chance.choice(("GET", "GET", "POST", "PUT", "DELETE"))
        if self._chance.random() < 0.3:
            method, path = "POST", self._chance.choice(FORMS)
        kind = self._chance.choice(("application/json", "application/x-www-form-urlencoded", "multipart/form-data"))
        return Sent(method, path, {"Content-Type": kind}, body)

    def _form(self) -> tuple[bytes, str]:
        word = self._word().replace('"', "%22").replace("\r", "").replace("\n", "")
        name = word + self._chance.choice((".md", ".txt", ".exe"))
        text = f"# {self._word()}\n\n{self._chance.choice(QUESTIONS)} {self._word()}"
        head = f'--x\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
        return (head + text + "\r\n--x--\r\n").encode("utf-8", "replace"), "multipart/form-data; boundary=x"

    def _value(self, described: dict[str, Any], *, bend: bool) -> Any:
        """Return a value as described, or, bent, perhaps another."""
        if bend and self._chance.random() < 0.12:
            return self._chance.choice(
                (None, True, -1, 0, 10**30, 1e308, [], {}, [[]], self._word(), {"a": self._word()})
            )
        if "$ref" in described:
            described = self._schema["components"]["schemas"][described["$ref"].split("/")[-1]]
        if "anyOf" in described:
            return self._value(self._chance.choice(described["anyOf"]), bend=bend)
        if "enum" in described:
            return self._chance.choice(described["enum"])
        if described.get("examples") and self._chance.random() < 0.5:
            return described["examples"][0]
        return self._of_type(described, bend)

    def _of_type(self, described: dict[str, Any], bend: bool) -> Any:
        match described.get("type"):
            case "object":
                fields = described.get("properties", {})
                required = described.get("required", ())
                chosen = {n: f for n, f in fields.items() if n in required or self._chance.random() < 0.4}
                value = {name: self._value(field, bend=bend) for name, field in chosen.items()}
                if bend and self._chance.random() < 0.1:
                    value[self._word()] = self._word()
                return value
            case "array":
                return [self._value(described.get("items", {}), bend=bend) for _ in range(self._chance.randint(0, 3))]
            case "integer":
                return self._chance.randint(
                    int(described.get("minimum", 0)), min(int(described.get("maximum", 50)), 50)
                )
            case "boolean":
                return self._chance.random() < 0.5
            case "null":
                return None
        return self._chance.choice(QUESTIONS) if self._chance.random() < 0.7 else self._word()

    def _word(self) -> str:
        if self._chance.random() < 0.6:
            return self._chance.choice(WORDS)
        return "".join(chr(self._chance.randrange(0x110000)) for _ in range(self._chance.randint(1, 8)))


def _quoted(value: Any) -> str:
    return quote(str(value), safe="", errors="replace")
