"""The back-test (D03): under the rules that were live it equals the ledger to the point; under others it says who gains."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from base.settings import Settings
from loyalty import world
from loyalty.audit import EVER
from loyalty.backtest import Backtest, Group, Plan, Processes, backtest
from loyalty.checkin.commands import CheckIn
from loyalty.earning.segments import Labelled, put_segments
from loyalty.programme.rules import RuleSet
from loyalty.referral.commands import BindReferral
from loyalty.rewards.commands import Cancel, Redeem
from runtime.demo import past as demo_past
from tests.ledger import DAY_S, KEYS, ZONE, Ledger, rules_with
from tests.loyalty.worlds import busy_world

CUP = {"id": "cup", "name": "杯子", "kind": "voucher", "price_points": 60}


async def supposing(ledger: Ledger, rules: RuleSet | None, days: int | None = None) -> Backtest:
    now = ledger.clock.now()
    since = EVER if days is None else now - timedelta(days=days)
    return await backtest(ledger.pool, Plan(rules, since), now, KEYS, zone=ZONE)


def unchanged(found: Backtest) -> bool:
    same = all(found.then[bucket] == found.now[bucket] for bucket in {*found.then, *found.now})
    return same and (found.differing, found.held_more, sum(found.refused.values())) == (0, 0, 0)


@pytest.mark.parametrize("days", [None, 41, 3])
async def test_under_the_rules_of_their_time_nothing_differs(ledger: Ledger, days: int | None) -> None:
    """Every table has rows: draws, repairs, cancelled redemptions, merged members. Part of a history as well as all of it."""
    await busy_world(ledger)
    live = (await ledger.live()).rules
    for rules in (None, live):
        found = await supposing(ledger, rules, days)
        assert not found.stopped
        assert found.receipts > 0
        assert unchanged(found) or (
            rules and days is None
        )  # version 1 was in force when the first members joined


async def test_the_demos_fourteen_months_come_out_to_the_point(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of its days, by a dozen of its members."""
    monkeypatch.setattr(demo_past, "NAMES", demo_past.NAMES[:12])
    await ledger.pool.execute("TRUNCATE rule_version")
    commands = await demo_past.create_past(
        ledger.pool, Settings(secret_key=SecretStr("test-secret-key-of-the-house")), ledger.clock
    )
    live = (await ledger.live()).rules
    found = await supposing(ledger, live)
    assert found.receipts > commands
    assert unchanged(found)
    assert sum(group.members for group in found.tiers.values()) == found.members == 12
    dearer = live.model_copy(update={"check_in": live.check_in.model_copy(update={"points": 9})})
    less = await supposing(ledger, dearer)
    signed = await ledger.pool.fetchval("SELECT count(*) FROM entry WHERE reason = 'check_in'")
    assert less.then["issued"] - less.now["issued"] <= -signed
    assert sum(group.losing for group in less.tiers.values()) == 12


async def spender(ledger: Ledger) -> int:
    """A member with 100 points of a gift who buys a cup for 60."""
    await ledger.publish(rules_with(rewards=[CUP]))
    member = await ledger.member()
    await ledger.run(Redeem, member, reward="cup", price_points=60)
    return member


CASES: list[tuple[dict[str, Any], int, int]] = [
    ({"rewards": [CUP]}, 0, 0),
    ({"rewards": [CUP | {"price_points": 80}]}, -20, 0),
    ({"rewards": [CUP | {"price_points": 50}]}, 10, 0),
    ({"rewards": [CUP | {"price_points": 101}]}, 0, 1),
    ({"rewards": []}, 0, 1),
    ({"rewards": [CUP], "welcome": {"points": 130}}, 30, 0),
    ({"rewards": [CUP], "welcome": {"points": 50}}, -50, 1),
]


@pytest.mark.parametrize(("changes", "gain", "refused"), CASES)
async def test_what_a_member_would_have_gained(
    ledger: Ledger, changes: dict[str, Any], gain: int, refused: int
) -> None:
    """A cup that could not be bought is worth what was paid for it; whoever wanted it and gains nothing else loses."""
    member = await spender(ledger)
    found = await supposing(ledger, rules_with(**changes))
    [group] = found.tiers.values()
    assert (group.points, sum(found.refused.values())) == (gain, refused)
    assert (group.gaining, group.losing) == (int(gain > 0), int(gain < 0 or refused > 0))
    extremes = [*found.most, *found.least]
    assert extremes == ([(gain, member)] if gain or refused else [])


