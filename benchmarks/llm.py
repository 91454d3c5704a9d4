"""Ask every shipped question of a language model's server and check each sentence that would be shown.

    .venv/bin/python -m benchmarks.llm [--url http://127.0.0.1:8080/v1] [--limit N] [--index DIR]

Without --url the server of the tests is started: llama.cpp with a model so small that most of what it says is wrong, so
the run says nothing of how well a good model answers, and much of what keeps a bad one's words from the page. A
citation is valid if its number is the answer's, the document's text at its place is the quote, and the support that
was recorded for its sentence is at least what is demanded. The exit status is 1 where a sentence has none.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from kb import Answer, KnowledgeBase, Settings
from kb.evaluation.sets.question_sets import load_question_set
from kb.generation.support import OTHER_LANGUAGE

ROOT = Path(__file__).resolve().parents[1]
QUESTIONS = ROOT / "kb" / "evaluation" / "questions.jsonl"
TEXTS = ROOT / "corpus" / "texts"


@contextmanager
def small_server(folder: Path) -> Iterator[str]:
    """Run the tests' server and yield its address."""
    command = [sys.executable, "-m", "tests.helpers.llama_server", str(folder)]
    server = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert server.stdin and server.stdout
    try:
        lines = (line.decode(errors="replace") for line in server.stdout)
        address = next((line.split()[1] for line in lines if line.startswith("listening ")), None)
        if address is None:
            sys.exit("the server did not start: pip install -e '.[test-server]', or name one by --url")
        yield f"{address}/v1"
    finally:
        server.stdin.close()
        server.terminate()
        server.wait(30)


def unproven(base: KnowledgeBase, answer: Answer) -> int:
    """Return how many sentences of `answer` have no valid citation."""
    documents = base.snapshot.documents
    valid = {c.number for c in answer.citations if documents[c.document_id].text[c.start : c.end] == c.quote != ""}
    return sum(
        not sentence.citations or not valid.issuperset(sentence.citations) or sentence.support < OTHER_LANGUAGE
        for sentence in answer.sentences
    )


def main() -> None:
    """Ask, print a table, and fail where a sentence is unproven."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", help="an OpenAI-compatible server")
    parser.add_argument("--model", default="", help="the model's name there")
    parser.add_argument("--limit", type=int, help="ask the first so many questions")
    parser.add_argument("--index", type=Path, help="an index of the shipped texts, instead of making one")
    options = parser.parse_args()
    questions = load_question_set(QUESTIONS).questions[: options.limit]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        url = options.url or running.enter_context(small_server(Path(folder)))
        # Short prompts and replies, for a model on two cores: what is checked is each sentence that comes back.
        brief = {"max_tokens": 60, "passage_characters": 1_200}
        llm = {"base_url": url, "model": options.model, "timeout": 120.0, "silence": 60.0, **brief}
        settings = Settings(index=options.index or Path(folder) / "index", llm=llm)  # type: ignore[arg-type]
        base = (
            KnowledgeBase.open(settings=settings) if options.index else KnowledgeBase.build([TEXTS], settings=settings)
        )
        counts = _counted(base, [asked.question for asked in questions])
    print(f"| of {len(questions)} questions | |\n|---|---|")
    for name in sorted(counts):
        print(f"| {name} | {counts[name]} |")
    sys.exit(counts["sentences without a valid citation"] > 0)


def _counted(base: KnowledgeBase, questions: list[str]) -> Counter[str]:
    """Ask `questions` and count what came of them."""
    counts: Counter[str] = Counter()
    for number, question in enumerate(questions, 1):
        answer = base.ask(question)
        counts[f"answered by {answer.engine}" if answer.answered else "refused"] += 1
        counts["sentences shown"] += len(answer.sentences)
        counts["sentences of the model shown"] += len(answer.sentences) * (answer.engine == "llm")
        counts["sentences of the model left out"] += answer.dropped
        counts["sentences without a valid citation"] += unproven(base, answer)
        if answer.failure:
            counts[f"quotes stood in: {answer.failure}"] += 1
        print(f"\r{number} of {len(questions)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return counts


if __name__ == "__main__":
    main()
