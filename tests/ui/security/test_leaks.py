"""Nothing of this machine can be fetched: every route is tried in the ways that Gradio's past advisories describe."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.responses import FileResponse, Response

from kb.accounts.audit import Audit
from kb.accounts.users import Users
from tests.helpers.serving import animal_base, served

pytestmark = pytest.mark.slow  # hundreds of requests to a real server

KEY = "sk-not-for-anyone-7Zq"
PASSWORD = "correct horse"


@dataclass
class Target:
    """A server, what lies beside it, and what none of its responses may hold."""

    address: str
    files: list[Path]
    secrets: list[bytes]
    tokens: dict[str, str]


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    folder = tmp_path_factory.mktemp("leaks")
    (folder / "key").write_text(KEY)
    (folder / "cco.toml").write_text(f'# {KEY}\n[llm]\napi_key_file = "key"\n')
    base = animal_base(folder, server={"per_minute": 100_000}, llm={"api_key_file": folder / "key"})
    users = Users.of(base.settings)
    users.add("anna", PASSWORD, "editor")
    users.add("jan", PASSWORD)
    Audit.of(base.settings).record("anna", "planted", [KEY])
    generation = folder / "index" / (folder / "index" / "CURRENT").read_text().strip()
    (folder / "index.uploads").mkdir()
    (folder / "index.uploads" / "link.md").symlink_to(users.file)
    files = [
        folder / "key",
        folder / "cco.toml",
        users.file,
        folder / "index.audit.jsonl",
        folder / "index" / "CURRENT",
        generation / "manifest.json",
        folder / "index.uploads" / "link.md",
        Path("/etc/passwd"),
        Path("/proc/self/environ"),
    ]
    secrets = [KEY.encode(), b"$argon2", b"SQLite format", b"generation-0", b"root:x:", b"PATH=", str(folder).encode()]
    tokens = {"anyone": "", "reader": users.new_token("jan")[0], "editor": users.new_token("anna")[0]}
    with served(base, host="0.0.0.0", everyone=True) as address:
        yield Target(address, files, secrets, tokens)


ROUTES = [
    "/gradio_api/file={}", "/file={}", "/gradio_api/file/{}", "/file/{}", "/gradio_api/proxy={}", "/proxy={}",
    "/static/{}", "/assets/{}", "/svelte/{}", "/theme/{}", "/theme.css/{}", "/custom_component/{}/client/component/x",
    "/gradio_api/custom_component/x/client/component/{}", "/gradio_api/stream/{}", "/gradio_api/stream/a/1/2/{}",
    "/gradio_api/upload/{}", "/gradio_api/deep_link?session_hash={}", "/gradio_api/vibe-code/{}", "/monitoring/{}",
    "/gradio_api/runs/{}", "/gradio_api/run-history/records/a/b/assets/{}", "/documents/{}", "/api/documents/{}",
    "/v1/models/{}", "/signin?next={}", "/config/{}", "/{}",
]  # fmt: skip
UP = "../" * 12


def spellings(path: Path) -> list[str]:
    """Return ways to write an absolute path in an address."""
    plain = str(path)
    bare = plain.lstrip("/")
    return [
        plain,
        f"/{plain}",
        quote(plain, safe=""),
        UP + bare,
        quote(UP + bare, safe=""),
        quote(quote(UP + bare, safe=""), safe=""),
        UP.replace("../", "%2e%2e/") + bare,
        UP.replace("../", "..%5c") + bare.replace("/", "%5c"),
        UP.replace("../", "....//") + bare,
        UP.replace("../", "%c0%ae%c0%ae/") + bare,
        f"x/{UP}{bare}",
        f"{plain}%00.png",
        plain.upper(),
        f"file://{plain}",
        f"file:///localhost{plain}",
        f"%ef%bc%8f{bare}",
        f"./{plain}",
    ]


def fetched(address: str, method: str, path: str, token: str, body: bytes = b"", kind: str = "") -> tuple[int, bytes]:
    """Send a request as it is written, without a client that tidies its path; return status and the whole response."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if kind:
        headers["Content-Type"] = kind
    try:
        connection.request(method, path, body=body or None, headers=headers)
        response = connection.getresponse()
        head = "".join(f"{name}: {value}\n" for name, value in response.getheaders()).encode("latin-1")
        try:
            return response.status, head + response.read()
        except (http.client.IncompleteRead, ValueError):
            return response.status, head  # a stream that its sender broke off
    finally:
        connection.close()


