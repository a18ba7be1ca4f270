"""The repair card against the database: bought or won, once a day, within its limits; a refusal moves nothing."""

import asyncio
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.checkin.outcomes import AlreadyCheckedIn, CheckedIn
from loyalty.checkin.repair.commands import GiveRepairCards, RepairCheckIn
from loyalty.checkin.repair.outcomes import (
    CheckInRepaired,
    NoRepairCard,
    NotRepairable,
    RepairCardsGiven,
    RepairLimitReached,
    RepairsOff,
)
from loyalty.checkin.repair.views import RepairDay, RepairOffer, repair_offer
from loyalty.checkin.rows import LONGEST_SHIFT_DAYS
from loyalty.checkin.views import month
from loyalty.engine.outcomes import Decision, Outcome
from loyalty.engine.refusals import NotEnoughPoints
from loyalty.games.commands import Draw
from loyalty.games.outcomes import Drawn
from loyalty.programme.publishing.draft import Unchanged
from loyalty.rewards.outcomes import RewardUnlocked
from loyalty.shown.outcomes import PriceChanged
from tests.ledger import DAY_S, KEYS, Ledger, rules_with

PRICE = 20
FIRST = date(2026, 3, 2)
"""The day of the first sign-in."""

CARD_WHEEL: dict[str, Any] = {
    "id": "cards", "name": "补签转盘", "cost_points": 1, "draws_per_day": 10,
    "prizes": [
        {"id": "card", "slot": 0, "name": "补签卡", "level": "一等奖", "kind": "repair_card", "odds_ppm": 1_000_000},
        {"id": "none", "slot": 1, "name": "谢谢参与", "level": "未中奖", "kind": "none", "odds_ppm": 0},
    ],
}  # fmt: skip


def on(number: int) -> date:
    """The `number`-th day, from 1."""
    return FIRST + timedelta(days=number - 1)


async def attended(ledger: Ledger, pattern: str) -> int:
    """A member who signed in (x) or not (-) on each day; the clock stands on the last one."""
    member = await ledger.member()
    for number, day in enumerate(pattern):
        if number:
            ledger.clock.advance(DAY_S)
        if day == "x":
            await ledger.run(CheckIn, member)
    return member


async def repair(
    ledger: Ledger, member: int, number: int, price: int | None = PRICE, **more: Any
) -> Decision:
    return await ledger.run(RepairCheckIn, member, day=on(number), price_points=price, **more)


async def clean(ledger: Ledger) -> None:
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


async def test_a_bought_card_mends_the_row_and_the_next_sign_in_goes_on(ledger: Ledger) -> None:
    member = await attended(ledger, "xx-x")
    before = await ledger.balance(member)
    mended = (await repair(ledger, member, 3)).outcome
    assert mended == CheckInRepaired(on(3), 3, 30, PRICE, 0, before - PRICE + 30)
    ledger.clock.advance(DAY_S)
    signed = (await ledger.run(CheckIn, member)).outcome
    assert isinstance(signed, CheckedIn)
    assert signed.streak == 5
    shown = await month(member, 2026, 3, await ledger.live(), ledger.clock.now())
    assert (shown.days, shown.streak) == ([on(number) for number in range(1, 6)], 5)
    await clean(ledger)


async def test_two_gaps_are_mended_in_any_order(ledger: Ledger) -> None:
    for order in ((3, 5), (5, 3)):
        member = await attended(ledger, "xx-x-x")
        start = ledger.clock.now().date()
        days = {number: start - timedelta(days=6 - number) for number in order}
        for number in order:
            done = await ledger.run(RepairCheckIn, member, day=days[number], price_points=PRICE)
            assert isinstance(done.outcome, CheckInRepaired)
        ledger.clock.advance(DAY_S)
        signed = (await ledger.run(CheckIn, member)).outcome
        assert isinstance(signed, CheckedIn)
        assert signed.streak == 7
        ledger.clock.advance(31 * DAY_S)
    await clean(ledger)


async def test_a_won_card_is_used_before_points_are(ledger: Ledger) -> None:
    await ledger.publish(rules_with(wheels=[CARD_WHEEL]))
    member = await attended(ledger, "x-x")
    drawn = await ledger.run(Draw, member, key="draw", wheel="cards", count=2)
    assert isinstance(drawn.outcome, Drawn)
    assert drawn.consequences == (RepairCardsGiven(2, 2),)
    again = await ledger.run(Draw, member, key="draw", wheel="cards", count=2)
    assert (again.replayed, again.consequences) == (True, drawn.consequences)
    before = await ledger.balance(member)
    mended = (await repair(ledger, member, 2, None)).outcome
    assert mended == CheckInRepaired(on(2), 2, 10, 0, 1, before + 10)
    await clean(ledger)


