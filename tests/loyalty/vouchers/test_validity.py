"""Validity counts from posting: no voucher is void, or nearly so, when it is paid for."""

from datetime import date, timedelta
from typing import Any

import pytest

from loyalty.games.commands import Draw
from loyalty.games.outcomes import Drawn
from loyalty.rewards.commands import Redeem
from loyalty.rewards.outcomes import Redeemed
from loyalty.rewards.views import redemptions
from tests.ledger import DAY_S, Ledger, rules_with

COOKIE = {"id": "cookie", "name": "曲奇", "kind": "voucher", "price_points": 10, "valid_days": 1}
SURE: dict[str, Any] = {
    "id": "sure", "name": "转盘", "cost_points": 1, "draws_per_day": 9,
    "prizes": [
        {"id": "cup", "slot": 0, "name": "杯子", "level": "一等奖", "kind": "voucher", "odds_ppm": 999_999, "valid_days": 1},
        {"id": "none", "slot": 1, "name": "谢谢参与", "level": "未中奖", "kind": "none", "odds_ppm": 1},
    ],
}  # fmt: skip
UNTIL_MIDNIGHT_S = 14 * 3600
"""From ten in the morning of 2 March."""
PURCHASES = [  # seconds to midnight when it was written, seconds until it is posted, first day on which it is void
    (UNTIL_MIDNIGHT_S, 0, date(2026, 3, 3)),
    (3601, 0, date(2026, 3, 3)),
    (3600, 0, date(2026, 3, 4)),
    (1, 0, date(2026, 3, 4)),
    (1, 3, date(2026, 3, 4)),
    (1, 2 * DAY_S - 7200, date(2026, 3, 5)),
]


@pytest.mark.parametrize("kind", [Redeem, Draw])
@pytest.mark.parametrize(("to_midnight_s", "delay_s", "void_on"), PURCHASES)
async def test_whole_days(
    ledger: Ledger, kind: type[Redeem | Draw], to_midnight_s: int, delay_s: int, void_on: date
) -> None:
    await ledger.publish(rules_with(rewards=[COOKIE], wheels=[SURE]))
    member = await ledger.member()
    ledger.clock.advance(UNTIL_MIDNIGHT_S - to_midnight_s)
    common: dict[str, Any] = {"member_id": member, "request_key": "oa:1", "at": ledger.clock.now()}
    command = Redeem(**common, reward="cookie") if kind is Redeem else Draw(**common, wheel="sure")
    ledger.clock.advance(delay_s)
    outcome = (await ledger.engine.run(command)).outcome
    assert isinstance(outcome, Redeemed | Drawn)
    (voucher,) = await redemptions(member, await ledger.live(), ledger.clock.now())
    assert (voucher.state, voucher.expires_on) == ("issued", void_on)
    ledger.clock.advance(1800)
    (voucher,) = await redemptions(member, await ledger.live(), ledger.clock.now())
    assert voucher.state == "issued"


async def test_a_day_later_it_is_void(ledger: Ledger) -> None:
    await ledger.publish(rules_with(rewards=[COOKIE]))
    member = await ledger.member()
    ledger.clock.advance(UNTIL_MIDNIGHT_S - 1)
    await ledger.run(Redeem, member, reward="cookie")
    for moment, state in ((timedelta(days=1), "issued"), (timedelta(days=1, seconds=1), "expired")):
        (voucher,) = await redemptions(member, await ledger.live(), ledger.clock.now() + moment)
        assert voucher.state == state
