"""Desks of every role for a test, and log-ins with the codes of an authenticator app."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
from pydantic import SecretStr
from pyotp import TOTP

from base.clock import Clock, MovableClock
from base.settings import Settings
from loyalty.engine.engine import Engine
from operators.access.login import LoggedIn, LoginRefused, MustSetUp, log_in, set_up
from operators.access.people import add_operator
from operators.desk import Desk, command_line_desk, desk_of
from operators.roles import Role
from tests.ledger import KEYS, Ledger

PASSWORD = "correct-horse-7"
ORIGIN = "203.0.113.7"


@dataclass(frozen=True)
class Opened:
    """What deeds work with, on a ledger."""

    pool: asyncpg.Pool
    engine: Engine
    settings: Settings
    clock: Clock


@dataclass
class Person:
    """An operator with an authenticator app."""

    ledger: Ledger
    name: str
    secret: str = ""
    password: str = PASSWORD

    def code(self) -> str:
        """What the app shows now."""
        return TOTP(self.secret).at(self.ledger.clock.now())

    async def set_up(self, once: str) -> LoggedIn:
        """Log in by the one-time password and set everything up."""
        begun = await self.log_in(once, "")
        assert isinstance(begun, MustSetUp)
        self.secret = begun.secret
        pool, now = self.ledger.pool, self.ledger.clock.now()
        done = await set_up(pool, KEYS, begun.token, self.password, self.code(), now, ORIGIN)
        assert isinstance(done, LoggedIn)
        return done

    async def log_in(
        self, password: str | None = None, code: str | None = None, origin: str = ORIGIN
    ) -> LoggedIn | MustSetUp | LoginRefused:
        """Log in, with the right password and the next code unless others are given."""
        if code is None:
            assert isinstance(self.ledger.clock, MovableClock)
            self.ledger.clock.advance(30)  # each code is taken once
            code = self.code()
        given = self.password if password is None else password
        return await log_in(self.ledger.pool, KEYS, self.name, given, code, self.ledger.clock.now(), origin)


def opened(ledger: Ledger) -> Opened:
    """The resources of a desk."""
    settings = Settings(secret_key=SecretStr("test-secret-key-of-the-house"))
    return Opened(ledger.pool, ledger.engine, settings, ledger.clock)


def owner_desk(ledger: Ledger) -> Desk:
    """The command line's desk."""
    return command_line_desk(opened(ledger), "tester")


async def person(ledger: Ledger, name: str, role: Role, store: str | None = None) -> tuple[Person, LoggedIn]:
    """An operator who has set everything up, and their session."""
    one = Person(ledger, name)
    once = await add_operator(owner_desk(ledger), name, role, store)
    return one, await one.set_up(once)


async def desk_for(ledger: Ledger, name: str, role: Role, store: str | None = None) -> Desk:
    """The desk of a new operator, who is logged in."""
    _, logged_in = await person(ledger, name, role, store)
    desk = await desk_of(opened(ledger), logged_in.token, ORIGIN)
    assert desk is not None
    return desk


def later(ledger: Ledger, **parts: float) -> datetime:
    """An instant after now."""
    return ledger.clock.now() + timedelta(**parts)
