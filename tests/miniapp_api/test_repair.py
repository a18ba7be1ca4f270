"""Mending a missed day through the mini-program."""

import asyncio

import pytest

from tests.ledger import DAY_S, rules_with
from tests.miniapp_api.client import Mini, without_request_id

MISSED = {"day": "2026-03-03", "price_points": 20}


async def with_a_gap(ming: Mini) -> None:
    await ming.once("/check-ins", {})
    ming.house.clock.advance(2 * DAY_S)
    await ming.once("/check-ins", {})


async def test_the_offer_and_the_mended_day(ming: Mini) -> None:
    await with_a_gap(ming)
    offer = (await ming.get("/check-ins/repairs")).json
    assert offer == {
        "days": [{"day": "2026-03-03", "points": 10, "streak": 2}],
        "cards": 0,
        "price_points": 20,
        "repairs_left": 2,
        "per_month": 2,
    }
    answer = await ming.once("/check-ins/repairs", MISSED)
    assert (answer.status, answer.json) == (
        201,
        {"day": "2026-03-03", "streak": 2, "points": 10, "price_points": 20, "cards_left": 0, "balance": 110},
    )
    shown = (await ming.get("/check-ins", month="2026-03")).json
    assert (shown["days"], shown["streak"]) == (["2026-03-02", "2026-03-03", "2026-03-04"], 3)
    assert (await ming.get("/me")).json["check_in"] == {"today": True, "streak": 3}


async def test_the_same_key_at_once_and_again(ming: Mini) -> None:
    await with_a_gap(ming)
    answers = await asyncio.gather(*(ming.post("/check-ins/repairs", MISSED, key="k") for _ in range(8)))
    assert {answer.status for answer in answers} == {201}
    assert sum(not answer.replayed for answer in answers) == 1
    other = await ming.post("/check-ins/repairs", MISSED | {"day": "2026-03-02"}, key="k")
    assert (other.status, other.code) == (422, "idempotency_key_reused")


async def test_another_price_than_the_one_in_force_spends_nothing(ming: Mini) -> None:
    await with_a_gap(ming)
    before = await ming.house.ledger.traces(ming.member_id)
    refused = await ming.post("/check-ins/repairs", MISSED | {"price_points": 10}, key="k")
    assert (refused.status, refused.code, refused.json["price_points"]) == (409, "price_changed", 20)
    again = await ming.post("/check-ins/repairs", MISSED | {"price_points": 10}, key="k")
    assert again.replayed
    assert without_request_id(again) == without_request_id(refused)
    after = await ming.house.ledger.traces(ming.member_id)
    for table in ("entry", "lot", "check_in", "check_in_repair", "meter"):
        assert after.get(table) == before.get(table)


async def test_without_repair_cards_there_is_nothing_to_mend(ming: Mini) -> None:
    await ming.house.ledger.publish(rules_with(repair=None))
    await with_a_gap(ming)
    assert (await ming.get("/check-ins/repairs")).code == "repairs_off"
    answer = await ming.once("/check-ins/repairs", MISSED)
    assert (answer.status, answer.code) == (404, "repairs_off")


@pytest.mark.parametrize(
    "body",
    [{}, {"day": "3"}, {"day": "2026-02-30"}, {"day": 20260303}, {"day": "2026-03-03", "price_points": 0}],
)
async def test_what_is_no_day_is_refused(ming: Mini, body: dict[str, object]) -> None:
    answer = await ming.once("/check-ins/repairs", body)
    assert (answer.status, answer.code) == (422, "invalid")


@pytest.mark.parametrize("day", ["2026-3-1", "2026-13-01", "2026-02-29", "0000-01-01", 20260301])
async def test_what_is_wrong_with_a_date_is_said_in_chinese(ming: Mini, day: object) -> None:
    answer = await ming.once("/check-ins/repairs", MISSED | {"day": day})
    assert (answer.status, answer.json["detail"]) == (422, "day：应为日期，例如 2026-03-01。")
