"""Use a server's tools as an assistant does, by MCP: `python -m examples.mcp_client 'Komu podlega CXO?'`."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from mcp import ClientSession, types
from mcp.client.streamable_http import streamable_http_client


async def used(session: ClientSession, tool: str, **arguments: Any) -> Any:
    """Return what a tool gives; each gives one text, which is JSON, or why it could not."""
    result = await session.call_tool(tool, arguments)
    said = next(part.text for part in result.content if isinstance(part, types.TextContent))
    if result.isError:
        raise SystemExit(said)
    return json.loads(said)


async def main(question: str, address: str = "http://127.0.0.1:7860") -> None:
    """Print the tools, the answer, and how much of its first source it quotes."""
    async with (
        streamable_http_client(f"{address}/gradio_api/mcp/") as (read, write, _),
        ClientSession(read, write) as it,
    ):
        await it.initialize()
        print(", ".join(tool.name for tool in (await it.list_tools()).tools))
        answer = await used(it, "ask", question=question)
        print(answer["answer"])
        for first in answer["citations"][:1]:
            source = await used(it, "read_document", document_id=first["document_id"])
            print(f"[1] {first['end'] - first['start']} of {len(source['text'])} characters of {source['document_id']}")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