NOT_FOR_SALE = {"price_points": None}
REFUSED: list[tuple[str, str, dict[str, Any] | None, int, int | None, Outcome]] = [
    ("switched off", "x-x", None, 2, PRICE, RepairsOff()),
    ("signed", "x-x", {"price_points": PRICE}, 1, PRICE, AlreadyCheckedIn(on(1), 1, 10, 120)),
    ("today", "x--", {"price_points": PRICE}, 3, PRICE, NotRepairable(on(3))),
    ("to come", "x--", {"price_points": PRICE}, 4, PRICE, NotRepairable(on(4))),
    ("before the first sign-in", "--x-", {"price_points": PRICE}, 1, PRICE, NotRepairable(on(1))),
    ("too long ago", "x---------", {"price_points": PRICE}, 2, PRICE, NotRepairable(on(2))),
    ("beyond the rule", "x----", {"price_points": PRICE, "within_days": 2}, 2, PRICE, NotRepairable(on(2))),
    ("another price", "x-x", {"price_points": 50}, 2, PRICE, PriceChanged(50)),
    ("no price was shown", "x-x", {"price_points": PRICE}, 2, None, PriceChanged(PRICE)),
    ("not for sale", "x-x", NOT_FOR_SALE, 2, PRICE, NoRepairCard()),
    ("too dear", "x-x", {"price_points": 5_000}, 2, 5_000, NotEnoughPoints(5_000, 120)),
]


@pytest.mark.parametrize(("_what", "pattern", "rule", "number", "price", "refusal"), REFUSED)
async def test_a_refusal_moves_nothing(
    ledger: Ledger,
    _what: str,
    pattern: str,
    rule: dict[str, Any] | None,
    number: int,
    price: int | None,
    refusal: Outcome,
) -> None:
    with suppress(Unchanged):  # some cases play by the rules that are in force
        await ledger.publish(rules_with(repair=rule))
    member = await attended(ledger, pattern)
    before = await ledger.traces(member)
    refused = (await repair(ledger, member, number, price)).outcome
    if isinstance(refusal, AlreadyCheckedIn):
        assert isinstance(refused, AlreadyCheckedIn)
    elif isinstance(refusal, NotEnoughPoints):
        assert isinstance(refused, NotEnoughPoints)
    else:
        assert refused == refusal
    after = await ledger.traces(member)
    assert after | {"receipt": None, "account": None} == before | {"receipt": None, "account": None}
    await clean(ledger)


async def test_twice_a_month_and_the_next_month_again(ledger: Ledger) -> None:
    member = await attended(ledger, "x-x-x-x")
    for number in (2, 4):
        assert isinstance((await repair(ledger, member, number)).outcome, CheckInRepaired)
    assert (await repair(ledger, member, 6)).outcome == RepairLimitReached(2)
    assert (await offer(ledger, member)).days == []
    ledger.clock.advance(27 * DAY_S)  # 4 April
    await ledger.run(CheckIn, member)
    ledger.clock.advance(2 * DAY_S)
    assert isinstance(
        (await ledger.run(RepairCheckIn, member, day=date(2026, 4, 5), price_points=PRICE)).outcome,
        CheckInRepaired,
    )
    await clean(ledger)


async def offer(ledger: Ledger, member: int) -> RepairOffer:
    shown = await repair_offer(ledger.pool, member, await ledger.live(), ledger.clock.now())
    assert shown is not None
    return shown


async def test_what_is_offered_is_what_is_done(ledger: Ledger) -> None:
    member = await attended(ledger, "xx-x")
    assert await offer(ledger, member) == RepairOffer([RepairDay(on(3), 30, 3)], 0, PRICE, 2, 2)
    await ledger.run(GiveRepairCards, member, cards=1, source=99)
    assert await offer(ledger, member) == RepairOffer([RepairDay(on(3), 30, 3)], 1, 0, 2, 2)
    await repair(ledger, member, 3)
    assert await offer(ledger, member) == RepairOffer([], 0, PRICE, 1, 2)


