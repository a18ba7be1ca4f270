"""Orders and refunds of two halves: meters never fall below zero, and a refund finds its order in whichever half it was."""

from typing import Any

import pytest

from loyalty.audit import audit
from loyalty.earning.commands import RecordEvent
from loyalty.earning.outcomes import OrderRefunded
from loyalty.merging.run import merge, split
from tests.ledger import KEYS, Ledger
from tests.loyalty.earning.test_events import SPEND, buy, clean, publish, refund, sums


async def meters(ledger: Ledger, member: int) -> dict[tuple[str, str], int]:
    rows = await ledger.pool.fetch(
        "SELECT name, period, value FROM meter WHERE member_id = $1 AND name IN ('orders', 'spent_fen') AND value <> 0",
        member,
    )
    return {(name, period): value for name, period, value in rows}


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
