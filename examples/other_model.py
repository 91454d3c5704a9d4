"""Search with another embedding model: `python -m examples.other_model BAAI/bge-m3 notes/ 'rola CXO a CMO'`.

The model is any of sentence-transformers, by name or folder; a name is fetched once, by its library. On the command
line the same is `cco index notes/ --model BAAI/bge-m3`, and in the settings `name` under `[model]`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from kb import KnowledgeBase, Settings
from retrieval.storage.folder import IndexMismatch


def main(model: str, folder: str, query: str, index: str = "other-index") -> None:
    """Index the folder with that model and print what is found; another model's index is refused, not mixed up."""
    settings = Settings.model_validate({"index": Path(index), "model": {"name": model}})
    try:
        base = KnowledgeBase.open(settings=settings) if Path(index).exists() else None
    except IndexMismatch as mismatch:
        print(mismatch)
        base = None
    base = base or KnowledgeBase.build([folder], settings=settings)
    print(
        f"{base.encoder.name}: {base.encoder.dimension} numbers a window, {len(base.snapshot.contents.windows)} windows"
    )
    for hit in base.search(query, k=3):
        print(f"{hit.score:.3f} {hit.passage.document_id}: {hit.passage.text}")


if __name__ == "__main__":
    main(*sys.argv[1:])
