"""Feed the HTTP API with bytes that lead into ever more of its code: `python -m benchmarks.fuzz_api [--seconds 60]`.

Needs atheris, as `benchmarks.fuzz` does. What breaks is written into the folder `--keep`; made small by hand it becomes
an `@example` in tests/ui/api/test_api_properties.py. The tests there find faults of meaning, this one faults of bytes.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
from pathlib import Path
from typing import Any

ROUTES = (
    ("POST", "/api/ask", b"application/json"),
    ("POST", "/api/search", b"application/json"),
    ("POST", "/v1/chat/completions", b"application/json"),
    ("POST", "/api/documents", b"multipart/form-data; boundary=x"),
    ("GET", "/api/search?", b""),
    ("GET", "/api/documents/", b""),
    ("DELETE", "/api/documents/", b""),
    ("GET", "/v1/models/", b""),
)
"""What the first byte chooses from; the other bytes are the body, or go on with the address in percent signs."""
BEGINNINGS = (
    b'\0{"question": "Where do birds build nests?", "k": 3, "languages": ["en"], "history": ["a"], "stream": true}',
    b'\1{"query": "birds", "k": 3, "mode": "sparse", "languages": ["pl"]}',
    b'\2{"model": "cco", "messages": [{"role": "user", "content": [{"type": "text", "text": "birds"}]}], "n": 1}',
    b'\3--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\nOwls hunt.\r\n--x--\r\n',
    b"\4query=birds&k=3&mode=dense&language=en",
    b"\5birds",
    b"\6birds",
    b"\7cco",
)
"""Requests that are right, from which the search sets out."""
_MADE_OF = ["ui", "kb", "corpus", "retrieval", "fastapi", "starlette", "python_multipart"]


def main() -> None:
    """Fuzz for some seconds; end with 77 and the bytes that broke something, or with 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--keep", type=Path, default=Path("."))
    options = parser.parse_args()
    try:
        import atheris
    except ImportError:
        raise SystemExit("needs atheris: pip install atheris") from None
    with tempfile.TemporaryDirectory() as scratch, asyncio.Runner() as runner:
        with atheris.instrument_imports(include=_MADE_OF):
            one = target(Path(scratch), runner)
        seeds = Path(scratch) / "seeds"
        seeds.mkdir()
        for number, data in enumerate(BEGINNINGS):
            one(data)  # loads what is loaded late, and tells at once where nothing works
            (seeds / str(number)).write_bytes(data)
        arguments = [f"-max_total_time={options.seconds}", f"-artifact_prefix={options.keep}/", "-timeout=20"]
        atheris.Setup([sys.argv[0], *arguments, str(seeds)], one)
        atheris.Fuzz()


def target(folder: Path, runner: asyncio.Runner) -> Any:
    """Return what sends bytes to a small library in `folder`; it raises `AssertionError` at an unsound answer."""
    from tests.helpers.asgi import Request, faults, send
    from tests.helpers.serving import animal_base
    from ui.app import web_app

    logging.disable()
    site = web_app(animal_base(folder / "library", server={"per_minute": 100_000}))
    secrets = [str(folder).encode()]

    def one(data: bytes) -> None:
        if not data:
            return
        method, address, kind = ROUTES[data[0] % len(ROUTES)]
        headers = [(b"host", b"127.0.0.1:7860"), *([(b"content-type", kind)] if kind else [])]
        more = "" if kind else "".join(chr(b) if 32 < b < 127 else f"%{b:02x}" for b in data[1:])
        request = Request(method, address + more, headers, data[1:] if kind else b"")
        found = faults(request, runner.run(send(site, request)), secrets)
        assert not found, f"{found} {request}"

    return one


if __name__ == "__main__":
    main()
