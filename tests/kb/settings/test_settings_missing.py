"""A settings file that cannot be read: one line, with what to type."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.settings.schema import Settings, SettingsError
from ui import cli


@pytest.mark.parametrize("kind", ["missing", "within a file", "folder", "forbidden", "latin"])
def test_a_settings_file_that_cannot_be_read_is_one_line_that_says_what_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    file = tmp_path / "cco.toml"
    match kind:
        case "within a file":
            file.write_text("")
            file = file / "x.toml"
        case "folder":
            file.mkdir()
        case "forbidden":
            monkeypatch.setattr(Path, "read_text", lambda *_, **__: (_ for _ in ()).throw(PermissionError(13, "no")))
        case "latin":
            file.write_bytes("index = 'żółć'".encode("iso-8859-2"))
    expected = {
        "missing": "there is no such file; name one that is there, or type: unset CCO_SETTINGS",
        "within a file": "there is no such file; name one that is there, or type: unset CCO_SETTINGS",
        "folder": f"this is a folder; name a file in it, such as {file}/settings.toml, or type: unset CCO_SETTINGS",
        "forbidden": f"it may not be read; allow it: chmod u+r {file}, or type: unset CCO_SETTINGS",
        "latin": "it is not in UTF-8; save it so",
    }[kind]
    with pytest.raises(SettingsError) as raised:
        Settings.load(environment={"CCO_SETTINGS": str(file)})
    assert str(raised.value) == f"cannot read the settings in {file} (CCO_SETTINGS): {expected}"


@pytest.mark.parametrize("command", [["ask", "Co?"], ["serve"], ["docs"]])
def test_every_command_ends_with_that_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    monkeypatch.setenv("CCO_SETTINGS", str(tmp_path / "none.toml"))
    assert cli.main(command) == 1
    told = capsys.readouterr()
    assert told.out == "" and told.err.count("\n") == 1
    assert told.err.endswith("there is no such file; name one that is there, or type: unset CCO_SETTINGS\n")
