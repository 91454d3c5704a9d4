"""Clients that mean harm: each kind one function that does it once, named after what it does."""

from __future__ import annotations

import asyncio
import io
import json
import random
import socket
import sqlite3
import zipfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx

from benchmarks.hostile_checks import Seen

CONCEPTS = ("CXO ", "客户长", "客戶長", "dyrektor ds. klienta ", "odsetek klientów ", "客户满意度", "NPS ", "churn ")
SIGNS = ("1 ", "3,5 ", "2024-", "35 tys. ", "三百", "(", "[1] ", "((a))", "„", "…", "https://a.b/c?d=e ", "| ", "**")
LONGEST_QUESTION = 2_000
KIND_SECONDS = 10.0
"""For which a client does one thing before it does another."""
HELD_SECONDS = 30.0
"""For which something half-sent or half-read is held where the server does not end it before."""
LOCKED_SECONDS = 2.0
SPELLINGS = ("reader1", "Reader1", "READER1", "ｒeader1", "reader1 ", "r\u0435ader1", "nobody", "' or 1=1 --")
NOT_THERE = ("/documents/../../etc/passwd", "/documents/%2e%2e/%2e%2e/etc/passwd", "/pages/nothing", "/static/../x",
             "/gradio_api/file=/etc/passwd", "/gradio_api/proxy=http://127.0.0.1/", "/documents?ui=xx", "/v1/models/x",
             "/api/documents/none", "/pages/evaluation/runs/..%2f..%2fx", "/pages/concepts/none?ui=qq")  # fmt: skip
WRONG_SETTINGS = (
    {"reranker.model": "/etc"},
    {"model.name": "/there/is/no/such/folder"},
    {"llm.base_url": "http://169.254.169.254/v1"},
    {"answer.refuse_below": "9"},
    {"retrieval.mode": "psychic"},
)


