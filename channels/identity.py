"""Who is speaking: from an openid to a member, met for the first time or again.

An account's pushes carry no unionid, so the platform is asked for it before a follower becomes a member; without an answer
in time the member is made without it, and the two halves of one person meet when the unionid is learnt.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import asyncpg
import structlog

from loyalty.directory import Directory
from loyalty.engine.engine import Engine
from loyalty.members.enrolment import Newcomer, enroll
from loyalty.members.identities import UNIONID, learn_unionid
from wechat.errors import ApiError
from wechat.official_account import OfficialAccountApi

USER_INFO_TIMEOUT_S: Final = 1.5

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A member as met at a door; whether they were `created` just now."""

    member_id: int
    created: bool = False


async def follower(
    engine: Engine,
    official_account: OfficialAccountApi,
    openid: str,
    known: int | None,
    now: datetime,
    *,
    returning: bool = False,
) -> Visitor:
    """The member behind an official account's openid: the one `known` by it, or one who is enrolled now.

    `returning` says that they follow anew: then the unionid is asked for again, as the first time it may have failed.
    Takes up to 1.5 s more for a newcomer. Raises EngineUnavailable when the database is away.
    """
    if known is not None and not returning:
        return Visitor(known)
    unionid = await _unionid(official_account, openid)
    return await _meet(engine, known, (official_account.app_id, openid), unionid, now)


async def mini_visitor(
    directory: Directory, engine: Engine, app_id: str, openid: str, unionid: str | None, now: datetime
) -> Visitor:
    """The member behind a mini-program's openid; one who is unknown is enrolled, a unionid that is new is learnt.

    Raises EngineUnavailable when the database is away.
    """
    known = await directory.member_of(app_id, openid)
    return await _meet(engine, known, (app_id, openid), unionid, now)


async def set_following(pool: asyncpg.Pool, member_id: int, following: bool, at: datetime) -> None:
    """Remember whether the member follows the official account; what happened at an earlier `at` never overrides."""
    await pool.execute(
        "INSERT INTO contact (member_id, following, changed_at) VALUES ($1, $2, $3)"
        " ON CONFLICT (member_id) DO UPDATE SET following = excluded.following, changed_at = excluded.changed_at"
        " WHERE contact.changed_at <= excluded.changed_at",
        member_id, following, at,
    )  # fmt: skip


async def _meet(
    engine: Engine, known: int | None, identity: tuple[str, str], unionid: str | None, now: datetime
) -> Visitor:
    if known is None:
        identities = (identity, (UNIONID, unionid)) if unionid else (identity,)
        enrolled = await enroll(engine, Newcomer(identities, now))
        return Visitor(enrolled.member_id, enrolled.created)
    if unionid is None:
        return Visitor(known)
    return Visitor(await learn_unionid(engine, known, unionid, now))


async def _unionid(official_account: OfficialAccountApi, openid: str) -> str | None:
    """What the platform answers within 1.5 s; a failure costs the unionid, never the visit."""
    try:
        return (await official_account.user_info(openid, timeout_s=USER_INFO_TIMEOUT_S)).unionid
    except ApiError as error:
        log.warning("unionid_not_learnt", api=error.api, errcode=error.errcode)
        return None
