"""A scripted stand-in for an OpenAI-compatible server: it streams what a test tells it to, or fails as told."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Play = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers each request with the next play of its server's script; the last one is played again and again."""

    server: _Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        script = self.server.script
        with script.lock:
            script.requests.append(body)
            script.keys.append(self.headers.get("Authorization", ""))
            play = script.plays[min(len(script.requests), len(script.plays)) - 1]
        if isinstance(play, str):
            play = says(play)
        play(self)

    def begin(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def piece(self, text: str, finish: str | None = None) -> None:
        choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
        chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
        self.raw(f"data: {json.dumps(chunk)}\n\n")

    def raw(self, text: str) -> None:
        self.wfile.write(text.encode())
        self.wfile.flush()

    def log_message(self, *arguments: object) -> None:
        """Keep quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    script: Script

    def handle_error(self, *arguments: object) -> None:
        """A client that hangs up is what some tests are about."""


@dataclass
class Script:
    """What the server plays and what it was asked."""

    plays: list[Play | str]
    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def prompt(self, number: int = 0) -> str:
        """Return all messages of a request as one text."""
        return "\n".join(message["content"] for message in self.requests[number]["messages"])


@contextmanager
def serving(*plays: Play | str) -> Iterator[Script]:
    """Serve a script on a free port of the loopback."""
    server = _Server(("127.0.0.1", 0), Handler)
    server.script = Script(list(plays), f"http://127.0.0.1:{server.server_port}/v1")
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield server.script
    finally:
        server.shutdown()
        server.server_close()


# -------------------------------------------------------------------------------------------------------------- plays


def says(text: str, size: int = 3, pause: float = 0.0) -> Play:
    """Stream `text`, `size` characters at a time."""

    def play(handler: Handler) -> None:
        handler.begin()
        for start in range(0, len(text), size):
            handler.piece(text[start : start + size])
            time.sleep(pause)
        handler.piece("", "stop")
        handler.raw("data: [DONE]\n\n")

    return play


def breaks_off(text: str, *, reset: bool) -> Play:
    """Stream `text` and hang up: in good order, or with a reset in the middle of a chunk."""

    def play(handler: Handler) -> None:
        handler.begin()
        handler.piece(text)
        if reset:
            handler.raw('data: {"choices": [{"del')
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.connection.close()

    return play


def fails(status: int, message: str = "no") -> Play:
    """Report an error."""

    def play(handler: Handler) -> None:
        body = json.dumps({"error": {"message": message, "type": "x"}}).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return play


def sends(raw: str) -> Play:
    """Send a body that is no stream of chunks."""

    def play(handler: Handler) -> None:
        handler.begin()
        handler.raw(raw)

    return play


def hangs(text: str = "", seconds: float = 5.0) -> Play:
    """Say `text`, if any, and then nothing for a while."""

    def play(handler: Handler) -> None:
        if text:
            handler.begin()
            handler.piece(text)
        time.sleep(seconds)

    return play
