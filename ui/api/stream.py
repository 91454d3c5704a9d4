"""An answer sent as it is made, in server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from kb.answering.answers import Answer, AnswerSentence
from kb.generation.llm import OnText
from ui.security.concurrency import ConcurrencyLimiter
from ui.security.errors import as_api_error, error_json

Piece = AnswerSentence | Answer
Encoded = Callable[[Piece], list[tuple[str, Any]]]
"""Gives the events, each a name and its data, that tell of a piece."""


async def pieces(concurrency: ConcurrencyLimiter, ask: Callable[[OnText], Answer]) -> AsyncIterator[Piece]:
    """Yield an answer's sentences as soon as each is final, then the answer.

    Should a model have failed midway, the answer holds other sentences than those that were yielded.
    """
    told: asyncio.Queue[AnswerSentence | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def tell(sentence: AnswerSentence) -> None:
        loop.call_soon_threadsafe(told.put_nowait, sentence)

    asked = asyncio.ensure_future(concurrency.run(lambda: ask(tell)))
    asked.add_done_callback(lambda done: _ended(done, told))
    early = []
    while (sentence := await told.get()) is not None:
        early.append(sentence)
        yield sentence
    answer = asked.result()
    if not early:
        for sentence in answer.sentences:
            yield sentence
    yield answer


async def event_stream(source: AsyncIterator[Piece], encoded: Encoded, last: str = "") -> StreamingResponse:
    """Return the response that sends `source`; `last` is sent after all else.

    What is wrong before there is anything to send is raised, so that it gets its status.
    """
    first = await anext(source)

    def events(piece: Piece) -> list[str]:
        return [_event(name, data) for name, data in encoded(piece)]

    async def lines() -> AsyncIterator[str]:
        try:
            # In a thread: the last piece has its tokens counted and its passages told, and others wait for the loop.
            for event in await run_in_threadpool(events, first):
                yield event
            async for piece in source:
                for event in await run_in_threadpool(events, piece):
                    yield event
        except Exception as error:
            told = as_api_error(error)
            yield _event("error", error_json(told.status_code, told.detail))
            return
        if last:
            yield f"data: {last}\n\n"

    # Proxies that gather what they pass on would hold the sentences back.
    return StreamingResponse(
        lines(), media_type="text/event-stream", headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    )


def _ended(asked: asyncio.Future[Answer], told: asyncio.Queue[AnswerSentence | None]) -> None:
    if not asked.cancelled():
        asked.exception()  # looked at even where nobody waits any longer, or it would be reported as a fault
    told.put_nowait(None)


def _event(name: str, data: Any) -> str:
    # JSON escapes \n and \r; the other characters at which some clients cut lines are escaped here.
    text = json.dumps(data, ensure_ascii=False)
    for character in "\x85\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return f"{f'event: {name}' + chr(10) if name else ''}data: {text}\n\n"
