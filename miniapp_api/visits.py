"""A member's request: who asks (by the session alone), when, and with what; and how handlers become operations."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from typing import Any, Literal, NamedTuple, TypeVar

from aiohttp import web
from pydantic import BaseModel

from loyalty.engine.command import Command
from loyalty.engine.outcomes import Decision
from loyalty.overview import Glance, Overview
from loyalty.programme.live import LiveRules, in_force
from miniapp_api.sessions import bearer_token, fingerprint
from runtime.resources import RESOURCES, Resources
from web.bodies import read_body
from web.keys import optional_request_key, request_key
from web.operations import Operation, Parameter, RequestKey
from web.problems import UNAUTHORIZED, Kind, Problem

Body = TypeVar("Body", bound=BaseModel)

MOST_SEEN = 100_000


class SeenToday:
    """Who has visited today, as far as this process knows: spares a write with every request.

    A login and a new permission always count as a visit: something that waited may be sent after them.
    """

    def __init__(self, most: int = MOST_SEEN) -> None:
        self._most = most
        self._day: date | None = None
        self._members: set[int] = set()

    def knows(self, member_id: int, day: date) -> bool:
        """Whether the member is known to have visited on `day`."""
        return day == self._day and member_id in self._members

    def remember(self, member_id: int, day: date) -> None:
        """The member's visit on `day` is written down."""
        if day != self._day or len(self._members) >= self._most:
            self._day, self._members = day, set()
        self._members.add(member_id)


SEEN_TODAY = web.AppKey("seen_today", SeenToday)


class Visit(NamedTuple):
    """One request of one member. `key` is the engine's request key where the operation takes one."""

    request: web.Request
    resources: Resources
    glance: Glance
    now: datetime
    key: str | None = None

    @property
    def member_id(self) -> int:
        """Who asks."""
        return self.glance.member_id

    @property
    def live(self) -> LiveRules:
        """The rules in force now. Raises NoRulesPublished."""
        return in_force(self.glance.live)

    @property
    def overview(self) -> Overview:
        """The member at a glance, as they came in. Raises NoRulesPublished."""
        return self.glance.overview

    async def run(self, command: Command) -> Decision:
        """The engine's decision on a command."""
        return await self.resources.engine.run(command)

    @property
    def request_key(self) -> str:
        """The engine's request key. Raises LookupError in an operation that takes none."""
        if self.key is None:
            raise LookupError("this operation takes no Idempotency-Key")
        return self.key

    def path(self, name: str) -> str:
        """A placeholder's text from the path."""
        return self.request.match_info[name]


async def begin(request: web.Request, keyed: RequestKey | None) -> Visit:
    """The visit of an authenticated request. Raises Problem 401 without a valid session, 400 for a bad key."""
    resources = request.app[RESOURCES]
    now = resources.clock.now()
    token = bearer_token(request)
    glance = None if token is None else await resources.directory.visitor(fingerprint(token), now)
    if glance is None:
        raise Problem(UNAUTHORIZED, "登录已过期，请重新登录。", headers={"WWW-Authenticate": "Bearer"})
    key = None
    if keyed is not None:
        key = request_key(request) if keyed == "required" else optional_request_key(request)
    seen = request.app[SEEN_TODAY]
    if not seen.knows(glance.member_id, glance.today):
        await resources.directory.touch(glance.member_id, now)
        seen.remember(glance.member_id, glance.today)
    return Visit(request, resources, glance, now, key)


def shows(
    path: str,
    handle: Callable[[Visit], Awaitable[web.Response]],
    summary: str,
    answer: type[Any] | None,
    *,
    query: Sequence[Parameter] = (),
    problems: Sequence[Kind] = (),
) -> Operation:
    """A GET for members."""

    async def run(request: web.Request) -> web.StreamResponse:
        return await handle(await begin(request, None))

    run.__name__ = handle.__name__
    return Operation("GET", path, run, summary, answer, query=query, problems=problems)


def takes(
    method: Literal["POST", "PATCH"],
    path: str,
    handle: Callable[[Visit, Body], Awaitable[web.Response]],
    summary: str,
    body: type[Body],
    answer: type[Any],
    *,
    status: int = 200,
    keyed: RequestKey | None = None,
    problems: Sequence[Kind] = (),
) -> Operation:
    """A POST or PATCH for members: first who, then the key, then the body."""

    async def run(request: web.Request) -> web.StreamResponse:
        visit = await begin(request, keyed)
        return await handle(visit, await read_body(request, body))

    run.__name__ = handle.__name__
    return Operation(
        method, path, run, summary, answer, status=status, body=body, request_key=keyed, problems=problems
    )
