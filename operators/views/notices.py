"""消息: the notices in the outbox by state, newest first, with the reason of those that were not sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import asyncpg

from operators.views.paging import Paged, instant_in, number_in, page_of

SELECT: Final = """
SELECT n.member_id, n.kind, n.key, m.nickname, n.state, n.reason, n.channel, n.created_at, n.due_at, n.sent_at, n.attempts, n.fault
FROM notice n JOIN member m ON m.member_id = n.member_id
WHERE {where} ORDER BY n.created_at DESC, n.member_id DESC, n.key DESC LIMIT {limit}
"""
STATES: Final = ("due", "sending", "sent", "delivered", "waiting", "suppressed", "unknown", "failed")
KIND_TITLES: Final[Mapping[str, str]] = {
    "change": "积分变动", "expiry": "积分到期提醒", "inactivity": "账户久未使用提醒", "wake_up": "唤醒",
    "referral_rewarded": "邀请奖励到账", "rule_change": "规则调整公告", "tier_review": "等级复核提醒",
    "appeal_answered": "申诉答复", "case_opened": "暂停花积分", "case_decided": "案件审核结果",
}  # fmt: skip
REASONS: Final[Mapping[str, str]] = {
    "BadRequest": "微信说内容不对",
    "OutcomeUnknown": "微信没有应答，不知道发出去没有，不会再发",
    "RateLimited": "微信接口的次数用完了，到时候再发",
    "Transient": "微信那边一时不行，试了几次都没有成",
    "UnfitValue": "内容填不进模板的字段",
    "already_back": "会员已经回来了，不用再唤醒",
    "already_kept": "等级已经保住，不用再提醒",
    "already_spent": "积分已经用掉，不用再提醒",
    "case_decided": "案件已经审核，不用再提醒",
    "by_operator": "由运营人员再发一次",
    "erased": "会员的个人信息已经删除",
    "failed: system failed": "微信发送失败",
    "failed:user block": "会员屏蔽了公众号的消息",
    "lease_over": "发送途中进程停了，不知道发出去没有，不会再发",
    "monthly_quota": "这个月的到期提醒已经够多，再发会打扰会员",
    "no_consent": "会员没有订阅这种消息，等会员下次来的时候再发",
    "no_member": "没有这位会员了",
    "no_template": "规则里没有写模板，等会员下次来的时候再发",
    "not_following": "会员没有关注公众号，等会员下次来的时候再发",
    "opted_out": "会员关掉了提醒",
    "quiet_hours": "在安静时段，过后再发",
    "tier_changed": "等级已经变了，不用再提醒",
    "too_late": "已经过了时候，不用再发",
    "visit": "会员来过，趁着能发再发",
    "waited_too_long": "等得太久，已经没有用了",
    "wechat_fault": "微信那边的设置出错，修好以后再发，见「发送故障」",
    "window_closed": "会员 48 小时内没有和公众号说过话，等会员下次来的时候再发",
    "withdrawn": "规则改动已经撤回，不用再通知",
}
"""Why a notice was not sent, or waits, by the outbox's code."""
COUNTS: Final = "SELECT state, count(*) AS notices FROM notice WHERE created_at >= $1 GROUP BY state"
AFTER: Final = "(n.created_at, n.member_id, n.key) < ({}::timestamptz, {}::bigint, {}::text)"


@dataclass(frozen=True)
class NoticeLine:
    """A notice to one member; `reason` says why it was not sent, `fault` which of WeChat's faults it waits for."""

    member_id: int
    kind: str
    key: str
    nickname: str | None
    state: str
    reason: str | None
    channel: str | None
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None
    attempts: int
    fault: str | None

    @property
    def why(self) -> str:
        """The reason in Chinese; an unknown code as it is stored."""
        if self.reason is None:
            return "–"
        code, _, number = self.reason.partition("_")
        if code == "errcode" and number.isdecimal():
            return f"微信拒绝了，错误码 {number}"
        return REASONS.get(self.reason, self.reason)

    @property
    def place(self) -> str:
        """Its place in the list."""
        return f"{self.created_at.isoformat()}|{self.member_id}|{self.key}"


async def list_notices(
    pool: asyncpg.Pool,
    *,
    after: str = "",
    member_id: int | None = None,
    state: str = "",
    kind: str = "",
    limit: int = 50,
) -> Paged[NoticeLine]:
    """Notices, newest first. A malformed `after` is the first page; an unknown state or kind has no notices.

    State and kind stand in the statement by their names: a plan for any of them would suit only those that many notices have.
    """
    if state not in ("", *STATES) or kind not in ("", *KIND_TITLES):
        return Paged([], None)
    named = {"n.state": state, "n.kind": kind}
    conditions = [f"{column} = '{value}'" for column, value in named.items() if value]
    values: list[object] = []
    if member_id is not None:
        conditions.append("n.member_id = $1::bigint")
        values.append(member_id)
    if (place_of := _place(after)) is not None:
        conditions.append(AFTER.format(*(f"${len(values) + number}" for number in range(1, 4))))
        values += place_of
    rows = await pool.fetch(SELECT.format(where=" AND ".join(conditions) or "true", limit=limit + 1), *values)
    return page_of([NoticeLine(**row) for row in rows], limit, lambda line: line.place)


async def notice_line(pool: asyncpg.Pool, member_id: int, kind: str, key: str) -> NoticeLine | None:
    """One notice; None if there is none."""
    where = "n.member_id = $1 AND n.kind = $2 AND n.key = $3"
    row = await pool.fetchrow(SELECT.format(where=where, limit=1), member_id, kind, key)
    return None if row is None else NoticeLine(**row)


async def counts_since(pool: asyncpg.Pool, since: datetime) -> Mapping[str, int]:
    """How many notices that were written since then are in each state."""
    return {row["state"]: row["notices"] for row in await pool.fetch(COUNTS, since)}


def _place(after: str) -> tuple[datetime, int, str] | None:
    parts = after.split("|", 2)
    if len(parts) != 3:
        return None
    due_at, member_id = instant_in(parts[0]), number_in(parts[1])
    return None if due_at is None or member_id is None else (due_at, member_id, parts[2])
