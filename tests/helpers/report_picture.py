"""The evaluation report as a picture: `python -m tests.helpers.report_picture docs/report.png [RUN.json]`.

Without a run the shipped questions are asked of the shipped texts first, which takes some minutes.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from kb import KnowledgeBase
from kb.evaluation.report.page import write_report
from kb.evaluation.run_file import read_run
from kb.evaluation.runs import run
from kb.evaluation.sets.question_sets import load_question_set
from tests.helpers.screenshots import LARGEST, TEXTS, launch

QUESTIONS = Path(__file__).resolve().parents[2] / "kb" / "evaluation" / "questions.jsonl"
SIZE = (1200, 1500)


def main(file: Path, run_file: Path | None) -> None:
    """Make the picture. Raises `ValueError` where it is too large."""
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        if run_file:
            result = read_run(run_file)
        else:
            result = run(KnowledgeBase.build([TEXTS], Path(scratch) / "index"), load_question_set(QUESTIONS))
        write_report(result, Path(scratch) / "report.html", "en")
        browser = launch(playwright)
        page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]}, device_scale_factor=1.5)
        page.goto((Path(scratch) / "report.html").as_uri())
        page.screenshot(path=file)
        browser.close()
    with Image.open(file) as image:
        image.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(file, optimize=True)
    print(f"{file}: {file.stat().st_size // 1000} kB")
    if file.stat().st_size > LARGEST:
        raise ValueError(f"{file} has {file.stat().st_size:,} bytes, at most {LARGEST:,} are wanted")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
