"""Questions while the library changes: every citation is held against the documents as they were at that time."""

from __future__ import annotations

import http.client
import itertools
import json
import random
import statistics
import tempfile
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from corpus.readers import read_document

ROLES = ("Anna Nowak", "Jan Zieliński", "Ewa Król", "Piotr Wójcik", "Maria Lis")
UPDATING_SHARE = 6
"""One worker in so many changes documents, the others ask."""
DOCUMENTS_EACH = 3
FORMS = ("Ile osób liczy zespół {name}?", "Kto kieruje zespołem {name}?", "Jaki budżet ma zespół {name}?")
ELSEWHERE = ("Komu podlega CXO?", "客戶長是做什麼的？", "首席客户官和首席营销官有什么区别？", "Co to jest CLV?")
MOST_TOLD = 20


@dataclass
class State:
    """One text that a document had, and from when to when it may have been cited."""

    text: str
    begins: float
    ends: float = float("inf")


@dataclass
class History:
    """All states that the documents changed here went through. Safe to use from several threads."""

    states: dict[str, list[State]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, document_id: str, text: str) -> None:
        """Note that a document is about to get this text; until `settled` the one before it may still be cited."""
        with self.lock:
            self.states.setdefault(document_id, []).append(State(text, time.monotonic()))

    def settled(self, document_id: str, *, gone: bool = False) -> None:
        """Note that a change is done: what was before is not to be cited from now on."""
        with self.lock:
            for state in self.states.get(document_id, [])[: None if gone else -1]:
                state.ends = min(state.ends, time.monotonic())

    def faults(self, citations: list[dict[str, Any]], asked: float, answered: float) -> list[str]:
        """Return what is wrong with the citations of one answer.

        There must be a moment between question and answer at which each cited document had a text with these very
        words at this very place.
        """
        with self.lock:
            choices = []
            for document_id in {citation["document_id"] for citation in citations} & set(self.states):
                of_it = [citation for citation in citations if citation["document_id"] == document_id]
                fitting = [
                    state
                    for state in self.states[document_id]
                    if all(state.text[one["start"] : one["end"]] == one["quote"] for one in of_it)
                ]
                if not fitting:
                    return [f"{document_id} never said {of_it[0]['quote']!r} at {of_it[0]['start']}"]
                choices.append(fitting)
        for states in itertools.product(*choices):
            begins = max([asked, *(state.begins for state in states)])
            if begins <= min([answered, *(state.ends for state in states)]):
                return []
        return [f"at no moment was all true that was cited: {[one['quote'] for one in citations]}"]


@dataclass
class Tally:
    """What came of it. Each worker has its own."""

    asked: int = 0
    answered: int = 0
    citations: int = 0
    of_changing: int = 0
    """Citations of documents that were being changed."""
    changes: int = 0
    busy: int = 0
    milliseconds: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


class Client:
    """One worker's connection."""

    def __init__(self, address: str, token: str) -> None:
        parts = urlsplit(address)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=300)
        self._token = {"Authorization": f"Bearer {token}"} if token else {}

    def send(self, method: str, path: str, body: bytes = b"", kind: str = "application/json") -> tuple[int, Any]:
        """Return the status and the JSON of the response."""
        headers = {**self._token, "Content-Type": kind}
        self._connection.request(method, path, body=body or None, headers=headers)
        response = self._connection.getresponse()
        return response.status, json.loads(response.read())

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()


