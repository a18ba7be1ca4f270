"""A position among a member's orders pays once, whatever is refunded; a refund of the rewarded order itself frees it."""

import pytest

from loyalty.earning.outcomes import OrderRefunded
from loyalty.merging.run import merge, split
from tests.ledger import Ledger
from tests.loyalty.earning.test_events import SPEND, buy, clean, publish, refund

FEN = 1000
BONUS = {"id": "nth", "name": "满单奖励", "on": "purchase", "award": {"points": 90}}
FACTOR = {"id": "nth", "name": "满单十倍", "on": "purchase", "multiply": 10}
THIRD = {"every": 3}
SECOND = {"ever": 2}
THIRD_OF_A_MONTH = {"within_days": 30, "nth": 3}
STORIES: list[tuple[dict[str, int], str, list[int]]] = [
    (THIRD, "b b b b b b", [10, 10, 100, 10, 10, 100]),
    (THIRD, "b b b r1 b b b b", [10, 10, 100, 10, 10, 10, 100]),
    (THIRD, "b b b r1 r2 b b", [10, 10, 100, 10, 10]),
    (THIRD, "b b b r3 b", [10, 10, 100, 100]),
    (THIRD, "b b b r1 b r3 b", [10, 10, 100, 10, 100]),
    (THIRD, "w1 b b b b", [10, 10, 10, 100]),
    (THIRD, "b b w3 b b b", [10, 10, 100, 100, 10]),
    (SECOND, "b b r1 b r2 b", [10, 100, 10, 100]),
    (THIRD_OF_A_MONTH, "b b b r1 b b", [10, 10, 100, 10, 10]),
    (THIRD_OF_A_MONTH, "b b b r3 b", [10, 10, 100, 100]),
]
"""What is done (b: buy, r1: refund the first order, w1: report its refund ahead of it), and the points that each order brings."""


@pytest.mark.parametrize("rule", [BONUS, FACTOR])
async def test_a_position_pays_once(ledger: Ledger, rule: dict[str, object]) -> None:
    for story, (wanted, deeds, paid) in enumerate(STORIES):
        await publish(ledger, SPEND, rule | {"when": [{"order_number": wanted}]})
        member = await ledger.member()
        got: list[int] = []
        for step, deed in enumerate(deeds.split()):
            if deed == "b":
                got.append((await buy(ledger, member, f"{story}-{len(got) + 1}", FEN)).points)
            else:
                outcome = await refund(ledger, member, f"{story}/{step}", f"{story}-{deed[1:]}", FEN)
                assert isinstance(outcome, OrderRefunded)
        assert got == paid, deeds
    await clean(ledger)


async def test_a_part_that_is_refunded_frees_nothing(ledger: Ledger) -> None:
    await publish(ledger, SPEND, BONUS | {"when": [{"order_number": SECOND}]})
    member = await ledger.member()
    for order in ("1", "2"):
        await buy(ledger, member, order, FEN)
    await refund(ledger, member, "part", "2", FEN - 1)
    await refund(ledger, member, "whole", "1", FEN)
    assert (await buy(ledger, member, "3", FEN)).points == 10
    await clean(ledger)


async def test_positions_of_both_halves_count_together(ledger: Ledger) -> None:
    await publish(ledger, SPEND, BONUS | {"when": [{"order_number": THIRD}]})
    members = [await ledger.member(), await ledger.member()]
    old, young = members
    for member in members:
        assert [(await buy(ledger, member, f"{member}-{n}", FEN)).points for n in range(3)] == [10, 10, 100]
    await merge(ledger.engine, (old, young), actor="operator", reason="同一个人")
    await refund(ledger, old, "r", f"{old}-0", FEN)
    assert (await buy(ledger, old, "sixth", FEN)).points == 10
    await split(ledger.engine, young, actor="operator", reason="弄错了")
    await refund(ledger, young, "s", f"{young}-0", FEN)
    assert (await buy(ledger, young, "third", FEN)).points == 10
    await clean(ledger)
