"""Deciding the cases of members who spent far more than usual, and what there is to look at."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

import asyncpg

from loyalty.cases.commands import DecideCase
from loyalty.cases.views import Case
from loyalty.engine.outcomes import Outcome
from loyalty.entries import EntryView, entries
from operators.desk import Desk
from operators.members.running import run
from operators.reasons import checked_reason
from operators.roles import Action

LAST_SEQ: Final = "SELECT max(seq) FROM entry WHERE member_id = $1 AND receipt_no <= $2"
SHOWN: Final = 50
STEPS: Final = """
SELECT posted_at AS at, code, facts->>'reason' AS reason, facts->>'by' AS by FROM receipt
WHERE member_id = $1 AND no >= $2 AND accepted
AND code IN ('case_opened', 'case_decided', 'case_closed', 'appeal_answered', 'account_frozen', 'account_thawed')
ORDER BY no LIMIT 50
"""
SAID: Final = "SELECT opened_at AS at, text FROM appeal WHERE member_id = $1 AND opened_at >= $2 ORDER BY opened_at LIMIT 50"
STEP_TITLES: Final = {
    "case_opened": "暂停花积分，开了案件", "case_decided": "审核了案件", "case_closed": "案件随之结束",
    "appeal_answered": "答复了申诉", "account_frozen": "冻结了账户", "account_thawed": "解冻了账户", "appealed": "会员申诉",
}  # fmt: skip


class Step(NamedTuple):
    """Something that happened in a case: a key of STEP_TITLES, what was said, and the operator, if it was one."""

    at: datetime
    code: str
    text: str | None
    by: str | None


async def decide_case(desk: Desk, member_id: int, case: int, reason: str, *, release: bool) -> Outcome:
    """Decide an open case; the member reads the reason, and an open appeal of theirs is answered with it.

    Raises NotAllowed, BadText and EngineUnavailable.
    """
    await desk.require(Action.DECIDE_CASE)
    if release:
        await desk.require(Action.RELEASE)
    return await run(desk, DecideCase, member_id, case=case, reason=checked_reason(reason), release=release)


async def evidence_of(pool: asyncpg.Pool, case: Case) -> Sequence[EntryView]:
    """The member's entries up to the one with which the case began, newest first."""
    last = await pool.fetchval(LAST_SEQ, case.member_id, case.source)
    return await entries(case.member_id, before=None if last is None else last + 1, limit=SHOWN)


async def timeline_of(pool: asyncpg.Pool, case: Case) -> Sequence[Step]:
    """What happened since the case was opened, oldest first."""
    steps = [Step(*row) for row in await pool.fetch(STEPS, case.member_id, case.number)]
    said = await pool.fetch(SAID, case.member_id, case.opened_at)
    appeals = [Step(row["at"], "appealed", row["text"] or "（已删除）", None) for row in said]
    return sorted([*steps, *appeals], key=lambda step: step.at)
