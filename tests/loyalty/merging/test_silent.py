"""A half that has only followed, whose gift waits for a first act: it is merged all the same, and brings no second gift."""

import pytest

from loyalty.audit import audit
from loyalty.members.enrolment import Newcomer, act_first, enroll
from loyalty.merging.outcomes import MergedOut, SplitOff
from loyalty.merging.run import merge, split
from tests.ledger import KEYS, Ledger, rules_with


@pytest.fixture
async def ledger(ledger: Ledger) -> Ledger:
    """The gift comes with the first act."""
    await ledger.publish(rules_with(welcome={"points": 100, "at": "first_act"}))
    return ledger


async def follower(ledger: Ledger) -> int:
    """A member who has only followed."""
    return (
        await enroll(ledger.engine, Newcomer((("wx_oa", "o1"),), ledger.clock.now(), silent=True))
    ).member_id


async def act(ledger: Ledger, member: int) -> None:
    await act_first(ledger.engine, ledger.pool, member, ledger.clock.now())
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


@pytest.mark.parametrize("silent_first", [False, True])
async def test_a_silent_half_is_merged_and_its_act_brings_no_second_gift(
    ledger: Ledger, silent_first: bool
) -> None:
    if silent_first:
        silent, other = await follower(ledger), await ledger.member(wx_mini="m1")
    else:
        other = await ledger.member(wx_mini="m1")
        silent = await follower(ledger)
    outcome = await merge(ledger.engine, (silent, other), actor="system", reason="unionid 相同")
    assert isinstance(outcome, MergedOut)
    owner = min(silent, other)
    for member in (owner, silent, other):
        await act(ledger, member)
    assert await ledger.balance(owner) == 100
    assert await ledger.count("entry", reason="welcome") == 1


async def test_two_silent_halves_have_one_gift(ledger: Ledger) -> None:
    one = await follower(ledger)
    other = (
        await enroll(ledger.engine, Newcomer((("wx_new", "o2"),), ledger.clock.now(), silent=True))
    ).member_id
    assert isinstance(await merge(ledger.engine, (one, other), actor="system", reason="账号迁移"), MergedOut)
    await act(ledger, other)
    await act(ledger, one)
    assert await ledger.balance(one) == 100
    assert await ledger.count("entry", reason="welcome") == 1


async def test_after_a_split_the_silent_half_still_has_its_gift_to_come(ledger: Ledger) -> None:
    other = await ledger.member(wx_mini="m1")
    silent = await follower(ledger)
    await merge(ledger.engine, (silent, other), actor="operator", reason="同一个人")
    await act(ledger, other)
    decision = await split(ledger.engine, silent, actor="operator", reason="弄错了")
    assert isinstance(decision.outcome, SplitOff)
    await act(ledger, silent)
    assert await ledger.balance(silent) == 100
