"""Points of members who stay away: warned, then forfeited; whoever comes back in between keeps them (L15)."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from channels.notices.inactivity import content
from channels.sending import chat_text
from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.engine.refusals import NothingDue
from loyalty.expiry.inactivity.commands import ForfeitInactive, WarnInactive
from loyalty.expiry.inactivity.outcomes import InactivityWarned, PointsForfeited
from loyalty.expiry.inactivity.rule import InactivityRule
from loyalty.rule_texts import rule_texts
from tasks.delivery import deliver_notices
from tasks.inactivity import forfeit_inactive
from tests.house import House
from tests.ledger import KEYS, demo_rules, rules_with
from tests.tasks.scenes import filled, follower, go_to, notices, values

SEEN = date(2026, 3, 2)
RULE: dict[str, Any] = {"months": 6, "warn_days": 30}
FORFEITED = date(2026, 9, 2)
WARNED = FORFEITED - timedelta(days=30)
RULES = rules_with(expiry={"months": 24, "inactivity": RULE}, notices={"quiet_hours": None})


async def sweep(house: House) -> None:
    await forfeit_inactive(house.resources, house.clock.now())


async def left(house: House, member_id: int) -> tuple[int, int]:
    row = await house.resources.pool.fetchrow(
        "SELECT available, forfeited FROM account WHERE member_id = $1", member_id
    )
    return int(row["available"]), int(row["forfeited"])


@pytest.mark.parametrize(
    ("seen", "months", "day"),
    [
        (date(2026, 3, 2), 6, date(2026, 9, 2)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 12, 31), 12, date(2027, 12, 31)),
    ],
)
def test_the_day_on_which_somebody_has_been_away_long_enough(seen: date, months: int, day: date) -> None:
    rule = InactivityRule(months=months, warn_days=30)
    assert rule.forfeit_day(seen) == day
    assert rule.gone_on(seen, rule.warn_day(seen)) == day
    assert rule.gone_on(seen, day) == day + timedelta(days=30)


async def test_month_by_month_the_silent_lose_their_points_and_nobody_else(house: House) -> None:
    """One never comes, one comes back after the warning, one comes all the time; the sweep runs every few days and twice."""
    await house.ledger.publish(RULES)
    away, back, here = [await house.ledger.member() for _ in range(3)]
    for days in range(0, 230, 5):
        today = await go_to(house, SEEN + timedelta(days=days))
        await house.resources.directory.note_visit(here, today, skip_if_known_today=False)
        if days == 170:
            await house.ledger.run(CheckIn, back)
        await asyncio.gather(sweep(house), sweep(house))
    assert await left(house, away) == (0, 100)
    assert await left(house, back) == (110, 0)
    assert await left(house, here) == (100, 0)
    assert [row["key"] for row in await notices(house, away, "inactivity")] == [str(SEEN)]
    assert [row["key"] for row in await notices(house, back, "inactivity")] == [str(SEEN)]
    assert await notices(house, here, "inactivity") == []
    warned = await house.resources.pool.fetchrow(
        "SELECT (facts->>'warned_on')::date AS warned_on, facts->>'gone_on' AS gone_on FROM receipt"
        " WHERE member_id = $1 AND code = 'inactivity_warned'",
        away,
    )
    gone = await house.resources.pool.fetchval(
        "SELECT (posted_at AT TIME ZONE 'Asia/Shanghai')::date FROM receipt WHERE code = 'points_forfeited'"
    )
    assert gone >= FORFEITED
    assert (gone - warned["warned_on"]).days >= RULE["warn_days"]
    violations = (await audit(house.resources.pool, house.clock.now(), KEYS)).violations
    assert {one.invariant for one in violations} == {"I21"}  # nobody delivered the warnings


async def test_rules_that_begin_to_forfeit_warn_first(house: House) -> None:
    """Somebody who has been away for years when the rule begins has as long as everybody after the warning."""
    member_id = await house.ledger.member()
    await go_to(house, date(2027, 3, 1))
    await sweep(house)
    assert await left(house, member_id) == (100, 0)
    await house.ledger.publish(RULES)
    for days, expected in ((0, (100, 0)), (29, (100, 0)), (30, (0, 100)), (31, (0, 100))):
        await go_to(house, date(2027, 3, 1) + timedelta(days=days))
        await sweep(house)
        assert await left(house, member_id) == expected, days


async def test_a_forfeiture_that_was_decided_before_a_visit_is_decided_again(house: House) -> None:
    """The visit raises no version: the statement that stores the forfeiture compares the day of the last visit itself."""
    await house.ledger.publish(RULES)
    member_id = await house.ledger.member()
    await go_to(house, WARNED)
    warned = await house.ledger.run(WarnInactive, member_id, actor="system", silent_since=SEEN)
    assert warned.outcome == InactivityWarned(SEEN, WARNED, 100, FORFEITED)
    await go_to(house, FORFEITED)
    pool = house.resources.pool
    forfeit = ForfeitInactive(
        member_id=member_id, request_key="f", at=house.clock.now(), actor="system", silent_since=SEEN
    )
    async with pool.acquire() as visit:
        begun = visit.transaction()
        await begun.start()
        await visit.execute("UPDATE account SET last_seen_on = $2 WHERE member_id = $1", member_id, FORFEITED)
        running = asyncio.create_task(house.resources.engine.run(forfeit))
        await asyncio.sleep(0.3)
        assert not running.done()
        await begun.commit()
    assert (await running).outcome == NothingDue()
    assert await left(house, member_id) == (100, 0)


async def test_a_forfeiture_without_a_visit_takes_everything_once(house: House) -> None:
    await house.ledger.publish(RULES)
    member_id = await house.ledger.member()
    fields: dict[str, Any] = {"actor": "system", "silent_since": SEEN}
    await go_to(house, FORFEITED)
    early = await house.ledger.run(ForfeitInactive, member_id, **fields)
    assert early.outcome == NothingDue()
    await house.ledger.run(WarnInactive, member_id, **fields)
    await go_to(house, FORFEITED + timedelta(days=30))
    first = await house.ledger.run(ForfeitInactive, member_id, "once", **fields)
    again = await house.ledger.run(ForfeitInactive, member_id, "once", **fields)
    assert first.outcome == again.outcome == PointsForfeited(SEEN, 100)
    assert again.replayed


async def test_the_warning_is_sent_and_not_to_whom_is_back(house: House) -> None:
    template = demo_rules().notices.expiry.template
    assert template is not None
    rule = RULE | {"template": template.model_dump(mode="json")}
    rules = rules_with(expiry={"months": 24, "inactivity": rule}, notices={"quiet_hours": None})
    await house.ledger.publish(rules)
    (phone, member_id), (other, other_id) = await follower(house), await follower(house, "小红")
    await go_to(house, WARNED)
    await sweep(house)
    await house.resources.directory.note_visit(other_id, house.clock.now(), skip_if_known_today=False)
    await deliver_notices(house.resources, house.clock.now())
    [message] = await phone.inbox("template")
    assert filled(message) == values(content(100, FORFEITED), template)
    assert await other.inbox("template") == []
    [row] = await notices(house, other_id, "inactivity")
    assert (row["state"], row["reason"]) == ("suppressed", "already_back")
    text = chat_text(content(1_100, FORFEITED), demo_rules().programme)
    assert "你的 1,100 积分会在 2026年9月1日之后清零" in text
    assert member_id != other_id


def test_members_read_when_points_are_forfeited() -> None:
    topics = {topic.topic: topic.sentences for topic in rule_texts(RULES)}
    assert topics["inactivity"] == (
        "6 个月没有来过，积分会清零；清零前至少提前 30 天提醒。",
        "发一条消息或打开一次小程序就算来过，之后重新计算。",
    )
    assert "inactivity" not in {topic.topic for topic in rule_texts(demo_rules())}
