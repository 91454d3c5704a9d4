"""What the suite does about what is not here: markers that come by themselves, and one line for what was skipped."""

from __future__ import annotations

import re
import sys

import pytest

from tests import needs

pytest_plugins = ["pytester"]
SUITE = """
import subprocess, sys, warnings
import pytest

@pytest.fixture
def chromium():
    pass

@pytest.fixture
def page(chromium):
    pass

def test_in_a_browser(page):
    pass

@pytest.mark.programs("no-such-writer")
def test_of_a_writer():
    pass

@pytest.mark.shared
@pytest.mark.parametrize("number", [1, 2])
def test_of_seeds(number):
    pass

def test_of_nothing():
    pass
"""


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A suite of its own under the same rules, where there is no browser and no shared folder."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(needs, "chromium", lambda: None)
    monkeypatch.delenv("CCO_SHARED", raising=False)
    return pytester


def run(suite: pytest.Pytester, code: str, *options: str) -> pytest.RunResult:
    suite.makepyfile(code)
    quiet = ("-p", "no:schemathesis", "-W", "ignore::pytest.PytestAssertRewriteWarning", "-q")
    return suite.runpytest_inprocess("-p", "tests.needs", "--strict-markers", *quiet, *options)


def test_what_is_missing_is_told_in_one_line_with_what_to_type(suite: pytest.Pytester) -> None:
    result = run(suite, SUITE)
    result.assert_outcomes(passed=1, skipped=4)
    (line,) = (line for line in result.outlines if line.startswith("4 skipped: "))
    assert set(line.removeprefix("4 skipped: ").split("; ")) == {
        "2 need the shared seeds and benches (name their folder in CCO_SHARED)",
        "1 needs Chromium (apt-get install chromium fonts-noto-cjk, or name one in CCO_CHROMIUM)",
        "1 needs no-such-writer (apt-get install no-such-writer)",
    }


def test_a_suite_that_skips_nothing_has_no_such_line(suite: pytest.Pytester) -> None:
    assert not re.search(r"\d skipped", run(suite, "def test_of_nothing():\n    pass").stdout.str())


def test_whoever_uses_a_fixture_has_its_marker(suite: pytest.Pytester) -> None:
    result = run(suite, SUITE, "--collect-only", "-m", "browser")
    assert [line for line in result.outlines if "::" in line] == [
        f"{result.outlines[0].split('::')[0]}::test_in_a_browser"
    ]


def test_fast_leaves_out_all_that_have_a_marker(suite: pytest.Pytester) -> None:
    run(suite, SUITE, "--fast").assert_outcomes(passed=1, deselected=4)


@pytest.mark.parametrize(
    ("use", "markers"),
    [
        ("subprocess.run([sys.executable, '-c', ''])", "killed or @pytest.mark.many_files or @pytest.mark.process"),
        ("subprocess.run('chromium-shell', check=False)", "browser"),
        ("subprocess.run(['/opt/bin/pandoc', '--help'])", "programs"),
        ("sys.modules.pop('torch', None); __import__('torch')", "model"),
    ],
)
def test_what_a_test_uses_without_a_marker_fails_it(suite: pytest.Pytester, use: str, markers: str) -> None:
    torch = sys.modules.get("torch")
    (suite.path / "torch.py").write_text("")
    code = (
        f"import subprocess, sys\ndef test_of_its_own():\n    try:\n        {use}\n    except OSError:\n        pass\n"
    )
    try:
        result = run(suite, code)
    finally:
        sys.modules.pop("torch", None)
        if torch:
            sys.modules["torch"] = torch
    result.assert_outcomes(failed=1)
    assert re.search(rf"test_of_its_own (starts|loads) .* without @pytest.mark.{markers}", result.stdout.str())


def test_a_marker_that_nobody_described_is_an_error(suite: pytest.Pytester) -> None:
    result = run(suite, "import pytest\n@pytest.mark.browzer\ndef test_of_nothing():\n    pass")
    result.stdout.fnmatch_lines(["*'browzer' not found in `markers`*"])


def test_a_warning_is_an_error(pytestconfig: pytest.Config, suite: pytest.Pytester) -> None:
    rules = pytestconfig.getini("filterwarnings")
    suite.makeini("[pytest]\nfilterwarnings =\n" + "".join(f"    {rule}\n" for rule in rules))
    code = """
import warnings
def test_that_warns():
    warnings.warn("no good")
def test_that_forgets_a_file(tmp_path):
    open(tmp_path / "a", "w")
"""
    run(suite, code).assert_outcomes(failed=2)
