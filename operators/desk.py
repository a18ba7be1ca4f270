"""The desk: who operates, from where, and what they work with. Every deed takes it first, and asks it whether it may be done."""

import getpass
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import asyncpg

from base.clock import Clock
from base.settings import Settings
from operators import log, sessions
from operators.roles import Action, NotAllowed, Operator, SessionOver, may

if TYPE_CHECKING:
    from loyalty.engine.engine import Engine

T = TypeVar("T")
COMMAND_LINE: Final = "命令行"


class Opened(Protocol):
    """What deeds work with: a server's `Resources`, or what the command line opens."""

    @property
    def pool(self) -> asyncpg.Pool:
        """The database."""
        ...

    @property
    def engine(self) -> "Engine":
        """The engine."""
        ...

    @property
    def settings(self) -> Settings:
        """The settings."""
        ...

    @property
    def clock(self) -> Clock:
        """The clock."""
        ...


@dataclass(frozen=True)
class Desk:
    """An operator at work. `session` is the hash of their session's token; None at the command line."""

    operator: Operator
    origin: str
    resources: Opened
    session: bytes | None = None

    def now(self) -> datetime:
        """The present instant."""
        return self.resources.clock.now()

    async def require(self, action: Action) -> None:
        """Raise NotAllowed unless the session is still good and the operator, as they are now, may do the action."""
        operator = await self._present()
        if operator is None:
            raise SessionOver("登录已经失效，请重新登录。")
        if not may(operator.role, action):
            raise NotAllowed(f"{operator.role_name}不能{action.label}。")

    async def change(self, work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
        """Run `work`, which must be safe to repeat, in one transaction. Raises EngineUnavailable."""
        return await self.resources.engine.transact(work)

    async def note(
        self,
        connection: asyncpg.Connection,
        action: Action,
        subject: str = "",
        *,
        member_id: int = 0,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        reason: str = "",
    ) -> None:
        """Write a row of the operation log, in the transaction of the change."""
        operation = log.Operation(
            at=self.now(), operator=self.operator.name, role=self.operator.role, origin=self.origin, action=action,
            subject=subject, member_id=member_id, before=before or {}, after=after or {}, reason=reason,
        )  # fmt: skip
        await log.note(connection, operation)

    async def _present(self) -> Operator | None:
        if self.session is None:
            return self.operator
        return await sessions.find_by_hash(self.resources.pool, self.session, self.now())


async def desk_of(resources: Opened, token: str, origin: str) -> Desk | None:
    """The desk of a session; None if it is not good."""
    operator = await sessions.find_session(resources.pool, token, resources.clock.now())
    return None if operator is None else Desk(operator, origin, resources, sessions.hash_of(token))


def command_line_desk(resources: Opened, by: str = "") -> Desk:
    """The desk of whoever runs `jifen …` on the server's machine. They have all of it in their hands, so they are an owner.

    `by` is the name they give; without one it is that of the operating system's user.
    """
    name = f"{COMMAND_LINE}:{by or user_name() or '?'}"
    return Desk(Operator(0, name, "owner"), COMMAND_LINE, resources)


def user_name() -> str:
    """The name of the operating system's user; empty where it has none, as in a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
