"""Talk to a server as a chat client does, by OpenAI's library: `python -m examples.chat_client 'Komu podlega CXO?'`.

The server: `cco serve`. Where it has users: CCO_TOKEN, which `cco users token NAME` makes.
"""

from __future__ import annotations

import os
import sys

from openai import OpenAI


def main(*questions: str, address: str = "http://127.0.0.1:7860") -> None:
    """Print each answer as it comes; the questions before are the conversation that the next may lean on."""
    client = OpenAI(base_url=f"{address}/v1", api_key=os.environ.get("CCO_TOKEN", "none"))
    messages: list[dict[str, str]] = []
    for question in questions:
        messages.append({"role": "user", "content": question})
        said = ""
        for chunk in client.chat.completions.create(model="cco", messages=messages, stream=True):
            for choice in chunk.choices:
                print(choice.delta.content or "", end="", flush=True)
                said += choice.delta.content or ""
        print()
        messages.append({"role": "assistant", "content": said})


if __name__ == "__main__":
    main(*sys.argv[1:])
