"""Sixty-four at once through two engines: every command that spends or grants, and the last prize and piece round after round."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.engine.command import Command
from loyalty.engine.engine import Engine
from loyalty.engine.outcomes import Decision
from loyalty.expiry.commands import Book as Expire
from loyalty.games.commands import Draw
from loyalty.games.outcomes import Drawn
from loyalty.referral.commands import BindReferral, QualifyReferral, RewardReferral
from loyalty.rewards.commands import Cancel, Redeem
from loyalty.rewards.outcomes import OutOfStock, Redeemed
from loyalty.welcome import Welcome
from tests.ledger import DAY_S, KEYS, Ledger, limited_wheel, rules_with

pytestmark = pytest.mark.slow

AT_ONCE = 64
COOKIE = {"id": "cookie", "name": "曲奇", "kind": "voucher", "price_points": 30, "valid_days": 30}
KIND_WHEEL = {
    "id": "kind", "name": "人人有奖", "cost_points": 5, "draws_per_day": 100,
    "prizes": [
        {"id": "seven", "slot": 0, "name": "七分", "level": "三等奖", "kind": "points", "points": 7, "odds_ppm": 1_000_000},
        {"id": "none", "slot": 1, "name": "谢谢", "level": "未中奖", "kind": "none", "odds_ppm": 0},
    ],
}  # fmt: skip
Fields = dict[str, Any]
Told = Counter[tuple[str, bool]]


async def newcomers(ledger: Ledger, count: int) -> list[tuple[int, Fields]]:
    return [(await ledger.member(), {}) for _ in range(count)]


async def unwelcomed(ledger: Ledger, count: int) -> list[tuple[int, Fields]]:
    await ledger.publish(rules_with(welcome={"points": 0}))
    asked = await newcomers(ledger, count)
    await ledger.publish(rules_with())
    return asked


async def players(ledger: Ledger, count: int) -> list[tuple[int, Fields]]:
    await ledger.publish(rules_with(wheels=[KIND_WHEEL]))
    return [(member, {"wheel": "kind"}) for member, _ in await newcomers(ledger, count)]


async def buyers(ledger: Ledger, count: int) -> list[tuple[int, Fields]]:
    await ledger.publish(rules_with(rewards=[COOKIE]))
    return [(member, {"reward": "cookie"}) for member, _ in await newcomers(ledger, count)]


async def regretting(ledger: Ledger, count: int) -> list[tuple[int, Fields]]:
    asked = []
    for member, fields in await buyers(ledger, count):
        bought = (await ledger.run(Redeem, member, **fields)).outcome
        assert isinstance(bought, Redeemed)
        asked.append((member, {"receipt_no": bought.receipt_no, "line": 0}))
    return asked


async def lapsing(ledger: Ledger, count: int) -> list[tuple[int, Fields]]:
    asked = await newcomers(ledger, count)
    ledger.clock.advance(400 * DAY_S)
    return asked


async def friends(ledger: Ledger, count: int) -> list[tuple[int, Fields]]:
    inviter, asked = await ledger.member(), await newcomers(ledger, count)
    for friend, _ in asked:
        await ledger.run(BindReferral, friend, inviter_id=inviter)
    return asked


async def unpaid(ledger: Ledger, count: int) -> list[tuple[int, Fields]]:
    """Inviters of one friend each, frozen when the friend qualified."""
    asked = []
    for inviter, _ in await newcomers(ledger, count):
        ((friend, _),) = await newcomers(ledger, 1)
        await ledger.run(BindReferral, friend, inviter_id=inviter)
        await ledger.pool.execute("UPDATE account SET status = 'frozen' WHERE member_id = $1", inviter)
        await ledger.run(CheckIn, friend)
        await ledger.pool.execute("UPDATE account SET status = 'open' WHERE member_id = $1", inviter)
        asked.append((inviter, {"friend_id": friend}))
    return asked


@dataclass(frozen=True)
class Case:
    """Who is prepared, what they ask, the first answer, what other keys of one member hear after it, and what is left."""

    prepare: Callable[[Ledger, int], Awaitable[list[tuple[int, Fields]]]]
    kind: type[Command]
    code: str
    refusal: str
    left: int
    done: int = 1
    left_after_all: int | None = None


CASES = [
    Case(unwelcomed, Welcome, "welcomed", "already_done", 100),
    Case(newcomers, CheckIn, "checked_in", "already_checked_in", 110),
    Case(players, Draw, "drawn", "", 102, done=64, left_after_all=228),
    Case(buyers, Redeem, "redeemed", "not_enough_points", 70, done=3, left_after_all=10),
    Case(regretting, Cancel, "cancelled", "not_cancellable", 100),
    Case(lapsing, Expire, "booked", "already_done", 0),
    Case(friends, QualifyReferral, "referral_qualified", "already_done", 120),
    Case(unpaid, RewardReferral, "referral_rewarded", "already_done", 150),
]
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind.__name__)


async def all_at_once(ledger: Ledger, commands: Sequence[Command]) -> Told:
    async with ledger.rival() as rival:
        engines = (ledger.engine, rival)
        answers = await asyncio.gather(
            *(engines[place % 2].run(command) for place, command in enumerate(commands))
        )
        await asyncio.gather(*(engine.settle() for engine in engines))
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []
    return Counter((answer.outcome.code, answer.replayed) for answer in answers)


def command(ledger: Ledger, case: Case, member: int, key: int, fields: Fields) -> Command:
    return case.kind(member_id=member, request_key=f"api:{key}", at=ledger.clock.now(), **fields)


@each_case
async def test_one_request_of_one_member(ledger: Ledger, case: Case) -> None:
    ((member, fields),) = await case.prepare(ledger, 1)
    version = await ledger.version(member)
    told = await all_at_once(ledger, [command(ledger, case, member, 0, fields) for _ in range(AT_ONCE)])
    assert told == {(case.code, False): 1, (case.code, True): AT_ONCE - 1}
    assert (await ledger.balance(member), await ledger.version(member)) == (case.left, version + 1)


@each_case
async def test_many_requests_of_one_member(ledger: Ledger, case: Case) -> None:
    ((member, fields),) = await case.prepare(ledger, 1)
    told = await all_at_once(ledger, [command(ledger, case, member, key, fields) for key in range(AT_ONCE)])
    refused = {(case.refusal, False): AT_ONCE - case.done} if case.done < AT_ONCE else {}
    assert told == {(case.code, False): case.done} | refused
    expected = case.left if case.left_after_all is None else case.left_after_all
    assert await ledger.balance(member) == expected


@each_case
async def test_one_request_of_many_members(ledger: Ledger, case: Case) -> None:
    asked = await case.prepare(ledger, AT_ONCE)
    told = await all_at_once(ledger, [command(ledger, case, member, 0, fields) for member, fields in asked])
    assert told == {(case.code, False): AT_ONCE}
    assert {await ledger.balance(member) for member, _ in asked} == {case.left}


async def test_one_inviter_is_paid_for_sixty_four_friends_at_once(ledger: Ledger) -> None:
    asked = await friends(ledger, AT_ONCE)
    await all_at_once(
        ledger, [CheckIn(member_id=friend, request_key="c", at=ledger.clock.now()) for friend, _ in asked]
    )
    inviter = asked[0][0] - 1
    assert await ledger.balance(inviter) == 100 + AT_ONCE * 50 + 50 + 200
    assert await ledger.count("receipt", member_id=inviter, scope="referral") == AT_ONCE


LAST_CUP = {"id": "cup", "name": "杯子", "kind": "voucher", "price_points": 1, "stock": 1, "valid_days": 30}
HOT = "item IN ('reward:cup', 'prize:last:grand')"
NONE = f"UPDATE stock SET stocked = 0 WHERE {HOT}"  # noqa: S608  # our own names
MORE = f"UPDATE stock SET stocked = stocked + $1 WHERE {HOT}"  # noqa: S608  # our own names


async def last_pieces(ledger: Ledger, rounds: int) -> None:
    """F10: in each round one prize and one piece (or a few) are left, and 64 members reach for both through two engines."""
    await ledger.publish(
        rules_with(rewards=[LAST_CUP], wheels=[limited_wheel("last", stock=1)], welcome={"points": 1_000_000})
    )
    await ledger.pool.execute(NONE)  # publication refuses a prize without stock
    crowd = [member for member, _ in await newcomers(ledger, AT_ONCE)]
    async with ledger.rival() as rival:
        for number in range(rounds):
            left = (1, 1, 1, 3)[number % 4]
            await ledger.pool.execute(MORE, left)
            await one_round(ledger, rival, crowd, number, left)
            if number % 500 == 499:
                ledger.clock.advance(DAY_S)
    given = sum((1, 1, 1, 3)[number % 4] for number in range(rounds))
    taken = await ledger.pool.fetch(f"SELECT taken, stocked FROM stock WHERE {HOT}")  # noqa: S608  # our own names
    assert [tuple(row) for row in taken] == [(given, given), (given, given)]
    assert (
        await ledger.count("redemption", source="redeem")
        == await ledger.count("redemption", source="draw")
        == given
    )
    spent = await ledger.pool.fetchval("SELECT sum(spent) FROM account")
    assert spent == given + rounds * AT_ONCE
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


async def one_round(ledger: Ledger, rival: Engine, crowd: list[int], number: int, left: int) -> None:
    engines, at = (ledger.engine, rival), ledger.clock.now()
    reached: list[Awaitable[Decision]] = []
    for place, member in enumerate(crowd):
        reached.append(
            engines[(place + number) % 2].run(
                Redeem(member_id=member, request_key=f"api:r{number}", at=at, reward="cup")
            )
        )
        reached.append(
            engines[place % 2].run(Draw(member_id=member, request_key=f"api:d{number}", at=at, wheel="last"))
        )
    outcomes = [answer.outcome for answer in await asyncio.gather(*reached)]
    prizes = Counter(draw.prize for one in outcomes if isinstance(one, Drawn) for draw in one.draws)
    assert prizes == {"grand": left, "consolation": AT_ONCE - left}
    assert sum(isinstance(one, Redeemed) for one in outcomes) == left
    refused = [one for one in outcomes if isinstance(one, OutOfStock)]
    assert refused == [OutOfStock("cup", "杯子", 0)] * (AT_ONCE - left)


async def test_the_last_pieces(ledger: Ledger) -> None:
    await last_pieces(ledger, 40)


@pytest.mark.soak
async def test_the_last_pieces_ten_thousand_times(ledger: Ledger) -> None:
    await last_pieces(ledger, 10_000)