def leaks(target: Target, method: str, path: str, token: str, body: bytes = b"", kind: str = "") -> list[str]:
    """Return what is wrong with the response to a request."""
    status, response = fetched(target.address, method, path, token, body, kind)
    # What the request itself says may come back, as what was not found.
    said = "\n".join((path, unquote(path), unquote(unquote(path)))).encode() + body
    found = [f"{method} {path}: {secret!r}" for secret in target.secrets if secret in response and secret not in said]
    traces = [f"{method} {path}: a trace" for mark in (b"Traceback", b'.py"') if mark in response]
    return found + traces + ([f"{method} {path}: {status}"] if status >= 500 else [])


@pytest.mark.parametrize("who", ["anyone", "editor"])
def test_no_file_of_this_machine_comes_through_any_route(target: Target, who: str) -> None:
    token = target.tokens[who]
    faults, tried = list[str](), 0
    for route, file in product(ROUTES, target.files):
        for spelling in spellings(file):
            faults += leaks(target, "GET", route.format(spelling), token)
            tried += 1
    assert faults == []
    assert tried == len(ROUTES) * len(target.files) * 17 > 4000


def file_data(path: str) -> dict[str, object]:
    """Return what Gradio takes for an uploaded file."""
    return {"path": path, "url": path, "orig_name": "a.md", "size": 1, "meta": {"_type": "gradio.FileData"}}


def posts(path: str) -> Iterator[tuple[str, object]]:
    """Yield requests to Gradio that name a file or an address of ours."""
    data = [file_data(path), path]
    for number in range(12):
        for event in (None, file_data(path), {"question": file_data(path)}):
            body = {"fn_index": number, "data": data, "session_hash": "leak", "event_data": event, "trigger_id": 1}
            yield "/gradio_api/run/predict", body
            yield "/gradio_api/queue/join", body
    for name in ("move_resource_to_block_cache", "ls", "load_chunk", "read_file", "__init__"):
        body = {"data": [path], "component_id": 1, "fn_name": name, "session_hash": "leak"}
        yield "/gradio_api/component_server", body
        yield "/component_server", body
    for name in ("ask", "search", "read_document", "flag"):
        yield f"/gradio_api/call/{name}", {"data": data}
        yield f"/gradio_api/call/v2/{name}", {"data": data}
        yield f"/gradio_api/run/{name}", {"data": data}
        yield f"/gradio_api/api/{name}", {"data": data}
    for route in (
        "vibe-edit",
        "vibe-code",
        "undo-vibe-edit",
        "process_recording",
        "stream/leak",
        "run-history/connect",
    ):
        yield f"/gradio_api/{route}", {"prompt": path, "code": path, "data": path, "path": path}


@pytest.mark.parametrize("who", ["reader", "editor"])
def test_no_event_reads_a_file_or_calls_another_server(target: Target, who: str) -> None:
    token = target.tokens[who]
    faults = list[str]()
    with listening() as (address, calls):
        for named in [*map(str, target.files), address, f"{address}/x.png"]:
            for path, body in posts(named):
                status, _ = fetched(target.address, "POST", path, token, json.dumps(body).encode(), "application/json")
                assert status in (404, 422), path
                faults += leaks(target, "POST", path, token, json.dumps(body).encode(), "application/json")
            faults += leaks(target, "GET", f"/gradio_api/proxy={named}", token)
        faults += leaks(target, "GET", "/gradio_api/queue/data?session_hash=none", token)
        assert calls == []
    assert faults == []


