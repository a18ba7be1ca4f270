"""From an openid to its member, who is enrolled at the first contact.

The official account's pushes carry no unionid, so we ask WeChat for it before we enrol a follower. Without an answer in
time we enrol without it. The same person may then have two members, one per account, which merge once the unionid is known.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import asyncpg
import structlog

from channels.unionids import NONE_AGAIN_AFTER, Unionids
from loyalty.directory import Arrival, Directory
from loyalty.engine.engine import Engine
from loyalty.members.enrolment import Newcomer, enroll
from loyalty.members.identities import UNIONID
from loyalty.merging.run import learn_unionid
from wechat.errors import ApiError
from wechat.official_account import OfficialAccountApi

USER_INFO_TIMEOUT_S: Final = 1.5

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Visitor:
    """The member behind a request or message; `created` if this contact enrolled them."""

    member_id: int
    created: bool = False


async def follower(
    engine: Engine,
    unionids: Unionids,
    official_account: OfficialAccountApi,
    openid: str,
    arrival: Arrival,
    now: datetime,
    *,
    returning: bool = False,
    silent: bool = False,
) -> Visitor:
    """The member behind an official account's openid: the one already known by it, or one enrolled now.

    A stranger's unionid is asked for first, for up to 1.5 s. Without it they are enrolled all the same, and it is asked for again
    beside a later message, or by a job. `silent`: they have only
    followed, so the newcomer's gift waits. Raises EngineUnavailable when the database is unavailable.
    """
    known = arrival.member_id
    if known is not None and not returning:
        if arrival.ask_after is not None and arrival.ask_after <= now:
            unionids.ask_soon(openid, now)
        return Visitor(known)
    identity = (official_account.app_id, openid)
    try:
        unionid = (await official_account.user_info(openid, timeout_s=USER_INFO_TIMEOUT_S)).unionid
    except ApiError as error:
        log.warning("unionid_lookup_failed", api=error.api, errcode=error.errcode)
        visitor = await _member(engine, known, identity, None, now, silent=silent)
        await unionids.ask_after(openid, now)
        return visitor
    visitor = await _member(engine, known, identity, unionid, now, silent=silent)
    if unionid is None or arrival.ask_after is not None:
        await unionids.ask_after(openid, None if unionid else now + NONE_AGAIN_AFTER)
    return visitor


async def mini_visitor(
    directory: Directory, engine: Engine, app_id: str, openid: str, unionid: str | None, now: datetime
) -> Visitor:
    """The member behind a mini-program's openid: enrols an unknown one, and links a unionid that is new.

    Raises EngineUnavailable when the database is unavailable.
    """
    known = await directory.member_of(app_id, openid)
    return await _member(engine, known, (app_id, openid), unionid, now)


async def set_following(pool: asyncpg.Pool, member_id: int, following: bool, at: datetime) -> None:
    """Store whether the member follows the official account since `at`, unless a later change is stored already."""
    await pool.execute(
        "INSERT INTO contact (member_id, following, changed_at) VALUES ($1, $2, $3)"
        " ON CONFLICT (member_id) DO UPDATE SET following = excluded.following, changed_at = excluded.changed_at"
        " WHERE contact.changed_at <= excluded.changed_at",
        member_id, following, at,
    )  # fmt: skip


async def _member(
    engine: Engine,
    known: int | None,
    identity: tuple[str, str],
    unionid: str | None,
    now: datetime,
    *,
    silent: bool = False,
) -> Visitor:
    if known is None:
        identities = (identity, (UNIONID, unionid)) if unionid else (identity,)
        enrolled = await enroll(engine, Newcomer(identities, now, silent))
        return Visitor(enrolled.member_id, enrolled.created)
    if unionid is None:
        return Visitor(known)
    return Visitor(await learn_unionid(engine, known, unionid, now))
