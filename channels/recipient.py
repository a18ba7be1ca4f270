"""The member a notice is for: their openids, whether they opted out, and when they were last here."""

from dataclasses import dataclass
from datetime import date

import asyncpg

_RECIPIENT = """
WITH openid AS MATERIALIZED (
    SELECT provider, subject, linked_at FROM identity WHERE member_id = $1 AND provider IN ($2, $3)
)
SELECT m.notices_opted_out AS opted_out, a.last_seen_on, a.merged_into, c.following, oa.subject AS oa_openid,
    mp.subject AS miniapp_openid
FROM member m JOIN account a USING (member_id) LEFT JOIN contact c USING (member_id)
LEFT JOIN (SELECT subject FROM openid WHERE provider = $2 ORDER BY linked_at DESC LIMIT 1) oa ON true
LEFT JOIN (SELECT subject FROM openid WHERE provider = $3 ORDER BY linked_at DESC LIMIT 1) mp ON true
WHERE m.member_id = $1
"""


@dataclass(frozen=True)
class Recipient:
    """The member as a receiver; `oa_openid` is None for a member who does not follow the official account.

    `member_id` is the member whom the notice's own member was merged into, if they were.
    """

    member_id: int
    opted_out: bool
    last_seen_on: date
    oa_openid: str | None
    miniapp_openid: str | None


async def read_recipient(
    pool: asyncpg.Pool, member_id: int, oa_app_id: str, miniapp_app_id: str
) -> Recipient | None:
    """The member with the openids of both accounts; None when there is no such member.

    With no follow or unfollow event on record we try anyway; WeChat answers 43004 if they do not follow.
    """
    row = await pool.fetchrow(_RECIPIENT, member_id, oa_app_id, miniapp_app_id)
    if row is None:
        return None
    if row["merged_into"] is not None:
        return await read_recipient(pool, row["merged_into"], oa_app_id, miniapp_app_id)
    oa_openid = None if row["following"] is False else row["oa_openid"]
    return Recipient(member_id, row["opted_out"], row["last_seen_on"], oa_openid, row["miniapp_openid"])