def mixed(address: str, token: str, seconds: float, workers: int) -> dict[str, Any]:
    """Ask and change with so many workers for so long; return figures and faults."""
    history, until = History(), time.monotonic() + seconds
    texts = {document.id: document for document in _shipped(address, token)}
    updating = max(1, workers // UPDATING_SHARE)
    tallies = [Tally() for _ in range(workers)]
    threads = [
        threading.Thread(target=_guarded, args=(_update, tallies[n], address, token, history, until, n, texts))
        if n < updating
        else threading.Thread(target=_guarded, args=(_ask, tallies[n], address, token, history, until, n, texts))
        for n in range(workers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return _report(tallies, seconds, updating)


def _guarded(work: Any, tally: Tally, address: str, token: str, *arguments: Any) -> None:
    try:
        with closing(Client(address, token)) as client:
            work(tally, client, *arguments)
    except Exception as error:
        tally.faults.append(f"a worker broke off: {type(error).__name__}: {error}")


@dataclass(frozen=True)
class Shipped:
    """A document that nobody changes."""

    id: str
    text: str


def _shipped(address: str, token: str) -> list[Shipped]:
    with closing(Client(address, token)) as client:
        ids = [one["id"] for one in client.send("GET", "/api/documents")[1]["documents"]]
        return [Shipped(one, client.send("GET", f"/api/documents/{quote(one)}")[1]["text"]) for one in ids]


def text_of(name: str, version: int) -> str:
    """Return what the document `name` says in a version: figures and names that only this one has."""
    chance = random.Random(f"{name} {version}")
    people, budget, head = chance.randint(100, 9999), chance.randint(100, 9999), chance.choice(ROLES)
    lead = "Wersja opisuje stan na dziś. " * chance.randint(0, 3)
    return (
        f"# Zespół {name}\n\n{lead}Zespół {name} liczy {people} osób. Zespołem {name} kieruje {head}.\n\n"
        f"Budżet zespołu {name} wynosi {budget} tysięcy złotych.\n"
    )


def _update(
    tally: Tally, client: Client, history: History, until: float, number: int, texts: dict[str, Shipped]
) -> None:
    chance, version = random.Random(number), 0
    names = [f"W{number}D{document}" for document in range(DOCUMENTS_EACH)]
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < until:
            name, version = chance.choice(names), version + 1
            if name in history.states and chance.random() < 0.25:
                status, told = client.send("DELETE", f"/api/documents/{name}")
                if status == 200:
                    history.settled(name, gone=True)
            else:
                content = text_of(name, version).encode()
                file = Path(folder) / f"{name}.md"
                file.write_bytes(content)
                history.begin(name, read_document(file).text)
                head = f'--x\r\nContent-Disposition: form-data; name="files"; filename="{name}.md"\r\n\r\n'
                body = head.encode() + content + b"\r\n--x--\r\n"
                status, told = client.send("POST", "/api/documents", body, "multipart/form-data; boundary=x")
                if status == 201:
                    history.settled(name)
            if status == 503:
                tally.busy += 1
            elif status not in (200, 201, 404):
                tally.faults.append(f"a change: {status} {told}")
            tally.changes += status in (200, 201)


def _ask(tally: Tally, client: Client, history: History, until: float, number: int, texts: dict[str, Shipped]) -> None:
    chance = random.Random(1000 + number)
    while time.monotonic() < until:
        name = f"W{chance.randrange(4)}D{chance.randrange(DOCUMENTS_EACH)}"
        question = chance.choice([*(form.format(name=name) for form in FORMS), *ELSEWHERE])
        asked = time.monotonic()
        status, answer = client.send("POST", "/api/ask", json.dumps({"question": question}).encode())
        answered = time.monotonic()
        tally.asked += 1
        if status == 503:
            tally.busy += 1
            continue
        if status != 200:
            tally.faults.append(f"a question: {status} {answer}")
            continue
        tally.milliseconds.append((answered - asked) * 1e3)
        tally.answered += answer["answered"]
        citations = answer["citations"]
        tally.citations += len(citations)
        for citation in citations:
            same = texts.get(citation["document_id"])
            if same and same.text[citation["start"] : citation["end"]] != citation["quote"]:
                tally.faults.append(f"{same.id} does not say {citation['quote']!r}")
            elif not same and citation["document_id"] not in history.states:
                tally.faults.append(f"there was never a document {citation['document_id']}")
        tally.of_changing += sum(citation["document_id"] not in texts for citation in citations)
        tally.faults += history.faults(citations, asked, answered)


def _report(tallies: list[Tally], seconds: float, updating: int) -> dict[str, Any]:
    times = sorted(itertools.chain.from_iterable(tally.milliseconds for tally in tallies))
    faults = [fault for tally in tallies for fault in tally.faults]
    cuts = statistics.quantiles(times, n=20) if len(times) > 1 else [0.0] * 19
    return {
        "seconds": seconds,
        "workers": {"asking": len(tallies) - updating, "changing": updating},
        "questions": sum(tally.asked for tally in tallies),
        "answered": sum(tally.answered for tally in tallies),
        "changes": sum(tally.changes for tally in tallies),
        "turned away": sum(tally.busy for tally in tallies),
        "citations": sum(tally.citations for tally in tallies),
        "of documents that were changing": sum(tally.of_changing for tally in tallies),
        "milliseconds": {"p50": round(statistics.median(times or [0.0])), "p95": round(cuts[18])},
        "faults": len(faults),
        "first": faults[:MOST_TOLD],
    }
