"""Orders and refunds of two halves: meters never fall below zero, and a refund finds its order in whichever half it was."""

from datetime import datetime
from random import Random
from typing import Any

import pytest

from loyalty.audit import audit
from loyalty.earning.commands import RecordEvent
from loyalty.earning.outcomes import OrderRefunded
from loyalty.expiry.extension.commands import ExtendPoints
from loyalty.merging.run import current, merge, split
from loyalty.rewards.commands import Redeem
from loyalty.scope import Scope
from tests.ledger import DAY_S, KEYS, Ledger
from tests.loyalty.earning.test_events import SPEND, buy, clean, publish, refund, sums


async def meters(ledger: Ledger, member: int) -> dict[tuple[str, str], int]:
    rows = await ledger.pool.fetch(
        "SELECT name, period, value FROM meter WHERE member_id = $1 AND name IN ('orders', 'spent_fen') AND value <> 0",
        member,
    )
    return {(name, period): value for name, period, value in rows}


def later(ledger: Ledger) -> datetime:
    ledger.clock.advance(DAY_S)
    return ledger.clock.now()


async def found(ledger: Ledger) -> list[str]:
    return [one.detail for one in (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations]


async def joined(ledger: Ledger, members: tuple[int, int]) -> None:
    await merge(ledger.engine, members, actor="operator", reason="同一个人")
    await clean(ledger)


async def parted(ledger: Ledger, member: int) -> None:
    await split(ledger.engine, member, actor="operator", reason="弄错了")
    await clean(ledger)


@pytest.mark.parametrize("order", ["M", "M2", "O"])
async def test_a_split_returns_what_the_orders_count_that_go_back(ledger: Ledger, order: str) -> None:
    """A refund between merge and split lowers the meters of the half that has the order afterwards, and of no other."""
    await publish(ledger, SPEND)
    old, young = await ledger.member(), await ledger.member()
    await buy(ledger, old, "O", 2000)
    await buy(ledger, young, "M", 5000)
    await buy(ledger, young, "M2", 0)
    before = [await meters(ledger, one) for one in (old, young)]
    await joined(ledger, (old, young))
    fen = {"M": 5000, "M2": 0, "O": 2000}[order]
    if fen:
        assert isinstance(await refund(ledger, old, "r", order, fen), OrderRefunded)
    await parted(ledger, young)
    owner = old if order == "O" else young
    other = young if order == "O" else old
    assert await meters(ledger, other) == before[0 if other == old else 1]
    assert min((await meters(ledger, owner)).values(), default=0) >= 0
    for member, number, amount in ((old, "O", 2000), (young, "M", 5000)):
        if number != order:
            assert isinstance(await refund(ledger, member, f"last {number}", number, amount), OrderRefunded)
    for member in (old, young):
        left = await meters(ledger, member)
        assert all(name != "spent_fen" for name, _ in left), left
    await clean(ledger)


WAITS: list[tuple[str, str, dict[str, Any], int, int]] = [
    ("young", "old", {}, 700, 7),
    ("old", "young", {}, 700, 7),
    ("young", "old", {"store": "sh-01"}, 1000, 10),
    ("young", "old", {}, 1001, 0),
]


@pytest.mark.parametrize(("refunded_by", "bought_by", "fields", "fen", "back"), WAITS)
async def test_a_refund_that_waits_in_one_half_finds_the_order_of_the_other(
    ledger: Ledger, refunded_by: str, bought_by: str, fields: dict[str, Any], fen: int, back: int
) -> None:
    """It is applied at the merge, as it would have been when the order came; one that is too large is refused."""
    await publish(ledger, SPEND)
    members = {"old": await ledger.member(), "young": await ledger.member()}
    old, young = members["old"], members["young"]
    await refund(ledger, members[refunded_by], "early", "N", fen)
    await buy(ledger, members[bought_by], "N", 1000, **fields)
    await joined(ledger, (old, young))
    assert await ledger.balance(old) == 10 - back
    assert (await sums(ledger, old))["growth"] == 10 - back
    state = await ledger.pool.fetchval(
        "SELECT state FROM order_refund WHERE event = 'early' AND state <> 'moved'"
    )
    assert state == ("applied" if back else "refused")
    await parted(ledger, young)
    assert await ledger.balance(members[bought_by]) == 10 - back
    await clean(ledger)


async def test_the_audit_names_a_refund_that_waits_beside_its_order(ledger: Ledger) -> None:
    await publish(ledger, SPEND)
    member = await ledger.member()
    await refund(ledger, member, "early", "N", 700)
    await buy(ledger, member, "N", 1000)
    await ledger.pool.execute(
        "UPDATE order_refund SET state = 'waiting', order_store = NULL, order_no = NULL, order_receipt_no = NULL"
    )
    assert "refund early of receipt 1 waits for order N, which is there" in await found(ledger)


async def test_the_audit_tells_orders_of_one_number_apart(ledger: Ledger) -> None:
    """I12: a refund counts for the one order that it was applied to, by store, number and receipt, and by its whole amount."""
    await publish(ledger, SPEND)
    member = await ledger.member()
    for store in ("sh-01", "sh-02"):
        await ledger.run(
            RecordEvent,
            member,
            source="till",
            event=store,
            kind="purchase",
            order="7",
            store=store,
            amount_fen=1000,
        )
    assert isinstance(await refund(ledger, member, "r1", "7", 300), OrderRefunded)
    assert isinstance(await refund(ledger, member, "r2", "7", 900), OrderRefunded)
    await clean(ledger)
    await ledger.pool.execute("UPDATE order_refund SET order_store = 'sh-02' WHERE event = 'r1'")
    assert "order 7 of store sh-01: refunded 300, refunds say 0 and 0 before it came here" in await found(
        ledger
    )


async def test_an_audit_that_begins_between_refunds_agrees(ledger: Ledger) -> None:
    """What was refunded of an order before the first receipt that is decided again is computed backwards."""
    await publish(ledger, SPEND)
    member, young = await ledger.member(), await ledger.member()
    await refund(ledger, member, "r0", "W", 500)
    await buy(ledger, member, "A", 5000)
    await buy(ledger, young, "B", 5000)
    starts = [later(ledger)]
    await refund(ledger, member, "r1", "A", 1000)
    await buy(ledger, member, "W", 5000)
    starts.append(later(ledger))
    await refund(ledger, member, "r2", "A", 1000)
    await merge(ledger.engine, (member, young), actor="operator", reason="同一个人")
    starts.append(later(ledger))
    await refund(ledger, member, "r3", "B", 1000)
    await split(ledger.engine, young, actor="operator", reason="弄错了")
    assert isinstance(await refund(ledger, member, "r4", "A", 3000), OrderRefunded)
    for since in starts:
        report = await audit(ledger.pool, ledger.clock.now(), KEYS, scope=Scope(since=since))
        assert (report.violations, report.receipts > 0) == ([], True)


async def deed(ledger: Ledger, halves: tuple[int, int], orders: list[tuple[str, int]], dice: Random) -> None:
    """A purchase, a refund, a redemption, an extension or a day or two, of one half or the person of both."""
    member = await current(ledger.engine, dice.choice(halves))
    match dice.choice(("buy", "buy", "refund", "refund", "redeem", "extend", "wait")):
        case "buy":
            order, fen = f"{halves}-{len(orders)}", dice.choice((0, 100, 4000, 9900))
            if (await buy(ledger, member, order, fen)).kind:
                orders.append((order, fen))
        case "refund":
            order, fen = dice.choice([*orders, (f"{halves}-{len(orders)}", 100)])
            part = dice.choice((fen, fen // 2))
            if part:
                await refund(ledger, member, f"r{dice.random()}", order, part)
        case "redeem":
            await ledger.run(Redeem, member, reward="cookie")
        case "extend":
            days = await ledger.pool.fetch("SELECT expires_on FROM lot WHERE member_id = $1", member)
            for day in {row["expires_on"] for row in days}:
                await ledger.run(ExtendPoints, member, expires_on=day)
        case _:
            ledger.clock.advance(dice.choice((1, 9)) * DAY_S)


@pytest.mark.parametrize("seed", [1, 9, 13])
async def test_whatever_halves_buy_and_refund_the_books_agree(ledger: Ledger, seed: int) -> None:
    """Two halves, then one person, then two again: every order can still be refunded, nothing falls below zero."""
    third = {
        "id": "third",
        "name": "满单",
        "on": "purchase",
        "when": [{"order_number": {"every": 3}}],
        "multiply": 2,
    }
    await publish(
        ledger,
        SPEND | {"pending_days": 2, "expiry": {"days": 12}, "growth": {"points": 2, "per_fen": 100}},
        third,
        expiry={"months": 1, "extension": {"days": 5, "within_days": 12, "late_days": 3}},
    )
    dice = Random(seed)  # noqa: S311  # a simulation must come again
    persons: list[tuple[tuple[int, int], list[tuple[str, int]]]] = [
        ((await ledger.member(), await ledger.member()), []) for _ in range(5)
    ]
    for phase in ("apart", "one", "apart"):
        for halves, orders in persons:
            for _ in range(9):
                await deed(ledger, halves, orders, dice)
            if phase == "apart" and await current(ledger.engine, halves[1]) == halves[1]:
                await merge(ledger.engine, halves, actor="operator", reason="x")
            elif phase == "one":
                await split(ledger.engine, halves[1], actor="operator", reason="x")
        await clean(ledger)
    for halves, _ in persons:
        await split(ledger.engine, halves[1], actor="operator", reason="x")
    left = await ledger.pool.fetch(
        "SELECT member_id, order_no, amount_fen - refunded_fen FROM purchase WHERE refunded_fen < amount_fen AND moved_at IS NULL"
    )
    for member, order, fen in left:
        assert isinstance(await refund(ledger, member, f"last {order}", order, fen), OrderRefunded)
    await clean(ledger)
    assert (
        await ledger.pool.fetchval("SELECT count(*) FROM meter WHERE name = 'spent_fen' AND value <> 0") == 0
    )
