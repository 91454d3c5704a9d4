"""Try the HTTP API hard: with random requests, and with questions while the library changes.

    .venv/bin/python -m benchmarks.api random [--requests 10000] [--seed 1]
    .venv/bin/python -m benchmarks.api mixed [--seconds 300] [--workers 24]

Both start a server of their own on loopback, on the shipped texts and the default model, in a temporary folder. The
exit status is 1 where anything is wrong: a status of 500, a path, trace or key in a response, an error in another
shape, a citation that no state of the library bears out.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from benchmarks.api_mixed import mixed
from benchmarks.api_random import Secrets, random_requests
from kb import Settings
from kb.accounts.users import Users

KEY = "sk-never-to-be-seen-5Hq"
STARTS_WITHIN = 900.0
"""Seconds; most of it goes into making the index, on a machine that has other things to do."""


@dataclass(frozen=True)
class Served:
    """A server, the token of its editor, and what it must not show."""

    address: str
    token: str
    secrets: Secrets


def main() -> None:
    """Run one of the two and print what came of it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(dest="kind", required=True)
    sub = kinds.add_parser("random", help="random requests, half of them nearly right")
    sub.add_argument("--requests", type=int, default=10_000)
    sub.add_argument("--seed", type=int, default=1)
    sub = kinds.add_parser("mixed", help="questions and changes at the same time")
    sub.add_argument("--seconds", type=float, default=300.0)
    sub.add_argument("--workers", type=int, default=24)
    for sub in kinds.choices.values():
        sub.add_argument("--index", type=Path, help="work on a copy of this index instead of making one")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), options.index) as served:
        if options.kind == "random":
            report = random_requests(served.address, served.token, options.requests, options.seed, served.secrets)
        else:
            report = mixed(served.address, served.token, options.seconds, options.workers)
    print(json.dumps(report, ensure_ascii=False, indent=2))
    sys.exit(1 if report["faults"] else 0)


@contextmanager
def serving(folder: Path, like: Path | None = None) -> Iterator[Served]:
    """Run `cco serve` with one editor, on a copy of the index `like`, for as long as the block lasts."""
    (folder / "key").write_text(KEY)
    (folder / "cco.toml").write_text("[server]\nper_minute = 100000\n[log]\nlevel = 'error'\n")
    index = folder / "index"
    if like:
        shutil.copytree(like, index)
    users = Users.of(Settings(index=index))
    users.add("anna", "correct horse", "editor")
    token = users.new_token("anna")[0]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "ui.cli", "serve", "--open", "--index", str(index), "--port", str(port)]
    log = (folder / "log").open("w+b")
    environment = {**os.environ, "CCO_SETTINGS": str(folder / "cco.toml"), "CCO_LLM_API_KEY": KEY}
    with log, subprocess.Popen(command, stderr=log, env=environment) as server:
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(address, server)
            root = str(Path(__file__).resolve().parents[1])
            forbidden = [KEY, str(folder), root, str(Path.home()) + "/", "$argon2", "site-packages"]
            yield Served(address, token, Secrets(tuple(text.encode() for text in forbidden)))
        finally:
            server.terminate()
            server.wait(60)
            log.seek(0)
            sys.stderr.buffer.write(log.read()[-2000:])


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and server.poll() is None:
        try:
            with urlopen(f"{address}/readyz", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.3)
    raise SystemExit("the server did not start")


if __name__ == "__main__":
    main()
