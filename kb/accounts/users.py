"""Who may use a knowledge base beyond this machine: users and roles, sessions and tokens, in one SQLite file."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import sqlite3
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, get_args

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kb.accounts.remedies import remedy
from kb.settings.schema import Settings

Role = Literal["reader", "editor"]
ROLES: tuple[Role, ...] = get_args(Role)
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 1000
TOKEN_PREFIX = "cco_"
"""Begins every token, so that one that leaked is known for what it is."""
LONGEST_WAIT = 5.0
"""Seconds for another process to be done with the file."""
LOOKUP_WAIT = 1.0
"""The same where somebody is only looked up: more requests may be waiting behind that."""

_TABLES = """
create table if not exists users (key text primary key, name text not null, role text not null, password text not null,
    created real not null) strict;
create table if not exists keys (digest text primary key, id text unique not null, kind text not null,
    user text not null references users (key) on delete cascade, label text not null, created real not null,
    expires real) strict;
"""


class UserError(Exception):
    """A user, role, password or token cannot be had or made; the message says why and what to type next."""


class UsersUnavailable(UserError):
    """The file of the users cannot be read or written at the moment."""


@dataclass(frozen=True)
class User:
    """Somebody with a name and a role."""

    name: str
    role: Role
    created: float = 0.0
    """Seconds since 1970, as are all times here."""


@dataclass(frozen=True)
class Token:
    """What a program shows instead of a password; the token itself is not kept."""

    id: str
    user: str
    label: str
    created: float
    expires: float | None


class Users:
    """The users in `file`, which is made with the first of them. Safe to use from several threads and processes.

    What cannot be done since the file is locked, damaged or out of reach raises `UsersUnavailable`.
    """

    latest: ClassVar[object] = object()
    """Another object after each change that this process made to any such file; what was found before may be wrong."""

    def __init__(self, file: Path, hasher: PasswordHasher | None = None) -> None:
        self.file = file
        self._hasher = hasher or PasswordHasher()
        self._nobody = ""

    @classmethod
    def of(cls, settings: Settings) -> Users:
        """Return the users of the settings' index."""
        return cls(settings.server.users or settings.beside_index("users.sqlite3"))

    # ----------------------------------------------------------------------------------------------------- users

    def any(self) -> bool:
        """Tell whether there is a user at all."""
        if not self.file.exists():
            return False
        with self._opened(LOOKUP_WAIT) as database:
            return database.execute("select 1 from users limit 1").fetchone() is not None

    def all(self) -> list[User]:
        """Return the users by name."""
        if not self.file.exists():
            return []
        with self._opened() as database:
            return [User(*row) for row in database.execute("select name, role, created from users order by key")]

    def add(self, name: str, password: str, role: Role = "reader") -> User:
        """Make a user. Raises `UserError` where the name is taken or odd, or the password too short."""
        user = User(_checked_name(name), _checked_role(role), time.time())
        hashed = self._hasher.hash(_bytes(_checked_password(password)))
        with self._opened() as database:
            try:
                row = (canonical(name), user.name, user.role, hashed, user.created)
                database.execute("insert into users values (?, ?, ?, ?, ?)", row)
            except sqlite3.IntegrityError:
                raise UserError(
                    f"there is a user {user.name!r} already; cco users password {user.name} gives a new password"
                ) from None
        return user

    def named(self, name: str) -> User | None:
        """Return the user who goes by a name, however it is spelled."""
        if not self.file.exists():
            return None
        with self._opened(LOOKUP_WAIT) as database:
            row = database.execute("select name, role, created from users where key = ?", (canonical(name),)).fetchone()
        return User(*row) if row else None

    def remove(self, name: str) -> User:
        """Remove a user with all sessions and tokens, and return who it was. Raises `UserError`."""
        return self._change(name, "delete from users where key = ?")

    def set_role(self, name: str, role: Role) -> User:
        """Give a user another role, from the next request on, and return who it is. Raises `UserError`."""
        return self._change(name, "update users set role = ? where key = ?", _checked_role(role))

    def set_password(self, name: str, password: str) -> User:
        """Give a user another password, end all sessions and tokens, and return who it is. Raises `UserError`.

        Whoever knew the old one may have made tokens for themselves.
        """
        hashed = self._hasher.hash(_bytes(_checked_password(password)))
        return self._change(name, "update users set password = ? where key = ?", hashed, end_keys=True)

    def with_password(self, name: str, password: str) -> User | None:
        """Return the user whose password this is. Takes as long for a name that is not there."""
        found = self._verified(name, password)
        return found[0] if found else None

    def _verified(self, name: str, password: str) -> tuple[User, str] | None:
        """Return the user whose password this is, and the hash that it was held against."""
        with self._opened(LOOKUP_WAIT) as database:
            row = database.execute(
                "select name, role, created, password from users where key = ?", (canonical(name),)
            ).fetchone()
        if not self._nobody:
            self._nobody = self._hasher.hash(secrets.token_hex())
        try:
            self._hasher.verify(row[3] if row else self._nobody, _bytes(password))
        except (VerificationError, InvalidHashError):
            return None
        return (User(*row[:3]), row[3]) if row else None

    # -------------------------------------------------------------------------------------- sessions and tokens

    def new_session(self, name: str, hours: float) -> str:
        """Begin a session and return its secret, which is not kept. Raises `UserError`."""
        return self._new_key("session", name, "", time.time() + hours * 3600)[0]

    def sign_in(self, name: str, password: str, hours: float) -> tuple[User, str] | None:
        """Begin a session of the user whose password this is; return them and its secret, None where it is wrong.

        It takes a while to check one. Where it was changed meanwhile, no session of the old one is begun.
        """
        found = self._verified(name, password)
        if found is None:
            return None
        try:
            return found[0], self._new_key("session", name, "", time.time() + hours * 3600, hashed=found[1])[0]
        except UsersUnavailable:
            raise
        except UserError:
            return None

    def new_token(self, name: str, label: str = "", days: float | None = None) -> tuple[str, Token]:
        """Make a token for a program; it is shown this once. Raises `UserError`."""
        expires = time.time() + days * 86400 if days is not None else None
        return self._new_key("token", name, label, expires)

    def with_key(self, kind: Literal["session", "token"], secret: str) -> User | None:
        """Return the user whose session or token this is, unless it has expired."""
        if not self.file.exists():
            return None
        with self._opened(LOOKUP_WAIT) as database:
            row = database.execute(
                "select users.name, role, users.created from keys join users on users.key = keys.user"
                " where digest = ? and kind = ? and (expires is null or expires > ?)",
                (_digest(secret), kind, time.time()),
            ).fetchone()
        return User(*row) if row else None

    def end_session(self, secret: str) -> None:
        """End a session; one that is over already is no fault."""
        if self.file.exists():
            with self._opened() as database:
                database.execute("delete from keys where digest = ? and kind = 'session'", (_digest(secret),))

    def tokens(self) -> list[Token]:
        """Return the tokens that have not expired, by user."""
        if not self.file.exists():
            return []
        with self._opened() as database:
            rows = database.execute(
                "select keys.id, users.name, label, keys.created, expires from keys"
                " join users on users.key = keys.user where kind = 'token' and (expires is null or expires > ?)"
                " order by user, keys.created",
                (time.time(),),
            )
            return [Token(*row) for row in rows]

    def revoke(self, token_id: str) -> None:
        """Have a token end. Raises `UserError`."""
        with self._opened() as database:
            ended = database.execute("delete from keys where id = ? and kind = 'token'", (token_id,)).rowcount
        if not ended:
            raise UserError(f"there is no token {token_id!r}; cco users tokens lists them")

    def _new_key(
        self, kind: str, name: str, label: str, expires: float | None, hashed: str | None = None
    ) -> tuple[str, Token]:
        """Make a session or a token; `hashed` is what the password must still be kept as, where that matters."""
        secret = (TOKEN_PREFIX if kind == "token" else "") + secrets.token_urlsafe(32)
        number, created, key = secrets.token_hex(4), time.time(), canonical(name)
        with self._opened() as database:
            database.execute("begin immediate")
            database.execute("delete from keys where expires <= ?", (created,))
            found = database.execute("select name, password from users where key = ?", (key,)).fetchone()
            if found is None or hashed not in (None, found[1]):
                raise _unknown(name)
            row = (_digest(secret), number, kind, key, label, created, expires)
            database.execute("insert into keys values (?, ?, ?, ?, ?, ?, ?)", row)
        return secret, Token(number, found[0], label, created, expires)

    def _change(self, name: str, statement: str, *values: str, end_keys: bool = False) -> User:
        key = canonical(name)
        with self._opened() as database:
            # Begun as a change, so that nobody else changes anything between what is read and what is written.
            database.execute("begin immediate")
            row = database.execute("select name, role, created from users where key = ?", (key,)).fetchone()
            if row is None:
                raise _unknown(name)
            database.execute(statement, (*values, key))
            if end_keys:
                database.execute("delete from keys where user = ?", (key,))
        return User(*row)

    @contextmanager
    def _opened(self, wait: float = LONGEST_WAIT) -> Iterator[sqlite3.Connection]:
        """Give a connection; what was done is kept when the block ends well, all of it or nothing."""
        try:
            if not self.file.exists():
                self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                os.close(os.open(self.file, os.O_CREAT | os.O_RDWR, 0o600))
            database = sqlite3.connect(self.file, timeout=wait)
        except (OSError, sqlite3.Error) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise UsersUnavailable(f"cannot open the users in {self.file}: {reason}; {remedy(error)}") from None
        try:
            with database:
                database.execute("pragma foreign_keys = on")
                database.executescript(_TABLES)
                yield database
        except sqlite3.IntegrityError:
            raise
        except sqlite3.Error as error:
            raise UsersUnavailable(f"cannot use the users in {self.file}: {error}; {remedy(error)}") from None
        finally:
            if database.total_changes:
                Users.latest = object()
            database.close()


