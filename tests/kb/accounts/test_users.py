"""Users, their passwords, sessions and tokens; the command that makes them; the record of changes."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

import pytest
from argon2 import PasswordHasher

from kb import Settings
from kb.accounts import remedies
from kb.accounts import users as module
from kb.accounts.audit import Audit
from kb.accounts.users import _TABLES, UserError, Users
from ui.cli import main

GOOD = "correct horse"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def users(tmp_path: Path) -> Users:
    return Users(tmp_path / "users.sqlite3", QUICK)


def test_a_password_is_checked_and_kept_only_as_a_salted_hash(users: Users) -> None:
    users.add("anna", GOOD, "editor")
    users.add("Łucja", GOOD)
    assert users.with_password("ANNA", GOOD) == users.all()[0]
    assert [(user.name, user.role) for user in users.all()] == [("anna", "editor"), ("Łucja", "reader")]
    assert users.with_password("anna", "wrong horse") is None
    assert users.with_password("nobody", GOOD) is None
    data = users.file.read_bytes()
    assert GOOD.encode() not in data
    assert data.count(b"$argon2id$") == 2
    assert stat.S_IMODE(users.file.stat().st_mode) == 0o600


def test_what_the_program_spends_on_a_password_is_what_guessing_it_costs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PasswordHasher", PasswordHasher)  # the tests have a cheaper one
    users = Users(tmp_path / "users.sqlite3")
    users.add("anna", GOOD)
    assert users.with_password("anna", GOOD)
    with closing(sqlite3.connect(users.file)) as database:
        ((hashed,),) = database.execute("select password from users")
    # Kilobytes, rounds and lanes, as the authors of Argon2 advise (RFC 9106).
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


@pytest.mark.parametrize(
    ("name", "password", "role", "message"),
    [
        ("anna", GOOD, "reader", "there is a user 'anna' already; cco users password anna gives a new password"),
        ("ANNA", GOOD, "reader", "there is a user 'ANNA' already"),
        ("a b", GOOD, "reader", "'a b' is no name for a user: write up to 64 letters"),
        ("", GOOD, "reader", "'' is no name for a user"),
        ("jan", "short", "reader", "the password has 5 characters; write 10 to 1,000"),
        ("jan", GOOD, "owner", "there is no role 'owner'; write reader or editor"),
    ],
)
def test_what_makes_no_user(users: Users, name: str, password: str, role: str, message: str) -> None:
    users.add("anna", GOOD)
    with pytest.raises(UserError) as error:
        users.add(name, password, role)  # type: ignore[arg-type]
    assert str(error.value).startswith(message)
    assert len(users.all()) == 1


def test_a_session_ends_by_itself_when_told_to_with_the_password_and_with_the_user(
    users: Users, monkeypatch: pytest.MonkeyPatch
) -> None:
    users.add("anna", GOOD)
    first, second = users.new_session("anna", hours=1), users.new_session("anna", hours=3)
    assert users.with_key("session", first) == users.all()[0]
    assert users.with_key("token", first) is None
    users.end_session(second)
    assert users.with_key("session", second) is None

    users.set_password("anna", "another horse")
    assert users.with_key("session", first) is None
    third = users.new_session("anna", hours=1)
    users.set_role("anna", "editor")
    found = users.with_key("session", third)
    assert found is not None and found.role == "editor"

    now = found.created
    with monkeypatch.context() as later:
        later.setattr("kb.accounts.users.time.time", lambda: now + 3601 * 2)
        assert users.with_key("session", third) is None
    users.remove("anna")
    assert users.with_key("session", third) is None
    assert not users.any()


def test_a_password_that_is_changed_ends_tokens_too_and_all_in_one_step(
    users: Users, monkeypatch: pytest.MonkeyPatch
) -> None:
    users.add("anna", GOOD)
    users.add("jan", GOOD)
    session, token, other = users.new_session("anna", hours=1), users.new_token("anna")[0], users.new_token("jan")[0]
    with monkeypatch.context() as patch:
        # What cannot be done whole is not done at all.
        patch.setattr("kb.accounts.users._TABLES", f"{_TABLES} create temp trigger t before delete on keys"
                      " begin select raise(abort, 'full'); end;")  # fmt: skip
        with pytest.raises((UserError, sqlite3.Error)):
            users.set_password("anna", "another horse")
    assert users.with_password("anna", GOOD) and users.with_key("token", token) and users.with_key("session", session)
    assert users.set_password("ANNA", "another horse").name == "anna"
    assert users.with_password("anna", GOOD) is None
    assert users.with_key("token", token) is None and users.with_key("session", session) is None
    token = users.new_token("anna")[0]
    users.remove("anna")
    assert users.with_key("token", token) is None and users.tokens()[0].user == "jan"
    assert users.with_key("token", other) == users.named("JAN") == users.all()[0]


def test_no_session_begins_with_a_password_that_was_changed_while_it_was_checked(users: Users) -> None:
    users.add("anna", GOOD)

    class Slow(PasswordHasher):
        def verify(self, *arguments: Any) -> Literal[True]:
            users.set_password("anna", "another horse")
            return QUICK.verify(*arguments)

    assert Users(users.file, Slow()).sign_in("anna", GOOD, hours=1) is None
    signed_in = users.sign_in("anna", "another horse", hours=1)
    assert signed_in is not None and users.with_key("session", signed_in[1]) == signed_in[0]


def test_a_token_is_shown_once_and_kept_as_a_digest(users: Users) -> None:
    users.add("anna", GOOD)
    secret, token = users.new_token("anna", "report", days=30)
    assert secret.startswith("cco_") and len(secret) > 40
    assert users.with_key("token", secret) == users.all()[0]
    assert users.tokens() == [token]
    assert secret.encode() not in users.file.read_bytes()
    users.revoke(token.id)
    assert users.with_key("token", secret) is None
    with pytest.raises(UserError, match=f"there is no token '{token.id}'; cco users tokens lists them"):
        users.revoke(token.id)


@pytest.mark.parametrize("key", ["", "x", "\ud800", "' or 1=1 --", "a" * 100_000])
def test_no_odd_key_is_anybody_s(users: Users, key: str) -> None:
    users.add("anna", GOOD)
    users.new_token("anna")
    assert users.with_key("token", key) is None
    assert users.with_key("session", key) is None
    assert users.with_password("anna", key) is None


def test_nobody_is_asked_for_makes_no_file(users: Users) -> None:
    assert (users.any(), users.all(), users.tokens(), users.with_key("token", "x")) == (False, [], [], None)
    assert not users.file.exists()


def test_a_file_that_is_none_of_ours_is_named(tmp_path: Path) -> None:
    (tmp_path / "users").write_text("not a database, by any means" * 99)
    with pytest.raises(UserError, match=r"cannot use the users in .*/users: file is not a database"):
        Users(tmp_path / "users").any()


# --------------------------------------------------------------------------------------------------------- command


def cco(*arguments: str, stdin: str = "", monkeypatch: pytest.MonkeyPatch, folder: Path) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
    return main([*arguments, "--index", str(folder / "index")])


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*arguments: str, stdin: str = "") -> tuple[int, str, str]:
        status = cco(*arguments, stdin=stdin, monkeypatch=monkeypatch, folder=tmp_path)
        return status, *capsys.readouterr()

    assert run("users", "list")[2] == "cco: there are no users; cco users add NAME makes one\n"
    file = tmp_path / "index.users.sqlite3"
    assert run("users", "add", "anna", "--role", "editor", stdin=f"{GOOD}\n") == (
        0,
        "",
        f"cco: anna may sign in as editor; kept in {file}\n",
    )
    assert run("users", "add", "jan", stdin="short\n")[0] == 1
    assert run("users", "role", "anna", "reader")[0] == 0
    assert run("users", "password", "ANNA", stdin="another horse\n") == (
        0,
        "",
        "cco: all sessions and tokens of anna have ended; cco users token anna makes a new token\n",
    )
    listed = json.loads(run("users", "list", "--json")[1])
    assert [(user["name"], user["role"]) for user in listed["users"]] == [("anna", "reader")]

    status, secret, said = run("users", "token", "anna", "--label", "report", "--days", "3")
    found = Users(file).with_key("token", secret.strip())
    assert status == 0 and found is not None and found.name == "anna"
    token = json.loads(run("users", "tokens", "--json")[1])["tokens"][0]
    assert (token["user"], token["label"]) == ("anna", "report")
    assert f"token {token['id']} of anna; it is not shown again" in said
    assert run("users", "revoke", token["id"])[0] == 0
    assert run("users", "remove", "Anna") == (
        0,
        "",
        "cco: anna is removed; all sessions and tokens of anna have ended\n",
    )
    status, _, said = run("users", "remove", "anna")
    assert (status, said) == (1, "cco: there is no user 'anna'; cco users list shows them\n")

    record = [json.loads(line) for line in (tmp_path / "index.audit.jsonl").read_text().splitlines()]
    assert [entry["action"] for entry in record] == [
        f"users.{what}" for what in ("add", "role", "password", "token", "revoke", "remove")
    ]
    assert {entry["user"] for entry in record} == {"the command line"}
    assert {entry["subject"] for entry in record if "subject" in entry} == {"anna"}
    assert GOOD not in (tmp_path / "index.audit.jsonl").read_text()


# ---------------------------------------------------------------------------------------------------------- record


def test_the_record_only_grows_and_is_nobody_else_s_to_read(tmp_path: Path) -> None:
    audit = Audit.of(Settings(index=tmp_path / "index"))
    audit.record("anna", "documents.add", ["a", "狗\n"], files=2)
    audit.record("jan", "documents.remove", ["\ud800"])
    first, second = map(json.loads, audit.file.read_text().splitlines())
    assert list(first) == ["time", "user", "action", "documents", "files"]
    assert (first["user"], first["action"], first["documents"]) == ("anna", "documents.add", ["a", "狗\n"])
    assert second["user"] == "jan"
    assert stat.S_IMODE(audit.file.stat().st_mode) == 0o600


def test_a_line_that_was_cut_off_takes_none_with_it(tmp_path: Path) -> None:
    audit = Audit(tmp_path / "audit.jsonl")
    audit.record("anna", "documents.add")
    with audit.file.open("ab") as file:
        file.write(b'{"time": "2026-')  # as a kill or a full disk leaves it
    audit.record("jan", "documents.remove")
    first, cut, last = audit.file.read_text().splitlines()
    assert (json.loads(first)["user"], cut, json.loads(last)["user"]) == ("anna", '{"time": "2026-', "jan")


def test_where_no_line_can_be_written_that_is_logged_and_what_was_done_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    audit = Audit(tmp_path / "audit.jsonl")
    write = os.write
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda file, data: write(file, data[:10]))
        audit.record("anna", "documents.add")
    assert caplog.messages == [
        f"documents.add by anna is not recorded: cannot write {audit.file}: No space left on device"
    ]
    audit.file.unlink()
    audit.file.mkdir()
    audit.record("anna", "documents.add")
    assert caplog.messages[1].endswith(f"cannot write {audit.file}: Is a directory")


# ------------------------------------------------------------------------------------------------------- what to do


@pytest.mark.parametrize(
    ("statements", "remedy"),
    [
        (("pragma max_page_count = 1", "create table t (x)"), "see that its disk has room"),
        (("select * from nothing",), "move the file away to start anew"),
    ],
)
def test_only_a_file_that_is_damaged_is_to_be_given_up(
    tmp_path: Path, statements: tuple[str, ...], remedy: str
) -> None:
    with closing(sqlite3.connect(tmp_path / "file")) as database, pytest.raises(sqlite3.Error) as raised:
        for statement in statements:
            database.execute(statement)
    assert remedies.remedy(raised.value).startswith(remedy)


def test_a_file_that_another_process_holds_is_tried_again(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "file")) as first, closing(sqlite3.connect(tmp_path / "file")) as second:
        first.execute("begin exclusive")
        second.execute("pragma busy_timeout = 0")
        with pytest.raises(sqlite3.Error) as raised:
            second.execute("begin immediate")
    assert remedies.remedy(raised.value) == "try again in a moment"
