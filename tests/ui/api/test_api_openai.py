"""The knowledge base as a model, through OpenAI's own client."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from kb import KnowledgeBase
from kb.answering.answers import Answer, AnswerSentence
from tests.helpers.serving import NESTS, SlowBase, animal_base, served
from ui.api.openai_api import MOST_CHARACTERS, inert

openai = pytest.importorskip("openai", reason="needs openai (pip install 'cco-kb[llm]')")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    return animal_base(tmp_path_factory.mktemp("openai"))


@pytest.fixture(scope="module")
def address(base: KnowledgeBase) -> Iterator[str]:
    with served(base) as address:
        yield address


@pytest.fixture
def client(address: str) -> Iterator[openai.OpenAI]:
    with client_of(address) as opened:
        yield opened


def client_of(address: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0)


def user(*questions: str) -> list[dict[str, str]]:
    """Return a conversation in which each question but the last was answered."""
    said = [({"role": "user", "content": one}, {"role": "assistant", "content": "…"}) for one in questions]
    return [{"role": "system", "content": "Be brief."}, *(message for pair in said for message in pair)][:-1]


def expected(address: str) -> str:
    source = f"{address}/documents/birds?start="
    return (
        "Birds sing at dawn. [1] Birds build nests of straw. [2]\n\nSources:\n"
        f"[1] birds <{source}0&end=19&ui=en#quote>\n[2] birds <{source}20&end=47&ui=en#quote>"
    )


def test_there_is_one_model(client: Any) -> None:
    assert [model.id for model in client.models.list()] == ["cco"]
    assert client.models.retrieve("cco").owned_by == "cco-kb"
    with pytest.raises(openai.NotFoundError, match="there is no model 'gpt-4' here; the one there is is called 'cco'"):
        client.models.retrieve("gpt-4")


def test_an_answer_cites_and_ends_in_its_sources(client: Any, address: str) -> None:
    made = client.chat.completions.create(model="cco", messages=user(NESTS), temperature=0.3, max_tokens=9)
    assert made.choices[0].message.content == expected(address)
    assert (made.choices[0].finish_reason, made.object) == ("stop", "chat.completion")
    # The fake encoder's tokens are words: those of "Be brief." and of the question, then those of the whole reply.
    words = len(expected(address).split())
    assert (made.usage.prompt_tokens, made.usage.completion_tokens, made.usage.total_tokens) == (7, words, 7 + words)
    assert [citation["quote"] for citation in made.cco["citations"]] == [
        "Birds sing at dawn.",
        "Birds build nests of straw.",
    ]


def test_a_stream_says_the_same_in_pieces(client: Any, address: str) -> None:
    chunks = list(
        client.chat.completions.create(
            model="cco", messages=user(NESTS), stream=True, stream_options={"include_usage": True}
        )
    )
    texts = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices]
    assert texts[0] == "Birds sing at dawn. [1]"
    assert "".join(filter(None, texts)) == expected(address)
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices] == [None, None, None, "stop"]
    assert len({chunk.id for chunk in chunks}) == 1
    assert chunks[-2].cco["answered"] is True
    assert [chunk.usage for chunk in chunks[:-1]] == [None] * 4
    assert all("usage" in chunk.model_fields_set for chunk in chunks)
    words = len(expected(address).split())
    assert (chunks[-1].choices, chunks[-1].usage.to_dict()) == (
        [],
        {"prompt_tokens": 7, "completion_tokens": words, "total_tokens": 7 + words},
    )
    plain = list(client.chat.completions.create(model="cco", messages=user(NESTS), stream=True))
    assert not any("usage" in chunk.model_fields_set for chunk in plain)


def test_the_user_messages_before_are_the_conversation(client: Any) -> None:
    made = client.chat.completions.create(model="cco", messages=user("猫喜欢什么？", "那狗呢？"))
    assert made.cco["completed"] == "猫喜欢什么？狗呢？"
    assert "\n\n出处：\n[1] cats <" in made.choices[0].message.content


def test_a_message_in_parts_is_read(client: Any) -> None:
    parts = [{"type": "text", "text": NESTS}, {"type": "image_url", "image_url": {"url": "data:,"}}]
    made = client.chat.completions.create(model="cco", messages=[{"role": "user", "content": parts}])
    assert made.cco["question"] == NESTS


def test_a_refusal_has_no_sources(client: Any) -> None:
    content = client.chat.completions.create(model="cco", messages=user("Jaka jest stolica Australii?")).choices[0]
    assert "[1]" not in content.message.content and "Źródła" not in content.message.content


@pytest.mark.parametrize(
    ("asked", "error", "message"),
    [
        ({"messages": []}, openai.UnprocessableEntityError, "messages: list should have at least 1 item"),
        ({"messages": user(" ")}, openai.UnprocessableEntityError, "messages: the last user message has no text"),
        ({"messages": user("?")}, openai.UnprocessableEntityError, "the question holds no word or figure"),
        ({"messages": [{"role": "poet", "content": "a"}]}, openai.UnprocessableEntityError, "messages.0.role: input"),
        ({"messages": user("a"), "n": 2}, openai.UnprocessableEntityError, "n: input should be less than or equal"),
        ({"messages": user("a"), "model": "x"}, openai.NotFoundError, "there is no model 'x' here"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_what_is_wrong_is_said_as_the_client_expects(
    client: Any, asked: dict[str, Any], error: type[Exception], message: str, stream: bool
) -> None:
    with pytest.raises(error, match=message):
        client.chat.completions.create(**{"model": "cco", "stream": stream, **asked})


@pytest.mark.parametrize("stream", [False, True])
def test_so_much_is_taken_of_all_messages_together(client: Any, stream: bool) -> None:
    fits = [{"role": "system", "content": "a" * (MOST_CHARACTERS - len(NESTS))}, {"role": "user", "content": NESTS}]
    assert client.chat.completions.create(model="cco", messages=fits).cco["answered"]
    parts = [{"type": "other", "text": "b"}]
    with pytest.raises(
        openai.BadRequestError,
        match="the messages have 200,001 characters, at most 200,000 are taken together; leave the oldest out or",
    ):
        client.chat.completions.create(model="cco", messages=[{"role": "user", "content": parts}, *fits], stream=stream)


@pytest.mark.parametrize("stream", [False, True])
def test_tokens_are_counted_outside_the_event_loop(
    base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch, stream: bool
) -> None:
    counted: list[bool] = []

    def count(text: str) -> int:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            counted.append(True)
        else:
            counted.append(False)
        return 1

    monkeypatch.setattr(base.encoder, "count_tokens", count)
    with served(base) as address, client_of(address) as client:
        usage = {"stream_options": {"include_usage": True}} if stream else {}
        made = client.chat.completions.create(model="cco", messages=user(NESTS), stream=stream, **usage)
        assert not stream or list(made)[-1].usage.total_tokens == 3
    assert counted == [True] * 3


def test_a_stream_whose_model_failed_midway_goes_on_with_the_quoted_answer(base: KnowledgeBase) -> None:
    slow = SlowBase(base)

    def ask(question: str, on_text: Any = None, **options: Any) -> Answer:
        if on_text:
            on_text(AnswerSentence("Said by a model.", (1,)))
        return replace(base.ask(question), reason="The model broke off.")

    slow.ask = ask  # type: ignore[method-assign]
    with served(slow) as address, client_of(address) as client:  # type: ignore[arg-type]
        stream = client.chat.completions.create(model="cco", messages=user(NESTS), stream=True)
        text = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
    assert text == f"Said by a model. [1]\n\nThe model broke off.\n\n{expected(address)}"


def test_a_source_s_markup_stays_words() -> None:
    assert inert("![a](http://e/x) <img src=y> 3 < 4 a![b]") == r"!\[a](http://e/x) \<img src=y> 3 < 4 a!\[b]"
