"""Settings saved to their file, and what a running knowledge base makes of them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from filelock import FileLock

from kb import KnowledgeBase, Settings, SettingsError
from kb.settings.file import given_by_environment, save, staged

GIVEN = """# ours
passages = 4  # enough

[answer]
most_sentences = 2
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A settings file with comments."""
    path = tmp_path / "settings.toml"
    path.write_text(GIVEN, encoding="utf-8")
    return path


def test_what_is_saved_is_read_again_and_comments_stay(file: Path) -> None:
    environment = {"CCO_SETTINGS": str(file)}
    settings = save({"answer.most_sentences": 5, "llm.model": "x", "passages": None}, environment=environment)
    assert settings == Settings.load(environment=environment)
    assert (settings.answer.most_sentences, settings.llm.model, settings.passages) == (5, "x", 5)
    assert file.read_text(encoding="utf-8") == '# ours\n\n[answer]\nmost_sentences = 5\n\n[llm]\nmodel = "x"\n'
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_without_a_file_the_users_own_is_made_and_read_from_then_on(tmp_path: Path) -> None:
    save({"retrieval.mode": "sparse"}, environment={})
    assert Settings.load(environment={}).retrieval.mode == "sparse"
    assert (tmp_path / "data-home" / "cco-kb" / "settings.toml").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"answer.most_sentences": 99}, "answer.most_sentences: Input should be less than or equal to 10"),
        ({"retrieval.mode": "both"}, "retrieval.mode: Input should be 'hybrid', 'dense' or 'sparse'"),
        ({"llm.base_url": "ftp://x"}, "llm.base_url: Value error, expected an address such as"),
    ],
)
def test_what_could_not_be_used_is_not_saved(file: Path, changes: dict[str, str | int], message: str) -> None:
    with pytest.raises(SettingsError, match=message) as failure:
        save(changes, environment={"CCO_SETTINGS": str(file)})
    assert f"the settings in {file}: " in str(failure.value)
    assert file.read_text(encoding="utf-8") == GIVEN
    assert [path.name for path in file.parent.iterdir() if path.suffix == ".toml"] == ["settings.toml"]


def test_a_model_by_its_name_alone_becomes_a_table_once_its_dtype_is_saved(file: Path) -> None:
    file.write_text('model = "mine"\npassages = 7\n[answer]\nmost_sentences = 4\n', encoding="utf-8")
    settings = save({"model.dtype": "bfloat16"}, environment={"CCO_SETTINGS": str(file)})
    assert (settings.model.name, settings.model.dtype) == ("mine", "bfloat16")
    assert (settings.passages, settings.answer.most_sentences) == (7, 4)


def test_what_another_process_saves_between_reading_and_keeping_stays(file: Path) -> None:
    environment = {"CCO_SETTINGS": str(file)}
    first = staged({"passages": 9}, environment=environment)
    save({"answer.most_sentences": 5}, environment=environment)
    first.keep()
    settings = Settings.load(environment=environment)
    assert (settings.passages, settings.answer.most_sentences) == (9, 5)


def test_whoever_cannot_have_the_file_for_itself_is_told_so(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.settings.file._PATIENCE", 0.0)
    lock = FileLock(file.with_name(f".{file.name}.lock"), is_singleton=False)
    with lock, pytest.raises(SettingsError, match=r"another process is saving some; try again") as failure:
        save({"passages": 9}, environment={"CCO_SETTINGS": str(file)})
    assert failure.value.fault == "unwritable"
    assert file.read_text(encoding="utf-8") == GIVEN


def test_what_a_killed_writer_left_goes_with_the_next_save_whatever_the_clock_says(file: Path) -> None:
    left = file.with_name(".settings-killed.toml")
    left.write_text("[llm]\napi_key = 'taken out since'\n", encoding="utf-8")
    os.utime(left, (4_000_000_000, 4_000_000_000))  # in 2096
    save({"passages": 9}, environment={"CCO_SETTINGS": str(file)})
    assert not left.exists()


def test_where_folders_cannot_be_opened_settings_are_saved_all_the_same(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows."""
    opened = os.open

    def files_alone(path: str | Path, *arguments: int, **options: int) -> int:
        if Path(path).is_dir():
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments, **options)

    monkeypatch.setattr(os, "open", files_alone)
    assert save({"passages": 9}, environment={"CCO_SETTINGS": str(file)}).passages == 9


def test_the_environment_tells_what_it_rules() -> None:
    assert given_by_environment({"CCO_MODEL": "x", "CCO_LLM_API_KEY": "k", "CCO_INDEX": ""}) == {
        "model.name",
        "llm.api_key",
    }


def test_a_running_base_goes_by_what_it_adopts(small_base: KnowledgeBase) -> None:
    settings = small_base.settings
    index = settings.index
    strict = settings.answer.model_copy(update={"refuse_below": 1.0})
    assert small_base.ask("When do birds sing at dawn?").answered
    small_base.adopt(settings.model_copy(update={"answer": strict, "index": Path("elsewhere")}))
    assert not small_base.ask("When do birds sing at dawn?").answered
    assert small_base.settings.index == index


def test_mode_and_weight_of_keywords_bear_on_what_is_found(small_base: KnowledgeBase) -> None:
    def scores(**changes: object) -> list[float]:
        retrieval = small_base.settings.retrieval.model_copy(update=changes)
        small_base.adopt(small_base.settings.model_copy(update={"retrieval": retrieval}))
        return [round(hit.score, 4) for hit in small_base.ask("Do birds build nests of straw?").hits]

    usual = scores()
    assert scores(keyword_weight=3.0)[0] > usual[0] > scores(keyword_weight=0.0)[0]
    assert len({tuple(scores(keyword_weight=1.0, mode=mode)) for mode in ("hybrid", "dense", "sparse")}) == 3
