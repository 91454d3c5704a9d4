"""`cco users`: who may use the page and the API beyond this machine."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from typing import TYPE_CHECKING

from ui.commands.shared import Commands, json_flag, positive, print_json, say, settings_of

if TYPE_CHECKING:
    from kb.accounts.audit import Audit
    from kb.accounts.users import Users

_ROLES = ("reader", "editor")
_FROM = "the command line"
"""Who a change is recorded as being by."""


def register(commands: Commands) -> None:
    """Declare the commands."""
    group = commands.group("users", "who may use the page and the API", "cco users add anna --role editor")

    sub = group.add("add", _add, "add a user; the password is asked for, or read from stdin", "cco users add anna")
    sub.add_argument("name", metavar="NAME")
    sub.add_argument("--role", choices=_ROLES, default="reader", help="an editor may change the library (reader)")

    json_flag(group.add("list", _list, "list the users", "cco users list"))

    sub = group.add("remove", _remove, "remove users, with their sessions and tokens", "cco users remove anna")
    sub.add_argument("names", nargs="+", metavar="NAME")

    sub = group.add("role", _role, "give a user another role", "cco users role anna editor")
    sub.add_argument("name", metavar="NAME")
    sub.add_argument("role", choices=_ROLES, metavar="ROLE", help="reader or editor")

    sub = group.add(
        "password", _password, "give a user another password; ends sessions and tokens", "cco users password anna"
    )
    sub.add_argument("name", metavar="NAME")

    sub = group.add("token", _token, "make a token for a program; it is shown once", "cco users token anna --days 90")
    sub.add_argument("name", metavar="NAME")
    sub.add_argument("--label", default="", metavar="TEXT", help="what it is for")
    sub.add_argument("--days", type=positive, metavar="N", help="how long it is good for (until it is revoked)")

    json_flag(group.add("tokens", _tokens, "list the tokens, not what they say", "cco users tokens"))

    sub = group.add("revoke", _revoke, "have tokens end", "cco users revoke 1f2e3d4c")
    sub.add_argument("token_ids", nargs="+", metavar="TOKEN_ID")


def _add(options: argparse.Namespace) -> int:
    users, audit = _stores(options)
    user = users.add(options.name, _password_for(options.name), options.role)
    audit.record(_FROM, "users.add", subject=user.name, role=user.role)
    say(f"{user.name} may sign in as {user.role}; kept in {users.file}")
    return 0


def _list(options: argparse.Namespace) -> int:
    users = _stores(options)[0].all()
    if options.json:
        listed = [{"name": user.name, "role": user.role, "created": _time(user.created)} for user in users]
        return print_json({"users": listed})
    width = max((len(user.name) for user in users), default=0)
    for user in users:
        print(f"{user.name:<{width}}  {user.role}  {_time(user.created)}")
    if not users:
        say("there are no users; cco users add NAME makes one")
    return 0


def _remove(options: argparse.Namespace) -> int:
    users, audit = _stores(options)
    for name in options.names:
        user = users.remove(name)
        audit.record(_FROM, "users.remove", subject=user.name)
        say(f"{user.name} is removed; all sessions and tokens of {user.name} have ended")
    return 0


def _role(options: argparse.Namespace) -> int:
    users, audit = _stores(options)
    user = users.set_role(options.name, options.role)
    audit.record(_FROM, "users.role", subject=user.name, role=options.role)
    return 0


def _password(options: argparse.Namespace) -> int:
    users, audit = _stores(options)
    user = users.set_password(options.name, _password_for(options.name))
    audit.record(_FROM, "users.password", subject=user.name)
    say(f"all sessions and tokens of {user.name} have ended; cco users token {user.name} makes a new token")
    return 0


def _token(options: argparse.Namespace) -> int:
    users, audit = _stores(options)
    secret, token = users.new_token(options.name, options.label, options.days)
    audit.record(_FROM, "users.token", subject=token.user, token=token.id)
    print(secret)
    say(f"token {token.id} of {token.user}; it is not shown again, cco users revoke {token.id} has it end")
    return 0


def _tokens(options: argparse.Namespace) -> int:
    tokens = _stores(options)[0].tokens()
    if options.json:
        return print_json(
            {
                "tokens": [
                    {
                        "id": token.id,
                        "user": token.user,
                        "label": token.label,
                        "created": _time(token.created),
                        "expires": _time(token.expires) if token.expires else None,
                    }
                    for token in tokens
                ]
            }
        )
    for token in tokens:
        until = f"until {_time(token.expires)}" if token.expires else "until it is revoked"
        print(f"{token.id}  {token.user}  {until}  {token.label}".rstrip())
    return 0


def _revoke(options: argparse.Namespace) -> int:
    users, audit = _stores(options)
    for token_id in options.token_ids:
        users.revoke(token_id)
        audit.record(_FROM, "users.revoke", token=token_id)
    return 0


def _stores(options: argparse.Namespace) -> tuple[Users, Audit]:
    from kb.accounts.audit import Audit
    from kb.accounts.users import Users

    settings = settings_of(options)
    return Users.of(settings), Audit.of(settings)


def _password_for(name: str) -> str:
    """Ask for a password twice, or take the first line of stdin where nobody sits at it."""
    from getpass import getpass

    from kb.accounts.users import UserError

    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass(f"Password for {name}: ")
    if getpass("Once more: ") != password:
        raise UserError("the two passwords differ; try again")
    return password


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="seconds")