async def test_who_gains_by_segment(ledger: Ledger) -> None:
    """D03: a member counts in each segment of the day of the back-test; one whose days are over, or in none, counts in none."""
    buyer, other = await spender(ledger), await ledger.member()
    today = (await ledger.live()).day(ledger.clock.now())
    tomorrow = today + timedelta(days=1)
    days = {
        (buyer, "at_risk"): (today, tomorrow), (buyer, "staff"): (today, tomorrow), (other, "staff"): (today, tomorrow),
        (other, "at_risk"): (today - timedelta(days=9), today), (other, "soon"): (tomorrow, tomorrow + timedelta(days=9)),
    }  # fmt: skip
    await put_segments(ledger.pool, [Labelled(*who, *when) for who, when in days.items()])
    found = await supposing(ledger, rules_with(rewards=[CUP | {"price_points": 80}]))
    assert found.segments == {"at_risk": Group(1, 0, 1, -20), "staff": Group(2, 0, 1, -20)}
    assert sum(group.members for group in found.tiers.values()) == 2


async def test_points_that_would_have_lapsed(ledger: Ledger) -> None:
    """Also where no command came to book it."""
    await ledger.member()
    ledger.clock.advance(70 * DAY_S)
    found = await supposing(ledger, rules_with(expiry={"months": 1}))
    assert (found.now["expired"], found.held_then, found.held_more) == (100, 100, -100)


async def test_what_would_have_been_owed(ledger: Ledger) -> None:
    """A friend's gift that the candidate switches on; the inviter's reward is counted as not replayed."""
    await ledger.publish(rules_with(referral={"enabled": False}))
    inviter, friend = await ledger.member(), await ledger.member()
    await ledger.run(BindReferral, friend, inviter_id=inviter)
    await ledger.run(CheckIn, friend)
    referral = {"enabled": True, "inviter_points": 50, "friend_points": 20}
    found = await supposing(ledger, rules_with(referral=referral))
    assert (found.held_more, dict(found.unmade)) == (20, {"reward_referral": 1})
    assert found.most == [(20, friend)]


async def test_what_was_cancelled_costs_nothing_then_or_now(ledger: Ledger) -> None:
    member = await spender(ledger)
    bought = await ledger.pool.fetchval("SELECT receipt_no FROM redemption WHERE member_id = $1", member)
    await ledger.run(Cancel, member, receipt_no=bought, line=0)
    found = await supposing(ledger, rules_with(rewards=[CUP | {"price_points": 80}]))
    assert (found.held_more, found.now["spent"]) == (0, 0)


async def test_members_are_grouped_by_the_tier_that_they_kept(ledger: Ledger) -> None:
    """A higher line takes no tier away until a review, so it moves nobody into another group."""

    def ladder(line: int) -> RuleSet:
        steps = [{"id": "low", "name": "普通", "growth": 0}, {"id": "high", "name": "银卡", "growth": line}]
        return rules_with(tiers=steps, tier_review={"by": "never"}, welcome={"points": 0})

    await ledger.publish(ladder(10))
    await ledger.run(CheckIn, await ledger.member())
    await ledger.publish(ladder(1000))
    assert set((await supposing(ledger, None)).tiers) == {"银卡"}


@pytest.mark.parametrize("cup", [30, 90])
async def test_several_processes_find_what_one_finds(
    ledger: Ledger, cup: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each page by another process, on the snapshot of the first: the figures are the same, to the point."""
    monkeypatch.setattr(world, "PAGE_RECEIPTS", 30)
    await busy_world(ledger)
    rules = rules_with(rewards=[CUP | {"price_points": cup}], check_in={"points": 7})
    plan, now = Plan(rules, EVER), ledger.clock.now()
    settings = Settings(
        database_url=ledger.database_url, secret_key=SecretStr("test-secret-key-of-the-house"), timezone=ZONE
    )
    one = await backtest(ledger.pool, plan, now, KEYS, zone=ZONE)
    crew = Processes(2, settings, from_members=0)
    two = await backtest(ledger.pool, plan, now, KEYS, zone=ZONE, processes=crew)
    assert one.receipts > 0
    assert one.differing > 0
    assert two == one
