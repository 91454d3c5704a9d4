"""The knowledge base as a model for chat clients: the part of OpenAI's API that they use."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from typing import Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from kb.answers import Answer, AnswerSentence, Citation
from kb.knowledge_base import KnowledgeBase
from ui.api_errors import ApiError
from ui.api_models import MOST_HISTORY, ErrorJson, Text, Told, answer_json
from ui.api_requests import json_only
from ui.api_stream import Piece, event_stream, pieces
from ui.gate import Gate
from ui.messages import Words

MODEL = "cco"
"""The one model's name."""
MOST_MESSAGES = 1000
_STREAM = {"text/event-stream": {"example": "data: {...}\n\ndata: [DONE]\n\n"}}


class TextPart(BaseModel):
    """A part of a message; only text is read."""

    model_config = ConfigDict(extra="allow")

    type: str
    text: Text = ""


class ChatMessage(BaseModel):
    """A message of the conversation."""

    model_config = ConfigDict(extra="allow")

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Text | list[TextPart] | None = None

    @property
    def text(self) -> str:
        """Its words."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type == "text").strip()
        return (self.content or "").strip()


class StreamOptions(BaseModel):
    """What a stream is to hold besides the text."""

    model_config = ConfigDict(extra="allow")

    include_usage: bool | None = None


class ChatRequest(BaseModel):
    """A conversation. What chat clients set besides (temperature and the like) has no meaning here and is let pass."""

    model_config = ConfigDict(extra="allow")

    model: Text = Field(examples=[MODEL])
    messages: list[ChatMessage] = Field(
        min_length=1, max_length=MOST_MESSAGES, examples=[[{"role": "user", "content": "Komu podlega CXO?"}]]
    )
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: int | None = Field(default=None, ge=1, le=1)


class UsageJson(Told):
    """Nothing is metered; some clients want the figures all the same."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0


class SaidJson(Told):
    """What the knowledge base says."""

    role: Literal["assistant"]
    content: str


class ChoiceJson(Told):
    """The one answer."""

    index: int
    message: SaidJson
    finish_reason: Literal["stop"]


class CompletionJson(Told):
    """An answer; `cco` holds it whole, as POST /api/ask gives it."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[ChoiceJson]
    usage: UsageJson
    cco: dict[str, Any]


class ModelJson(Told):
    """A model."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "cco-kb"


class ModelsJson(Told):
    """All models."""

    object: Literal["list"] = "list"
    data: list[ModelJson]


def openai_routes(base: KnowledgeBase, gate: Gate) -> APIRouter:
    """Return the routes of the models and of the conversation with one."""
    router = APIRouter(prefix="/v1", tags=["OpenAI-compatible"])
    told: dict[int | str, dict[str, Any]] = {status: {"model": ErrorJson} for status in (401, 422, 429)}

    @router.get("/models", summary="List the models", response_model=ModelsJson, responses=told)
    def models() -> Response:
        """Return the one model there is."""
        return JSONResponse(ModelsJson(data=[ModelJson(id=MODEL)]).model_dump())

    @router.get(
        "/models/{model}", summary="Tell of a model", response_model=ModelJson, responses={**told, 404: told[422]}
    )
    def model(model: str) -> Response:
        """Return the model of this name."""
        _checked_model(model)
        return JSONResponse(ModelJson(id=MODEL).model_dump())

    @router.post(
        "/chat/completions",
        summary="Ask as a chat client does",
        response_model=CompletionJson,
        responses={
            **told,
            **{status: {"model": ErrorJson} for status in (400, 404, 413, 415, 503)},
            200: {"content": _STREAM},
        },
        dependencies=[Depends(json_only)],
    )
    async def chat(asked: ChatRequest, request: Request) -> Response:
        """Answer the last user message; the user messages before it are the conversation.

        The text cites as [1] and ends in a list of the sources; the field `cco` has the same for programs.
        """
        _checked_model(asked.model)
        *history, question = _questions(asked)
        made = _Made(f"{str(request.base_url).rstrip('/')}/documents/")

        def ask(tell: Callable[[AnswerSentence], None] | None) -> Answer:
            return base.ask(question, history=history[-MOST_HISTORY:], on_text=tell)

        if not asked.stream:
            return JSONResponse(made.completion(await gate.run(lambda: ask(None))))
        usage = bool(asked.stream_options and asked.stream_options.include_usage)
        return await event_stream(pieces(gate, ask), lambda piece: made.chunks(piece, usage), last="[DONE]")

    return router