@dataclass
class Foe:
    """One hostile client: its address, the name it signed in under, and what it does."""

    server: httpx.URL
    source: str
    """The address that it sends from."""
    token: str
    """A reader's."""
    editor: str
    """The token of an editor, which only those kinds use that need one."""
    users: Path
    """The file of the users."""
    seen: Seen
    chance: random.Random
    until: float
    kind: str = ""
    client: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = client_from(self.source, self.server)

    async def send(self, method: str, path: str, *, token: str | None = None, **options: Any) -> httpx.Response:
        """Send a request, count its response and return it."""
        named = self.token if token is None else token
        headers = ({"Authorization": f"Bearer {named}"} if named else {}) | options.pop("headers", {})
        response = await self.client.request(method, path, headers=headers, **options)
        self.seen.note(self.kind, response.status_code, response.headers, f"{method} {path[:60]} {response.text[:120]}")
        return response

    async def ask(self, question: str, **more: Any) -> None:
        """Ask a question."""
        await self.send("POST", "/api/ask", json={"question": question, **more})

    async def dial(self, sent: bytes, takes: int = 0) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return a connection on which `sent` was sent; it takes no more than `takes` bytes ahead, where given."""
        plug = socket.socket()
        plug.setblocking(False)
        if takes:
            plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, takes)
        plug.bind((self.source, 0))
        await asyncio.get_running_loop().sock_connect(plug, (self.server.host, self.server.port))
        reader, writer = await asyncio.open_connection(sock=plug, limit=takes or 65_536)
        writer.write(sent)
        return reader, writer

    def head(self, path: str, length: int) -> bytes:
        """Return the head of a request whose body has `length` bytes."""
        return (
            f"POST {path} HTTP/1.1\r\nHost: {self.server.host}\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        ).encode()


def client_from(source: str, server: httpx.URL) -> httpx.AsyncClient:
    """Return a client that sends from one address of this machine, past all proxies."""
    transport = httpx.AsyncHTTPTransport(local_address=source, verify=False)
    return httpx.AsyncClient(base_url=server, transport=transport, timeout=120.0)


# ------------------------------------------------------------------------------------------------------- questions


async def ask_one_concept_over_and_over(foe: Foe) -> None:
    await foe.ask((foe.chance.choice(CONCEPTS) * 1_200)[:LONGEST_QUESTION])


async def ask_as_long_as_may_be(foe: Foe) -> None:
    await foe.ask("".join(foe.chance.choices((*CONCEPTS, *SIGNS), k=1_200))[:LONGEST_QUESTION])


async def ask_for_made_up_names(foe: Foe) -> None:
    names = " ".join("".join(foe.chance.choices("abcdefghijklmnoprstuwyz", k=7)).title() for _ in range(240))
    await foe.ask(f"Kim jest {names}?"[:LONGEST_QUESTION])


async def ask_in_digits_and_brackets(foe: Foe) -> None:
    await foe.ask(("1" + "".join(foe.chance.choices(SIGNS, k=900)))[:LONGEST_QUESTION])


async def ask_in_languages_that_are_not_there(foe: Foe) -> None:
    await foe.ask("Komu podlega CXO?", languages=["tlh"], k=-1)
    await foe.send("POST", "/api/ask", content=b"[" * 100_000, headers={"Content-Type": "application/json"})
    await foe.send("GET", foe.chance.choice(NOT_THERE))


async def chat_with_a_system_message_of_two_megabytes(foe: Foe) -> None:
    filler = foe.chance.choice(("a ", "客", "1,", "ż")).encode()
    body = b'{"model":"cco","messages":[{"role":"system","content":"' + filler * (1_900_000 // len(filler))
    body += b'"},{"role":"user","content":"Komu podlega CXO?"}]}'
    await foe.send("POST", "/v1/chat/completions", content=body, headers={"Content-Type": "application/json"})


async def chat_with_as_much_as_may_be(foe: Foe) -> None:
    messages = [{"role": "user", "content": "客户长 " * 480} for _ in range(100)]
    await foe.send("POST", "/v1/chat/completions", json={"model": "cco", "messages": messages})


async def flood_the_library_with_searches(foe: Foe) -> None:
    await asyncio.gather(
        *(
            foe.send("GET", "/pages/library", params={"q": (word * 500)[:500]})
            for word in foe.chance.sample(CONCEPTS, 5)
        )
    )


async def call_tools(foe: Foe) -> None:
    tool, given = foe.chance.choice(
        [("ask", {"question": "CXO " * 490}), ("search", {"query": "客户长" * 600, "k": 50}), ("ask", {"question": 7}),
         ("read_document", {"document_id": ""}), ("no_such_tool", {}), ("ask", {"question": {"path": "/etc/passwd"}})]
    )  # fmt: skip
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": given}}
    headers = {"Accept": "application/json, text/event-stream"}
    await foe.send("POST", "/gradio_api/mcp/", json=call, headers=headers)


# ----------------------------------------------------------------------------------------------------- connections


async def send_half_a_head(foe: Foe) -> None:
    await _held(foe, b"POST /api/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half: ")


async def send_half_a_body(foe: Foe) -> None:
    await _held(foe, foe.head("/api/ask", 1_000) + b'{"question": "Komu')


async def connect_and_say_nothing(foe: Foe) -> None:
    await _held(foe, b"")


async def read_a_stream_slowly(foe: Foe) -> None:
    body = b'{"question": "Komu podlega CXO?", "stream": true}'
    await _held(foe, foe.head("/api/ask", len(body)) + body, takes=2_048, pause=1.0)


async def cut_a_stream_off(foe: Foe) -> None:
    body = json.dumps({"question": "CXO " * 490, "stream": True}).encode()
    _, writer = await foe.dial(foe.head("/api/ask", len(body)) + body)
    await asyncio.sleep(foe.chance.random() * 0.5)
    writer.transport.abort()
    foe.seen.note(foe.kind, 0, {})


async def _held(foe: Foe, sent: bytes, takes: int = 0, pause: float = 0.0) -> None:
    """Send and hold the connection until the server ends it, reading what comes with pauses."""
    reader, writer = await foe.dial(sent, takes)
    try:
        async with asyncio.timeout(HELD_SECONDS):
            head = await reader.read(512)
            while await reader.read(512):
                await asyncio.sleep(pause)
        status = head.split(b" ", 2)[1].decode() if head.startswith(b"HTTP/") else "nothing"
        foe.seen.note(foe.kind, int(status) if status.isdecimal() else 0, {"retry-after": ""})
    except TimeoutError as error:
        foe.seen.lost(foe.kind, error)
    finally:
        writer.transport.abort()


# ---------------------------------------------------------------------------------------------- what is not theirs


async def sign_in_wrongly(foe: Foe) -> None:
    form = {"name": foe.chance.choice(SPELLINGS), "password": "wrong horse " * foe.chance.choice((1, 100))}
    await foe.send("POST", "/signin", token="", data=form)


async def come_with_a_made_up_token(foe: Foe) -> None:
    await foe.send("GET", "/api/documents", token=f"cco_{foe.chance.getrandbits(200):x}")
    await foe.send("POST", "/api/ask", token="", json={"question": "Komu podlega CXO?"})


async def take_back_the_ratings_of_others(foe: Foe) -> None:
    turn = {"question": "Komu podlega CXO?", "answer": RATED}
    for key in (foe.chance.randrange(100), f"{foe.chance.getrandbits(128):x}"):
        await foe.send("POST", "/conversation/rating", json={"turn": turn, "rating": None, "instead_of": key})
        await foe.send("POST", "/conversation/rating", json={"turn": turn, "rating": "down", "instead_of": key})


async def rate_with_two_megabytes(foe: Foe) -> None:
    answer = RATED | {"text": "ż" * foe.chance.choice((900_000, 2_000_000))}
    turn = {"question": "Komu podlega CXO?", "answer": answer}
    await foe.send("POST", "/conversation/rating", json={"turn": turn, "rating": "up"})


async def remove_and_add_as_a_reader(foe: Foe) -> None:
    listed = await foe.send("GET", "/api/documents")
    if listed.status_code == 200:
        await foe.send("DELETE", f"/api/documents/{foe.chance.choice(listed.json()['documents'])['id']}")
    await foe.send("POST", "/api/documents", files={"files": ("a.md", b"a" * 300_000)})
    await foe.send("POST", "/pages/library/rebuild")
    await foe.send("POST", "/pages/settings", json=foe.chance.choice(WRONG_SETTINGS))


async def call_the_server_other_names(foe: Foe) -> None:
    odd = [{"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"},
           {"X-Forwarded-For": "10.0.0.1", "X-Forwarded-Host": "evil.example"}, {"Host": "[::1"},
           {"X-Request-ID": "x" * 5_000}, {"Range": "bytes=0-1"}, {"Content-Encoding": "gzip"}]  # fmt: skip
    await foe.send("POST", "/api/ask", json={"question": "Komu podlega CXO?"}, headers=foe.chance.choice(odd))


async def lock_the_users(foe: Foe) -> None:
    with closing(sqlite3.connect(foe.users, timeout=0, isolation_level=None)) as database:
        try:
            database.execute("begin exclusive")
        except sqlite3.OperationalError as error:
            foe.seen.lost(foe.kind, error)
            return
        await asyncio.sleep(LOCKED_SECONDS)
        foe.seen.note(foe.kind, 0, {})


# ---------------------------------------------------------------------------------------------------------- editors


async def upload_what_means_harm(foe: Foe) -> None:
    name = foe.chance.choice(list(UPLOADS))
    if foe.chance.random() < 0.5:
        await foe.send("POST", "/api/documents", token=foe.editor, files={"files": (name, UPLOADS[name]())})
    else:
        await foe.send("POST", f"/pages/library/files?name={name}&ui=pl", token=foe.editor, content=UPLOADS[name]())
    await foe.send("DELETE", f"/api/documents/{name.split('.')[0]}", token=foe.editor)


async def save_settings_that_do_not_work(foe: Foe) -> None:
    await foe.send("POST", "/pages/settings", token=foe.editor, json=foe.chance.choice(WRONG_SETTINGS))


@cache
def _zipped(name: str, piece: bytes, times: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(name, piece * times)
    return out.getvalue()


UPLOADS: dict[str, Callable[[], bytes]] = {
    "harm-lines.md": lambda: b"=\n" * 32_000,
    "harm-pictures.md": lambda: b"![" * 32_000,
    "harm-brackets.md": lambda: b"[" * 32_000,
    "harm-quotes.md": lambda: (b">" * 500 + b"a\n") * 1_000,
    "harm-markup.md": lambda: b"<a <b " * 5_000,
    "harm-deep.html": lambda: b"<div>" * 300_000,
    "harm-json.jsonl": lambda: b"[" * 1_000_000,
    "harm-wide.csv": lambda: b"a," * 10_000,
    "harm-bomb.zip": partial(_zipped, "a.txt", b"\0", 210_000_000),
    "harm-bomb.docx": partial(_zipped, "word/document.xml", b"<w:p/>", 40_000_000),
    "harm-bytes.pdf": lambda: b"%PDF-1.7\n" + b"\xff" * 200_000,
}
"""Small and middle files that cost their reader much, or would if it let them, made when they are needed; the stem is
the document's id.

