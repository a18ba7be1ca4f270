"""What is true of a notice and its member at the moment of sending, whatever was true when it was written."""

from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

from channels.notice_texts import NoticeFacts
from channels.outbox import Claimed
from loyalty.ledger.balance import balance
from loyalty.programme.live import LiveRules
from models.ledger import Lot

_RECIPIENT = """
SELECT m.notices_opted_out AS opted_out, a.last_seen_on, c.following, oa.subject AS oa_openid,
    mp.subject AS miniapp_openid
FROM member m JOIN account a USING (member_id) LEFT JOIN contact c USING (member_id)
LEFT JOIN LATERAL (
    SELECT subject FROM identity WHERE member_id = m.member_id AND provider = $2 ORDER BY linked_at DESC LIMIT 1
) oa ON true
LEFT JOIN LATERAL (
    SELECT subject FROM identity WHERE member_id = m.member_id AND provider = $3 ORDER BY linked_at DESC LIMIT 1
) mp ON true
WHERE m.member_id = $1
"""


@dataclass(frozen=True)
class Recipient:
    """The member as a receiver; `oa_openid` is there for a follower only."""

    opted_out: bool
    last_seen_on: date
    oa_openid: str | None
    miniapp_openid: str | None


@dataclass(frozen=True)
class NotNeeded:
    """Why the notice is not to be sent at all."""

    reason: str


async def read_recipient(
    pool: asyncpg.Pool, member_id: int, oa_app_id: str, miniapp_app_id: str
) -> Recipient | None:
    """The member with the openids of both accounts; None when there is no such member.

    Who was never heard of as a follower or not is tried: WeChat knows, and says 43004.
    """
    row = await pool.fetchrow(_RECIPIENT, member_id, oa_app_id, miniapp_app_id)
    if row is None:
        return None
    oa_openid = None if row["following"] is False else row["oa_openid"]
    return Recipient(row["opted_out"], row["last_seen_on"], oa_openid, row["miniapp_openid"])


async def read_facts(
    notice: Claimed, recipient: Recipient, live: LiveRules, now: datetime
) -> NoticeFacts | NotNeeded:
    """The facts to send, or why not to. Raises ValueError for a kind nobody can tell of."""
    if recipient.opted_out:
        return NotNeeded("opted_out")
    if notice.id.kind == "expiry":
        return await _expiry(notice, live.day(now))
    if notice.id.kind == "wake_up":
        return await _wake_up(notice, recipient, live, now)
    if notice.id.kind == "referral_rewarded":
        return NoticeFacts("referral_rewarded", int(notice.payload["points"]))
    raise ValueError(f"no such kind of notice: {notice.id.kind}")


async def _expiry(notice: Claimed, today: date) -> NoticeFacts | NotNeeded:
    expires_on = date.fromisoformat(notice.payload["expires_on"])
    if expires_on <= today:
        return NotNeeded("too_late")
    lots = await Lot.filter(member_id=notice.id.member_id, expires_on=expires_on, remaining__gt=0)
    points = sum(lot.remaining for lot in lots)
    if not points:
        return NotNeeded("already_spent")
    return NoticeFacts("expiry", points, expires_on, (expires_on - today).days)


async def _wake_up(
    notice: Claimed, recipient: Recipient, live: LiveRules, now: datetime
) -> NoticeFacts | NotNeeded:
    if recipient.last_seen_on > date.fromisoformat(notice.id.key):
        return NotNeeded("already_back")
    points = await balance(notice.id.member_id, live.day(now))
    return NoticeFacts("wake_up", points.spendable)