async def test_sixty_four_at_once_from_two_engines_mend_once(ledger: Ledger) -> None:
    member = await attended(ledger, "xx-x")
    before = await ledger.balance(member)
    async with ledger.rival() as rival:
        answers = await asyncio.gather(
            *(
                engine.run(
                    RepairCheckIn(
                        member_id=member,
                        request_key=f"k{number}",
                        at=ledger.clock.now(),
                        day=on(3),
                        price_points=PRICE,
                    )
                )
                for number in range(32)
                for engine in (ledger.engine, rival)
            )
        )
    codes = [answer.outcome.code for answer in answers if not answer.replayed]
    assert codes.count("check_in_repaired") == 1
    assert {answer.outcome.code for answer in answers} == {"check_in_repaired", "already_checked_in"}
    assert await ledger.balance(member) == before - PRICE + 30
    assert await ledger.count("check_in_repair") == 1
    await clean(ledger)


async def test_a_repeat_hears_the_first_answer(ledger: Ledger) -> None:
    member = await attended(ledger, "xx-x")
    first = await repair(ledger, member, 3, key="k")
    again = await repair(ledger, member, 3, key="k")
    assert (again.replayed, again.outcome) == (True, first.outcome)
    other = await ledger.run(RepairCheckIn, member, key="k", day=on(2), price_points=PRICE)
    assert other.outcome.code == "idempotency_key_reused"


async def test_a_mended_day_cannot_be_signed_in_by_a_late_message(ledger: Ledger) -> None:
    """A sign-in of that day that was on its way: the day stands, and nothing is paid twice."""
    member = await attended(ledger, "x-")
    yesterday = ledger.clock.now()
    ledger.clock.advance(DAY_S)
    await repair(ledger, member, 2)
    before = await ledger.balance(member)
    late = CheckIn(member_id=member, request_key="late", at=yesterday)
    assert (await ledger.engine.run(late)).outcome.code in ("already_checked_in", "day_passed")
    assert await ledger.balance(member) == before
    await clean(ledger)


@pytest.mark.parametrize("price", [PRICE, None], ids=["bought", "won"])
@pytest.mark.parametrize("late", [0, 1, 2, 3])
async def test_a_late_message_mends_the_days_signed_in_since(
    ledger: Ledger, late: int, price: int | None
) -> None:
    """Written seven days after the gap, handled up to three days later: the row goes on through every day."""
    member = await attended(ledger, "xx-xxxxxxx")
    if price is None:
        await ledger.run(GiveRepairCards, member, cards=1, source=77)
    written = ledger.clock.now()
    for _ in range(late):
        ledger.clock.advance(DAY_S)
        await ledger.run(CheckIn, member)
    message = RepairCheckIn(member_id=member, request_key="late", at=written, day=on(3), price_points=price)
    assert isinstance((await ledger.engine.run(message)).outcome, CheckInRepaired)
    for day in range(11 + late, 17):
        ledger.clock.advance(DAY_S)
        signed = (await ledger.run(CheckIn, member)).outcome
        assert isinstance(signed, CheckedIn)
        assert signed.streak == day
    rule, paid = rules_with().check_in, await ledger.pool.fetchval("SELECT sum(points)::int FROM check_in")
    assert paid <= sum(rule.award(streak)[0] for streak in range(1, 17))
    await clean(ledger)


async def test_a_message_of_weeks_ago_mends_nothing(ledger: Ledger) -> None:
    member = await attended(ledger, "x-x")
    written = ledger.clock.now()
    for _ in range(LONGEST_SHIFT_DAYS):
        ledger.clock.advance(DAY_S)
        await ledger.run(CheckIn, member)
    before = await ledger.balance(member)
    message = RepairCheckIn(member_id=member, request_key="old", at=written, day=on(2), price_points=PRICE)
    assert (await ledger.engine.run(message)).outcome == NotRepairable(on(2))
    assert await ledger.balance(member) == before
    await clean(ledger)


TAMPERED = [
    "UPDATE check_in_repair SET shift = shift + 1",
    "UPDATE check_in_repair SET price_points = 7",
    "UPDATE check_in_repair SET day = day - 1",
    "DELETE FROM check_in_repair",
    "UPDATE meter SET value = value + 1 WHERE name = 'check_in_repairs'",
    "UPDATE meter SET value = value + 1 WHERE name = 'repair_cards'",
]