class _Made:
    """One completion in the making: what it has said so far, in OpenAI's objects."""

    def __init__(self, documents: str) -> None:
        self._documents = documents
        self._head = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": MODEL}
        self._said: list[str] = []

    def completion(self, answer: Answer) -> dict[str, Any]:
        """Return the whole at once."""
        message = {"role": "assistant", "content": inert(answer.text) + self._sources(answer), "refusal": None}
        return {
            **self._head,
            "object": "chat.completion",
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
            "usage": UsageJson().model_dump(),
            "cco": answer_json(answer),
        }

    def chunks(self, piece: Piece, usage: bool) -> list[tuple[str, Any]]:
        """Return the chunks that a piece of the answer makes, the last ones once it is whole."""
        if isinstance(piece, AnswerSentence):
            return [("", self._chunk(self._sentence(piece)))]
        rest = ""
        if self._said != [sentence.text for sentence in piece.sentences]:
            # What was said cannot be taken back: the model failed midway, and the quoted answer follows.
            rest = "\n\n".join(filter(None, (piece.reason, piece.text)))
            rest = inert(f"\n\n{rest}" if self._said else piece.text)
        chunks = [self._chunk(rest + self._sources(piece)), self._chunk(None, cco=answer_json(piece))]
        if usage:
            empty = self._chunk(None) | {"choices": [], "usage": UsageJson().model_dump()}
            chunks.append(empty)
        return [("", chunk) for chunk in chunks]

    def _sentence(self, sentence: AnswerSentence) -> str:
        gap = " " if self._said else ""
        self._said.append(sentence.text)
        return f"{gap}{inert(sentence.text)} " + "".join(f"[{number}]" for number in sentence.citations)

    def _chunk(self, text: str | None, **more: Any) -> dict[str, Any]:
        delta = {"role": "assistant", "content": text} if text is not None else {}
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": "stop" if text is None else None}
        return {**self._head, "object": "chat.completion.chunk", "choices": [choice], **more}

    def _sources(self, answer: Answer) -> str:
        """Return the list under an answer: number, title, section, date, and where the quote is to be read."""
        if not answer.citations:
            return ""
        words = Words.of(answer.language)
        lines = [f"{words('sources')}:" if answer.language in ("pl", "en") else f"{words('sources')}："]
        return "\n\n" + "\n".join([*lines, *(self._source(citation, words) for citation in answer.citations)])

    def _source(self, citation: Citation, words: Words) -> str:
        place = [citation.section, words.date(citation.date) if citation.date else ""]
        page = [words("page", page=citation.page)] if citation.page is not None else []
        address = (
            f"{self._documents}{quote(citation.document_id)}?start={citation.start}&end={citation.end}"
            f"&ui={words.language}#quote"
        )
        title = " · ".join(filter(None, [citation.title, *place, *page]))
        return f"[{citation.number}] {inert(title)} <{address}>"


def inert(text: str) -> str:
    """Return the words of a source so that a client that shows Markdown asks no other host for a picture or a frame."""
    return re.sub(r"<(?=[A-Za-z/!?])", r"\\<", re.sub(r"!(?=\[)", r"!\\", text))


def _checked_model(name: str) -> None:
    if name != MODEL:
        raise ApiError(
            404, f"there is no model {name[:60]!r} here; the one there is is called {MODEL!r}", field="model"
        )


def _questions(asked: ChatRequest) -> list[str]:
    """Return what the user said, the newest last."""
    questions = [message.text for message in asked.messages if message.role == "user"]
    if not questions or not questions[-1]:
        raise ApiError(422, "messages: the last user message has no text; it is the question", field="messages")
    return [question for question in questions if question]
