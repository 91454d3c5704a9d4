"""The MCP tools, through the protocol's own client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from kb import KnowledgeBase
from tests.helpers.serving import NESTS, animal_base, served
from ui.api.models import answer_json


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    return animal_base(tmp_path_factory.mktemp("mcp"))


@pytest.fixture(scope="module")
def address(base: KnowledgeBase) -> Iterator[str]:
    with served(base) as address:
        yield f"{address}/gradio_api/mcp/"


def in_session(address: str, method: str, *arguments: Any) -> Any:
    """Open a session, call one of its methods and return what it gives."""

    async def call() -> Any:
        async with streamable_http_client(address) as (read, write, _), ClientSession(read, write) as session:
            await session.initialize()
            return await getattr(session, method)(*arguments)

    return asyncio.run(call())


def called(address: str, tool: str, **arguments: Any) -> Any:
    result = in_session(address, "call_tool", tool, arguments)
    assert not result.isError, result.content
    return json.loads(result.content[0].text)


def test_three_tools_and_no_more_are_described(address: str) -> None:
    tools = {tool.name: tool for tool in in_session(address, "list_tools").tools}
    assert list(tools) == ["ask", "search", "read_document"]
    assert "cites the exact words of a source" in tools["ask"].description
    assert tools["ask"].inputSchema["required"] == ["question"]
    assert tools["read_document"].inputSchema["properties"]["document_id"]["type"] == "string"
    assert "1 to 50" in tools["search"].inputSchema["properties"]["k"]["description"]


def test_ask(address: str, base: KnowledgeBase) -> None:
    answer = called(address, "ask", question=NESTS)
    assert answer["answer"] == "Birds sing at dawn. [1] Birds build nests of straw. [2]"
    assert answer["citations"] == answer_json(base.ask(NESTS))["citations"]
    assert called(address, "ask", question="那狗呢？", history=["猫喜欢什么？"])["completed"] == "猫喜欢什么？狗呢？"


def test_search(address: str) -> None:
    passages = called(address, "search", query="birds", k=1)["passages"]
    assert [passage["text"] for passage in passages] == ["Birds sing at dawn. Birds build nests of straw."]


def test_read_document(address: str) -> None:
    assert len(called(address, "read_document", document_id="")["documents"]) == 4
    read = called(address, "read_document", document_id="birds", start=20)
    assert (read["text"], read["next_start"]) == ("Birds build nests of straw.", None)


@pytest.mark.parametrize(
    ("tool", "arguments", "message"),
    [
        ("ask", {"question": " "}, "the question is empty; type one"),
        ("read_document", {"document_id": "none"}, "there is no document with this id"),
        ("ask", {"question": {"path": "/etc/passwd"}}, ""),
        ("search", {"query": "birds", "k": "many"}, ""),
        ("ask", {"question": "birds", "history": [5]}, ""),
        ("ask", {}, ""),
        ("none", {}, ""),
    ],
)
def test_a_wrong_call_says_so_without_a_trace(address: str, tool: str, arguments: Any, message: str) -> None:
    result = in_session(address, "call_tool", tool, arguments)
    assert result.isError
    text = result.content[0].text
    assert message in text
    assert "Traceback" not in text and ".py" not in text