@pytest.mark.parametrize("statement", TAMPERED)
async def test_the_audit_names_what_was_tampered_with(ledger: Ledger, statement: str) -> None:
    member = await attended(ledger, "xx-x")
    await ledger.run(GiveRepairCards, member, cards=1, source=99)
    await repair(ledger, member, 3)
    await ledger.run(GiveRepairCards, member, cards=1, source=98)
    await clean(ledger)
    await ledger.pool.execute(statement)
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations


@pytest.mark.parametrize("order", ["sign first", "mend first"])
async def test_a_day_pays_no_more_than_its_cap_in_any_order(ledger: Ledger, order: str) -> None:
    """E06: the sign-in, its bonus and two mended days of one day stay within the cap; below it each is paid in full."""
    ladder = [{"streak": 3, "bonus": 20}, {"streak": 7, "bonus": 50}]
    check_in = {"points": 10, "ladder": ladder, "most_per_day": 25}
    await ledger.publish(rules_with(check_in=check_in, repair={"price_points": 1}, welcome={"points": 500}))
    member = await attended(ledger, "x--")
    before = await ledger.balance(member)
    ledger.clock.advance(DAY_S)
    mends = [ledger.run(RepairCheckIn, member, day=on(number), price_points=1) for number in (2, 3)]
    steps = (
        [ledger.run(CheckIn, member), *mends]
        if order == "sign first"
        else [*mends, ledger.run(CheckIn, member)]
    )
    told = [(await step).outcome.points for step in steps]  # type: ignore[attr-defined]  # each of them pays
    assert told == ([10, 10, 5] if order == "sign first" else [10, 15, 0])
    assert await ledger.balance(member) == before + 25 - 2
    await clean(ledger)
    ledger.clock.advance(DAY_S)
    signed = (await ledger.run(CheckIn, member)).outcome
    assert isinstance(signed, CheckedIn)
    assert signed.points == 10


DRINK = {"id": "drink", "name": "专属饮品", "kind": "voucher", "price_points": 9, "valid_days": 30}
UNLOCKING = {"points": 10, "cycle_days": 3, "ladder": [{"streak": 3, "unlock": "drink"}]}


def unlocked(decision: Decision) -> list[str]:
    return [one.name for one in decision.consequences if isinstance(one, RewardUnlocked)]


async def test_a_full_row_unlocks_a_reward_once_per_cycle(ledger: Ledger) -> None:
    """E05: day K grants one voucher, once per cycle; a repeat hears the same code, and a gap starts again."""
    await ledger.publish(rules_with(check_in=UNLOCKING, rewards=[DRINK], welcome={"points": 500}))
    member = await ledger.member()
    told: list[int] = []
    for signs in "xxxxxx-xxx":
        if signs == "x":
            signed = await ledger.run(CheckIn, member, key=f"k{len(told)}")
            again = await ledger.run(CheckIn, member, key=f"k{len(told)}")
            assert again.consequences == signed.consequences
            told.append(len(unlocked(signed)))
        ledger.clock.advance(DAY_S)
    assert told == [0, 0, 1, 0, 0, 1, 0, 0, 1]
    assert await ledger.count("redemption", source="unlock", points=0) == 3
    await clean(ledger)


async def test_a_mended_day_may_fill_the_row(ledger: Ledger) -> None:
    await ledger.publish(rules_with(check_in=UNLOCKING, rewards=[DRINK], repair={"price_points": PRICE}))
    member = await attended(ledger, "xx-x")
    mended = await repair(ledger, member, 3)
    assert unlocked(mended) == ["专属饮品"]
    ledger.clock.advance(DAY_S)
    assert unlocked(await ledger.run(CheckIn, member)) == []
    ledger.clock.advance(DAY_S)
    assert unlocked(await ledger.run(CheckIn, member)) == ["专属饮品"]
    await clean(ledger)


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"rewards": []}, "签到解锁的礼品 drink 不在这里"),
        ({"rewards": [DRINK | {"stock": 5}]}, "签到解锁的礼品要不限量"),
        ({"check_in": UNLOCKING | {"cycle_days": 7}}, "礼品要写在一轮的最后一天（第 7 天）"),
    ],
)
def test_faults_of_unlocking(parts: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        rules_with(**({"check_in": UNLOCKING, "rewards": [DRINK]} | parts))