def canonical(name: str) -> str:
    """Return what all spellings of a name that count as one have in common; whoever counts by names counts these."""
    return unicodedata.normalize("NFKC", name).casefold()


def _checked_name(name: str) -> str:
    normal = unicodedata.normalize("NFC", name)
    if not re.fullmatch(r"[\w.@+-]{1,64}", normal):
        raise UserError(f"{name!r} is no name for a user: write up to 64 letters, digits and any of . _ @ + -")
    return normal


def _checked_role(role: str) -> Role:
    for known in ROLES:
        if role == known:
            return known
    raise UserError(f"there is no role {role!r}; write {' or '.join(ROLES)}")


def _checked_password(password: str) -> str:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise UserError(
            f"the password has {len(password)} characters; write {SHORTEST_PASSWORD} to {LONGEST_PASSWORD:,}"
        )
    return password


def _bytes(password: str) -> bytes:
    # One form for what one keyboard types as "ó" and another as "o" with an accent.
    return unicodedata.normalize("NFC", password)[: 2 * LONGEST_PASSWORD].encode("utf-8", "replace")


def _digest(secret: str) -> str:
    # A secret of 256 random bits needs no salt and no slow hash: there is nothing to guess.
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _unknown(name: str) -> UserError:
    return UserError(f"there is no user {name!r}; cco users list shows them")
