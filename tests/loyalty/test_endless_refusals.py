"""A program that asks in an endless loop and is refused: it fills no table, and no promise that matters is broken."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.checkin.outcomes import AlreadyCheckedIn, CheckedIn
from loyalty.engine.command import Command
from loyalty.engine.outcomes import Decision
from loyalty.engine.rechecks import REFUSALS_KEPT
from loyalty.engine.refusals import NotEnoughPoints
from loyalty.games.commands import Draw
from loyalty.games.outcomes import DrawLimitReached
from loyalty.rewards.commands import Redeem
from loyalty.rewards.outcomes import UnknownReward
from tests.ledger import DAY_S, KEYS, Ledger, rules_with

MORE = 30


async def refused(
    ledger: Ledger, member: int, kind: type[Command], times: int, **fields: Any
) -> list[Decision]:
    return [await ledger.run(kind, member, **fields) for _ in range(times)]


LOOPS: list[tuple[type[Command], dict[str, Any], type[object]]] = [
    (Redeem, {"reward": "beans"}, NotEnoughPoints),
    (CheckIn, {"keep_refusal": True}, AlreadyCheckedIn),
    (Redeem, {"reward": "no_such", "keep_refusal": True}, UnknownReward),
]


@pytest.mark.parametrize(("kind", "fields", "refusal"), LOOPS)
async def test_an_endless_loop_leaves_a_bounded_number_of_rows(
    ledger: Ledger, kind: type[Command], fields: Mapping[str, Any], refusal: type[object]
) -> None:
    member = await ledger.member()
    await ledger.run(CheckIn, member)
    before = await ledger.version(member)
    asked = await refused(ledger, member, kind, REFUSALS_KEPT, **fields)
    rows = await ledger.traces(member)
    asked += await refused(ledger, member, kind, MORE, **fields)
    assert {type(one.outcome) for one in asked} == {refusal}
    assert await ledger.version(member) == before + REFUSALS_KEPT
    assert await ledger.traces(member) == rows, "the loop goes on and leaves nothing more"
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


async def test_many_at_once_leave_no_more(ledger: Ledger) -> None:
    members = [await ledger.member() for _ in range(4)]
    for member in members:
        await refused(ledger, member, Redeem, REFUSALS_KEPT - 3, reward="beans")
    commands = [
        Redeem(member_id=member, request_key=f"loop:{n}", at=ledger.clock.now(), reward="beans")
        for n in range(40)
        for member in members
    ]
    async with ledger.rival() as rival:
        await asyncio.gather(ledger.engine.run_all(commands[::2]), rival.run_all(commands[1::2]))
    for member in members:
        assert await ledger.count("receipt", member_id=member, accepted=False) == REFUSALS_KEPT


async def test_what_is_stored_stays_promised_and_a_success_or_a_day_begins_anew(ledger: Ledger) -> None:
    await ledger.publish(rules_with(welcome={"points": 0}))
    member = await ledger.member()
    first = await ledger.run(Redeem, member, key="first", reward="beans")
    await refused(ledger, member, Redeem, REFUSALS_KEPT + MORE, reward="beans")
    stored = await ledger.version(member)
    again = await ledger.run(Redeem, member, key="first", reward="beans")
    assert (again.replayed, again.outcome) == (True, first.outcome)
    assert isinstance((await ledger.run(CheckIn, member)).outcome, CheckedIn), "the loop bars nothing"
    await ledger.run(Redeem, member, key="after", reward="beans")
    assert await ledger.version(member) == stored + 2
    await refused(ledger, member, Redeem, REFUSALS_KEPT + MORE, reward="beans")
    stored = await ledger.version(member)
    ledger.clock.advance(DAY_S + 1)
    await ledger.run(Redeem, member, reward="beans")
    assert await ledger.version(member) == stored + 1


async def test_a_member_at_the_days_limit_of_draws_leaves_no_more_either(ledger: Ledger) -> None:
    member = await ledger.member()
    ended = list(await refused(ledger, member, Draw, REFUSALS_KEPT + MORE, wheel="lucky"))
    assert isinstance(ended[-1].outcome, DrawLimitReached | NotEnoughPoints)
    assert await ledger.count("receipt", member_id=member, accepted=False) <= REFUSALS_KEPT