None has very many words: what the words of an editor's file cost to encode is no fault of whoever reads it."""
RATED = {
    "question": "Komu podlega CXO?", "language": "pl", "answered": True, "confidence": 0.9, "engine": "extractive",
    "text": "CXO podlega prezesowi.", "sentences": [], "citations": [], "hits": [], "timings_ms": {},
}  # fmt: skip

Kind = Callable[[Foe], Awaitable[None]]
KINDS: tuple[Kind, ...] = (
    *(ask_one_concept_over_and_over, ask_as_long_as_may_be, ask_for_made_up_names, ask_in_digits_and_brackets),
    *(ask_in_languages_that_are_not_there, chat_with_a_system_message_of_two_megabytes, chat_with_as_much_as_may_be),
    *(flood_the_library_with_searches, call_tools, send_half_a_head, send_half_a_body, connect_and_say_nothing),
    *(read_a_stream_slowly, cut_a_stream_off, sign_in_wrongly, come_with_a_made_up_token),
    *(take_back_the_ratings_of_others, rate_with_two_megabytes, remove_and_add_as_a_reader),
    *(call_the_server_other_names, upload_what_means_harm, save_settings_that_do_not_work),
)
"""All but the lock on the users' file, which is for one to hold now and then."""


async def does(foe: Foe, kinds: Sequence[Kind], pause: float) -> None:
    """Do each kind for a while, one after another, until the time is over; pauses last `pause` seconds on average."""
    loop, ways = asyncio.get_running_loop(), cycle(kinds)
    async with foe.client:
        while loop.time() < foe.until:
            kind, ends = next(ways), min(loop.time() + KIND_SECONDS, foe.until)
            foe.kind = kind.__name__.replace("_", " ")
            while loop.time() < ends:
                try:
                    await kind(foe)
                except (OSError, httpx.HTTPError) as error:  # cut off, which is what some of them are here for
                    foe.seen.lost(foe.kind, error)
                await asyncio.sleep(foe.chance.expovariate(1 / pause))
