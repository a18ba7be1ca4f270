"""The callers of the mini-program API: members by their session, and anybody; each with the pipeline that serves them."""

from datetime import datetime
from typing import NamedTuple

from aiohttp import web
from typing_extensions import TypedDict

from loyalty.engine.engine import Engine
from loyalty.overview import Glance, Overview
from loyalty.programme.in_force.live import LiveRules, in_force
from miniapp_api.sessions import hash_token
from runtime.resources import RESOURCES, Resources
from web.requests import ApiRequest, Pipeline
from web.security import MEMBER_SESSION, NONE


class Member(NamedTuple):
    """The member whose session a request carries, at a glance."""

    resources: Resources
    now: datetime
    glance: Glance

    @property
    def engine(self) -> Engine:
        """The engine of this process."""
        return self.resources.engine

    @property
    def member_id(self) -> int:
        """The member's id."""
        return self.glance.member_id

    @property
    def live(self) -> LiveRules:
        """The rules in force now. Raises NoRulesPublished."""
        return in_force(self.glance.live)

    @property
    def overview(self) -> Overview:
        """The member's points, tier and sign-in, as of the start of the request. Raises NoRulesPublished."""
        return self.glance.overview


class Guest(NamedTuple):
    """A caller who has proved nothing."""

    resources: Resources
    now: datetime

    @property
    def engine(self) -> Engine:
        """The engine of this process."""
        return self.resources.engine


MemberRequest = ApiRequest[Member]
GuestRequest = ApiRequest[Guest]


class Asked(TypedDict):
    """What every command of a member has in common."""

    member_id: int
    request_key: str
    keep_refusal: bool
    at: datetime


def asked_by(request: MemberRequest) -> Asked:
    """The common fields of a command from an operation that is keyed "required". A refusal is kept for repeats of the request."""
    return Asked(
        member_id=request.caller.member_id,
        request_key=request.required_key,
        keep_refusal=True,
        at=request.now,
    )


async def member_of_session(http: web.Request, token: str) -> Member | None:
    """The member whose session the token is, found with one statement; None for an unknown or expired one.

    Notes the member's visit, with the first request of a day.
    """
    resources = http.app[RESOURCES]
    now = resources.clock.now()
    glance = await resources.directory.visitor(hash_token(token), now)
    if glance is None:
        return None
    await resources.directory.note_visit(glance.member_id, now, skip_if_known_today=True)
    return Member(resources, now, glance)


async def guest(http: web.Request, _: str) -> Guest:
    """Anybody."""
    resources = http.app[RESOURCES]
    return Guest(resources, resources.clock.now())


MEMBER = Pipeline(
    MEMBER_SESSION, member_of_session, key_prefix=lambda _: "api", limited_as=lambda caller: caller.member_id
)
PUBLIC = Pipeline(NONE, guest)
