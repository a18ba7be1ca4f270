"""Polls against the database: one vote per person and poll, its points once, and a result that everybody sees."""

import asyncio
from typing import Any

import pytest
from pydantic import ValidationError

from loyalty.audit import audit
from loyalty.merging.run import merge
from loyalty.polls.commands import Vote
from loyalty.polls.outcomes import AlreadyVoted, PollClosed, UnknownOption, UnknownPoll, Voted
from loyalty.polls.views import polls
from tests.ledger import DAY_S, KEYS, Ledger, rules_with

TASTE: dict[str, Any] = {
    "id": "taste", "title": "下一季想喝什么", "points": 5, "until": "2026-03-03T10:00",
    "options": [{"id": "latte", "name": "燕麦拿铁"}, {"id": "cold", "name": "冷萃"}],
}  # fmt: skip


async def begin(ledger: Ledger) -> int:
    await ledger.publish(rules_with(polls=[TASTE]))
    return await ledger.member()


async def results(ledger: Ledger, member: int) -> list[int]:
    [shown] = await polls(ledger.pool, member, await ledger.live(), ledger.clock.now())
    return [one.votes for one in shown.options]


async def test_one_vote_per_member_and_a_public_result(ledger: Ledger) -> None:
    """C10, E22: one credit per member and poll; another choice is refused and changes nothing."""
    member, other = await begin(ledger), await ledger.member()
    before = await ledger.balance(member)
    assert (await ledger.run(Vote, member, poll="taste", option="cold")).outcome == Voted(
        "taste", "cold", "冷萃", 5, before + 5
    )
    again = await ledger.run(Vote, member, poll="taste", option="latte")
    assert again.outcome == AlreadyVoted("cold", "冷萃")
    assert await ledger.balance(member) == before + 5
    await ledger.run(Vote, other, poll="taste", option="latte")
    assert await results(ledger, member) == await results(ledger, other) == [1, 1]
    assert not (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations


async def test_two_votes_at_once_are_one(ledger: Ledger) -> None:
    member = await begin(ledger)
    async with ledger.rival() as rival:
        answers = await asyncio.gather(
            *(
                engine.run(Vote(member_id=member, request_key=f"k{place}", at=ledger.clock.now(), poll="taste", option=option))
                for place, option in enumerate(("latte", "cold") * 16)
                for engine in (ledger.engine, rival)
            )
        )  # fmt: skip
    voted = {one.outcome for one in answers if isinstance(one.outcome, Voted)}
    assert len(voted) == 1
    assert await ledger.count("poll_vote") == await ledger.count("entry", reason="poll") == 1


async def test_what_is_no_vote_is_refused_and_moves_nothing(ledger: Ledger) -> None:
    member = await begin(ledger)
    before = await ledger.traces(member)
    for poll, option, refusal in (
        ("nowhere", "cold", UnknownPoll("nowhere")),
        ("taste", "tea", UnknownOption("tea")),
        ("taste", "", UnknownOption("")),
    ):
        assert (await ledger.run(Vote, member, poll=poll, option=option)).outcome == refusal
    assert await ledger.traces(member) == before
    ledger.clock.advance(DAY_S)
    assert (await ledger.run(Vote, member, poll="taste", option="cold")).outcome == PollClosed()
    assert await results(ledger, member) == [0, 0]


async def test_two_halves_of_a_person_vote_once(ledger: Ledger) -> None:
    one, other = await begin(ledger), await ledger.member()
    await ledger.run(Vote, one, poll="taste", option="cold")
    await ledger.run(Vote, other, poll="taste", option="latte")
    third = await ledger.member()
    await merge(ledger.engine, (one, third), actor="operator", reason="one person")
    await merge(ledger.engine, (one, other), actor="operator", reason="one person")
    for member in (one, other, third):
        assert (await ledger.run(Vote, member, poll="taste", option="cold")).outcome.code == "already_voted"
    assert await results(ledger, one) == [1, 1]
    assert not (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations


TAMPERED = [
    "UPDATE poll_vote SET option = 'latte'",
    "UPDATE poll_vote SET points = 6",
    "DELETE FROM poll_vote",
]


@pytest.mark.parametrize("statement", TAMPERED)
async def test_the_audit_names_what_was_tampered_with(ledger: Ledger, statement: str) -> None:
    member = await begin(ledger)
    await ledger.run(Vote, member, poll="taste", option="cold")
    await ledger.pool.execute(statement)
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ({"options": TASTE["options"][:1]}, "at least 2"),
        (
            {"options": [TASTE["options"][0], TASTE["options"][0] | {"id": "b"}]},
            "燕麦拿铁 和前面的一项重复了",
        ),
        ({"from": "2026-03-03T10:00"}, "要晚于 from 的 2026-03-03T10:00"),
        ({"until": "2026-02-30T00:00"}, "没有这个日期或时间：2026-02-30T00:00"),
    ],
)
def test_faults_of_polls(part: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        rules_with(polls=[TASTE | part])
