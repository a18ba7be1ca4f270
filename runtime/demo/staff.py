"""The demo's operators, one of each role and named for it; `demo.json` says their passwords and secrets."""

import secrets
from collections.abc import Collection, Sequence
from typing import Final, TypedDict

from pyotp import TOTP

from base.clock import Clock
from operators.access.login import LoggedIn, MustSetUp, log_in, set_up
from operators.access.people import add_operator, list_operators, reset_operator
from operators.desk import Desk
from operators.roles import ROLE_NAMES, ROLES, Role
from operators.sessions import end_session

ORIGIN: Final = "demo"


class Staff(TypedDict):
    """One operator: what a person types, and the secret of their authenticator app."""

    name: str
    role: Role
    password: str
    totp_secret: str


async def hire(desk: Desk, known: Sequence[Staff], clock: Clock, store: str | None) -> list[Staff]:
    """One operator of each role; those that are `known` and there stay. A clerk belongs to `store`; without one there is none.

    Raises RuntimeError when an operator cannot set their password up.
    """
    there = {row.operator.name for row in await list_operators(desk.resources.pool)}
    wanted = [role for role in ROLES if role != "clerk" or store]
    staying = {one["role"]: one for one in known if one["name"] in there}
    return [
        staying[role]
        if role in staying
        else await _hire(desk, role, clock, await _once(desk, role, store, there))
        for role in wanted
    ]


async def _once(desk: Desk, role: Role, store: str | None, there: Collection[str]) -> str:
    """A one-time password: of a new operator, or of one whose password the file has lost."""
    name = ROLE_NAMES[role]
    if name in there:
        return await reset_operator(desk, name, "demo.json")
    return await add_operator(desk, name, role, store if role == "clerk" else None)


async def _hire(desk: Desk, role: Role, clock: Clock, once: str) -> Staff:
    """Log in the first time, as the operator would themselves."""
    name, password = ROLE_NAMES[role], secrets.token_urlsafe(12)
    pool, keyring = desk.resources.pool, desk.resources.settings.keyring
    first = await log_in(pool, keyring, name, once, "", clock.now(), ORIGIN)
    if not isinstance(first, MustSetUp):
        raise RuntimeError(f"{name}: {first}")
    code = TOTP(first.secret).at(clock.now())
    done = await set_up(pool, keyring, first.token, password, code, clock.now(), ORIGIN)
    if not isinstance(done, LoggedIn):
        raise RuntimeError(f"{name}: {done}")
    await end_session(pool, done.token, clock.now())
    return Staff(name=name, role=role, password=password, totp_secret=first.secret)
