"""How long `cco serve` takes from being typed to a page, to the page, and to an answer.

    python -m benchmarks.start --index DIR     # an index that is there
    python -m benchmarks.start --first         # a first start, with indexing; --unpack: with an empty cache too

Each figure is the best and the median of `--times` starts, in seconds; what is read from disk has been read before.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

QUESTION = "Komu podlega CXO?"
_PAUSE, _MOST_SECONDS = 0.05, 600.0
_FIGURES = ("a page", "the page", "an answer", "processor")


def start(environment: dict[str, str], arguments: list[str]) -> dict[str, float]:
    """Start a server, stop it once it has answered, and return the seconds to each of `_FIGURES`."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = int(taken.getsockname()[1])
    command = [sys.executable, "-m", "ui.cli", "serve", "--port", str(port), *arguments]
    began = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        seconds = {
            "a page": _until(process, began, lambda: _get(port, "/")[1][:9].lower() == b"<!doctype"),
            "the page": _until(process, began, lambda: _get(port, "/config")[0] == 200),
            "an answer": _until(process, began, lambda: _answered(port)),
        }
    finally:
        process.send_signal(signal.SIGTERM)
        usage = os.wait4(process.pid, 0)[2]
    return seconds | {"processor": usage.ru_utime + usage.ru_stime}


def _until(process: subprocess.Popen[bytes], began: float, reached: Callable[[], bool]) -> float:
    while not reached():
        if process.poll() is not None or time.perf_counter() - began > _MOST_SECONDS:
            raise SystemExit("the server did not start; type cco serve to see why")
        time.sleep(_PAUSE)
    return time.perf_counter() - began


def _answered(port: int) -> bool:
    status, body = _get(port, "/api/ask", json.dumps({"question": QUESTION}))
    return status == 200 and bool(json.loads(body)["answered"])


def _get(port: int, path: str, body: str | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST" if body else "GET", path, body, {"Content-Type": "application/json"} if body else {})
        response = connection.getresponse()
        return response.status, response.read()
    except OSError:
        return 0, b""
    finally:
        connection.close()


def main() -> None:
    """Print a line for each start and the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--index", type=Path, metavar="DIR")
    which.add_argument("--first", action="store_true")
    parser.add_argument("--unpack", action="store_true")
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args()
    found = []
    for _ in range(options.times):
        with tempfile.TemporaryDirectory() as folder:
            environment = dict(os.environ)
            if options.unpack:
                environment["CCO_CACHE"] = f"{folder}/cache"
            index = options.index or Path(folder) / "index"
            found.append(start(environment, ["--index", str(index)]))
        print({name: round(value, 2) for name, value in found[-1].items()}, file=sys.stderr, flush=True)
    print("| seconds to | best | median |\n|---|---|---|")
    for name in _FIGURES:
        values = [one[name] for one in found]
        print(f"| {name} | {min(values):.1f} | {statistics.median(values):.1f} |")


if __name__ == "__main__":
    main()
