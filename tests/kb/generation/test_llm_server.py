"""A real OpenAI-compatible server: llama.cpp on the loopback, with a model so small that most it says is wrong.

So these tests are of the protocol and of the checks; how well a good model answers they do not say.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb import KnowledgeBase
from kb.answering.wording import stand_in
from tests.kb.generation.test_llm import QUESTIONS, assert_proven, folder, opened  # noqa: F401


@pytest.fixture(scope="module")
def model_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that runs for these tests."""
    command = [sys.executable, "-m", "tests.helpers.llama_server", str(tmp_path_factory.mktemp("model"))]
    server = subprocess.Popen(
        command, cwd=Path(__file__).parents[3], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert server.stdout and server.stdin
    try:
        lines = (line.decode(errors="replace") for line in server.stdout)
        address = next((line.split()[1] for line in lines if line.startswith("listening ")), None)
        assert address, "the server did not start"
        yield f"{address}/v1"
    finally:
        server.stdin.close()
        server.terminate()
        server.wait(30)
        server.stdout.close()


def talkative(folder: Path, model_server: str, **llm: object) -> KnowledgeBase:  # noqa: F811
    return opened(folder, model_server, **{"timeout": 120.0, "silence": 60.0, "max_tokens": 32, **llm})


@pytest.mark.parametrize("language", ["zh-Hant", "pl"])
def test_whatever_a_bad_model_says_only_what_is_proven_is_shown(folder: Path, model_server: str, language: str) -> None:  # noqa: F811
    answer = talkative(folder, model_server).ask(QUESTIONS[language])
    assert answer.answered
    assert answer.timings_ms["llm"] > 50
    assert (answer.engine == "llm") == (answer.reason == "")
    if answer.engine == "llm":
        assert_proven(answer)
    else:
        assert answer.reason in {stand_in(reason, language) for reason in ("nothing_left", "no_answer")}


def test_its_stream_is_read_to_the_end(folder: Path, model_server: str) -> None:  # noqa: F811
    base = talkative(folder, model_server)
    assert base._in_use.llm is not None
    pieces = list(base._in_use.llm._pieces([{"role": "user", "content": "客户，客户，客户，"}], deadline=float("inf")))
    assert len(pieces) > 3
    assert "".join(pieces).strip()


def test_it_is_given_up_when_it_takes_too_long(folder: Path, model_server: str) -> None:  # noqa: F811
    answer = talkative(folder, model_server, timeout=0.2, max_tokens=2_000).ask(QUESTIONS["pl"])
    assert (answer.engine, answer.reason) == ("extractive", stand_in("timeout", "pl"))


def test_an_address_that_it_does_not_serve(folder: Path, model_server: str) -> None:  # noqa: F811
    answer = talkative(folder, f"{model_server}/nowhere").ask(QUESTIONS["pl"])
    assert (answer.engine, answer.reason) == ("extractive", stand_in("status", "pl", 404))
