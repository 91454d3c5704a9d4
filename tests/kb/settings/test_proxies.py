"""The environment's proxies reach only what goes through one."""

from __future__ import annotations

import os

import pytest

from kb.generation.llm import LlmAnswerer
from kb.settings import proxies
from kb.settings.schema import LlmSettings, SettingsError
from tests.helpers.llm_server import says, serving
from tests.ui.operations.test_starting import proxy


@pytest.fixture(autouse=True)
def _none_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def given(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def left(address: str = "") -> dict[str, str]:
    with proxies.only_for(address):
        return {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}


@pytest.mark.parametrize(
    ("address", "variables", "expected"),
    [
        ("", {"ALL_PROXY": "socks://p:1", "no_proxy": "x"}, {}),
        ("http://127.0.0.1:8080/v1", {"HTTP_PROXY": "http://p:1"}, {}),
        ("http://[::1]:8080/v1", {"http_proxy": "http://p:1"}, {}),
        ("http://localhost/v1", {"all_proxy": "socks://p:1"}, {}),
        ("https://m.example/v1", {"HTTPS_PROXY": "http://p:1", "ALL_PROXY": "socks://p:2"}, {"https_proxy": "http://p:1"}),
        ("https://m.example/v1", {"HTTP_PROXY": "http://p:1"}, {}),
        ("https://m.example/v1", {"ALL_PROXY": "socks://p:2"}, {"https_proxy": "socks5h://p:2"}),
        ("http://m.example/v1", {"ALL_PROXY": "socks5://p:2"}, {"http_proxy": "socks5://p:2"}),
        ("https://m.example/v1", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "a,.example"}, {}),
        ("http://10.1.2.3/v1", {"HTTP_PROXY": "http://p:1", "NO_PROXY": "localhost, 10.0.0.0/8"}, {}),
        ("http://11.1.2.3/v1", {"HTTP_PROXY": "http://p:1", "NO_PROXY": "10.0.0.0/8"}, {"http_proxy": "http://p:1"}),
    ],
)  # fmt: skip
def test_of_the_proxies_the_one_is_left_that_is_needed(
    monkeypatch: pytest.MonkeyPatch, address: str, variables: dict[str, str], expected: dict[str, str]
) -> None:
    given(monkeypatch, **variables)
    before = dict(os.environ)
    assert left(address) == expected
    assert dict(os.environ) == before


def test_a_model_on_this_machine_is_asked_past_every_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("openai", reason="pip install openai")
    with proxy() as (place, noted), serving(says("OK.")) as script:
        given(monkeypatch, HTTP_PROXY=f"http://{place}", ALL_PROXY=f"socks://{place}/")
        LlmAnswerer(LlmSettings(base_url=script.url)).reply([{"role": "user", "content": "Say OK."}])
        assert (len(script.requests), noted) == (1, [])


def test_a_model_elsewhere_is_asked_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("openai", reason="pip install openai")
    with proxy() as (place, noted):
        given(monkeypatch, HTTP_PROXY=f"http://{place}", ALL_PROXY="socks://127.0.0.1:9/")
        answerer = LlmAnswerer(LlmSettings(base_url="http://models.invalid/v1", timeout=5, silence=5))
        with pytest.raises(Exception, match=r"unreachable|broken"):
            answerer.reply([{"role": "user", "content": "Say OK."}])
        assert noted and "models.invalid" in noted[0]


def test_a_proxy_that_cannot_be_used_is_an_error_of_one_line_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("openai", reason="pip install openai")
    given(monkeypatch, ALL_PROXY="gopher://me:secret@p:1")
    with pytest.raises(
        SettingsError, match=r"llm.base_url is reached by a proxy .* add the server to NO_PROXY"
    ) as raised:
        LlmAnswerer(LlmSettings(base_url="http://models.invalid/v1"))
    assert "\n" not in str(raised.value) and "secret" not in str(raised.value)
