"""Putting off the lapse of points through the mini-program (L04)."""

import asyncio
from datetime import timedelta
from typing import Any

from tests.ledger import DAY_S, rules_with
from tests.miniapp_api.client import Mini

PAID: dict[str, Any] = {"days": 5, "extension": {"days": 30, "price_points": 5, "within_days": 3}}


async def test_points_are_put_off_once_at_the_price_that_was_shown(ming: Mini) -> None:
    await ming.house.ledger.publish(rules_with(expiry=PAID))
    await ming.once("/check-ins", {})
    assert (await ming.get("/extensions")).json == {"days": [], "price_points": 5}
    lots = await ming.house.ledger.pool.fetch(
        "SELECT expires_on, remaining FROM lot WHERE member_id = $1 ORDER BY 1", ming.member_id
    )
    gone_on, points = lots[0]
    early = await ming.once("/extensions", {"expires_on": str(gone_on), "price_points": 5})
    assert (early.status, early.code) == (409, "too_early_to_extend")
    assert early.json["from_day"] == str(gone_on - timedelta(days=3))
    ming.house.clock.advance(3 * DAY_S)
    later = str(gone_on + timedelta(days=30))
    offer = (await ming.get("/extensions")).json
    assert offer == {
        "days": [{"expires_on": str(gone_on), "extended_to": later, "points": points}],
        "price_points": 5,
    }
    body = {"expires_on": str(gone_on), "price_points": 5}
    wrong = await ming.once("/extensions", body | {"price_points": 4})
    assert (wrong.status, wrong.code, wrong.json["price_points"]) == (409, "price_changed", 5)
    answers = await asyncio.gather(*(ming.post("/extensions", body, key="k") for _ in range(8)))
    assert {answer.status for answer in answers} == {201}
    assert sum(not answer.replayed for answer in answers) == 1
    assert answers[0].json["extended_to"] == later
    assert (await ming.once("/extensions", body)).code == "already_extended"
    assert (await ming.get("/extensions")).json["days"] == []
    other = await ming.post("/extensions", body | {"expires_on": "2026-01-01"}, key="k")
    assert (other.status, other.code) == (422, "idempotency_key_reused")


async def test_a_programme_without_extensions_says_so(ming: Mini) -> None:
    assert (await ming.get("/extensions")).code == "extensions_off"
    answer = await ming.once("/extensions", {"expires_on": "2026-04-01"})
    assert (answer.status, answer.code) == (404, "extensions_off")