def test_an_event_that_names_no_file_goes_through(target: Target) -> None:
    _, config = fetched(target.address, "GET", "/config", target.tokens["reader"])
    events = json.loads(config[config.index(b"{") :])["dependencies"]
    data = [None] * len(events[0]["inputs"])
    body = {"data": data, "event_data": {"ui": "pl"}, "fn_index": 0, "session_hash": "words"}
    sent = json.dumps(body).encode()
    status, _ = fetched(
        target.address, "POST", "/gradio_api/run/predict", target.tokens["reader"], sent, "application/json"
    )
    assert status == 200


@pytest.mark.parametrize("hidden", ['"p\\u0061th"', '"path"'])
def test_a_file_is_seen_however_it_is_written(target: Target, hidden: str) -> None:
    body = f'{{"data": [], "fn_index": 0, "event_data": {{"a": [{{{hidden}: "/etc/passwd", "meta": {{}}}}]}}}}'
    status, _ = fetched(
        target.address, "POST", "/gradio_api/run/predict", target.tokens["reader"], body.encode(), "application/json"
    )
    assert status == 422


NAMES = ["../../../../tmp/planted.md", "..\\..\\planted.md", "/tmp/planted.md", "planted.md/../../x.md", ".hidden.md",
         "a\0b.md", "con.md", "x" * 300 + ".md", "<img src=x>.md", "index.html", "a.svg", ""]  # fmt: skip


def form(name: str, content: bytes) -> tuple[bytes, str]:
    escaped = name.replace("\\", "\\\\").replace('"', "%22")
    head = f'--x\r\nContent-Disposition: form-data; name="files"; filename="{escaped}"\r\n\r\n'
    return head.encode() + content + b"\r\n--x--\r\n", "multipart/form-data; boundary=x"


def test_an_upload_writes_where_it_should_and_nowhere_else(target: Target) -> None:
    folder = target.files[0].parent
    before = {path for path in folder.rglob("*") if "generation" not in str(path)}
    faults = []
    for number, name in enumerate(NAMES):
        body, kind = form(name, f"# Text {number}\n\nBirds number {number} rest.".encode())
        for path in ("/gradio_api/upload", "/gradio_api/upload?upload_id=../../x", "/upload"):
            assert fetched(target.address, "POST", path, target.tokens["editor"], body, kind)[0] == 404
        faults += leaks(target, "POST", "/api/documents", target.tokens["editor"], body, kind)
    assert faults == []
    uploads = folder / "index.uploads"
    written = {path for path in folder.rglob("*") if "generation" not in str(path)} - before
    assert {path.parent for path in written} == {uploads}
    assert not Path("/tmp/planted.md").exists()
    assert all(len(path.name.encode()) <= 200 for path in written)


def test_what_is_uploaded_is_shown_as_words_and_never_served_as_a_page(target: Target) -> None:
    script = b"# Owls\n\n<script>alert(1)</script> Owls <img src=x onerror=alert(1)> hunt at night."
    body, kind = form("owls.md", script)
    assert fetched(target.address, "POST", "/api/documents", target.tokens["editor"], body, kind)[0] == 201
    _, shown = fetched(target.address, "GET", "/documents/owls", target.tokens["reader"])
    assert b"<script>alert" not in shown and b"onerror=alert(1)>" not in shown
    assert b"application/json" in fetched(target.address, "GET", "/api/documents/owls", target.tokens["reader"])[1]


# ----------------------------------------------------------------------------------------------- the checker, checked


def test_a_planted_leak_is_found(target: Target) -> None:
    site = FastAPI()

    @site.get("/gradio_api/file={path:path}")
    def file(path: str) -> Response:
        return FileResponse(path)

    with running(site) as address:
        planted = Target(address, target.files, target.secrets, target.tokens)
        plain = [leaks(planted, "GET", f"/gradio_api/file={path}", "") for path in target.files[:3]]
        assert [bool(found) for found in plain] == [True, True, True]


@contextmanager
def running(site: FastAPI) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(site, port=0, log_level="error"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


@contextmanager
def listening() -> Iterator[tuple[str, list[bytes]]]:
    """Listen on a port as another server would; gives its address and what it is asked."""
    calls = list[bytes]()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    calls.append(connection.recv(1000))

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", calls
        listener.shutdown(socket.SHUT_RDWR)
