"""Rewards, exchanging points for them, and giving vouchers back."""

import json
from typing import Any

import pytest

from loyalty.engine.refusals import NotEnoughPoints
from loyalty.programme.rules import RuleSet
from loyalty.vouchers.commands import UseVoucher
from loyalty.vouchers.views import voucher_of_code
from tests.ledger import DAY_S, demo_rules, rules_with
from tests.miniapp_api.client import Mini, without_request_id

COOKIE = demo_rules().rewards[0]


async def test_the_shelf(ming: Mini) -> None:
    items = (await ming.get("/rewards")).json["items"]
    assert items[0] == {
        "id": "cookie",
        "name": COOKIE.name,
        "kind": "voucher",
        "price_points": 60,
        "new_price_points": None,
        "old_price_until": None,
        "price_fen": 0,
        "stock_left": 300,
        "eligible": True,
        "reason": None,
        "terms": COOKIE.terms,
        "cancel_hours": 24,
        "picture": "/pictures/coffee-cookie.svg",
    }
    assert (items[1]["eligible"], items[1]["reason"]) == (False, "还差 50 积分")
    assert (await ming.get("/rewards/cookie")).json == items[0]
    unknown = await ming.get("/rewards/nope")
    assert (unknown.status, unknown.code) == (404, "unknown_reward")


async def test_an_exchange_and_its_repeat(ming: Mini) -> None:
    body = {"reward_id": "cookie", "quantity": 1}
    answer = await ming.post("/redemptions", body, key="k")
    again = await ming.post("/redemptions", body, key="k")
    assert answer.status == 201
    assert (answer.json["state"], answer.json["points"], answer.json["balance"]) == ("issued", 60, 40)
    assert answer.json["payment"] is None
    assert answer.json["cancellable_until"] == "2026-03-03T02:00:00+00:00"
    assert len(answer.json["voucher"]) == 12
    assert (again.status, again.raw, again.replayed) == (201, answer.raw, True)
    assert (await ming.get("/rewards/cookie")).json["stock_left"] == 299
    listed = (await ming.get("/redemptions")).json["items"]
    assert len(listed) == 1
    shown = (await ming.get(f"/redemptions/{answer.json['id']}")).json
    assert shown == listed[0]
    assert shown["voucher"] == answer.json["voucher"]
    assert (shown["state"], shown["expires_on"], shown["cancellable"]) == ("issued", "2026-04-01", True)
    assert shown["cancellable_until"] == answer.json["cancellable_until"]


async def test_refusals_are_kept_under_their_keys(ming: Mini) -> None:
    """Also those that no receipt is written for elsewhere."""
    bought = (await ming.once("/redemptions", {"reward_id": "cookie", "quantity": 1})).json
    for path, body, code in (
        ("/redemptions", {"reward_id": "nope", "quantity": 1}, "unknown_reward"),
        ("/redemptions/9999-0/cancel", {}, "unknown_redemption"),
    ):
        first = await ming.post(path, body, key=code)
        again = await ming.post(path, body, key=code)
        assert (first.code, first.replayed) == (code, False)
        assert (again.status, again.replayed, without_request_id(again)) == (
            first.status,
            True,
            without_request_id(first),
        )
        reused = await ming.post(f"/redemptions/{bought['id']}/cancel", {}, key=code)
        assert (reused.status, reused.code) == (422, "idempotency_key_reused")
    assert (await ming.get(f"/redemptions/{bought['id']}")).json["state"] == "issued"


async def test_two_at_once_and_too_few_points(ming: Mini) -> None:
    answer = await ming.once("/redemptions", {"reward_id": "cookie", "quantity": 2})
    assert (answer.status, answer.code) == (409, "not_enough_points")
    assert (answer.json["needed"], answer.json["available"]) == (120, 100)
    assert answer.json["detail"] == NotEnoughPoints(120, 100).sentence
    assert (await ming.get("/rewards/cookie")).json["stock_left"] == 300
    assert (await ming.get("/redemptions")).json == {"items": [], "next_cursor": None}


PRICES: list[tuple[dict[str, int], int]] = [
    ({"price_points": 60}, 201),
    ({"price_points": 60, "price_fen": 0}, 201),
    ({"price_points": 59}, 409),
    ({"price_points": 61}, 409),
    ({"price_points": 0}, 409),
    ({"price_points": 60, "price_fen": 1}, 409),
    ({"price_fen": 600}, 409),
]


@pytest.mark.parametrize(("shown", "status"), PRICES)
async def test_nothing_is_spent_at_another_price_than_the_one_shown(
    ming: Mini, shown: dict[str, int], status: int
) -> None:
    ledger = ming.house.ledger
    before = await ledger.traces(ming.member_id)
    answer = await ming.post("/redemptions", {"reward_id": "cookie", "quantity": 1} | shown, key="k")
    assert answer.status == status
    if status == 409:
        assert (answer.code, answer.json["price_points"], answer.json["price_fen"]) == (
            "price_changed",
            60,
            0,
        )
        after = await ledger.traces(ming.member_id)
        moved = {table for table in before if before[table] != after[table]}
        assert moved == {"account", "receipt"}, "only the refusal is stored"
        assert await ledger.balance(ming.member_id) == 100


async def test_a_repeat_after_a_publication_hears_its_voucher(ming: Mini) -> None:
    body = {"reward_id": "cookie", "quantity": 1, "price_points": 60}
    first = await ming.post("/redemptions", body, key="k")
    for rules in (with_cookie(price_points=90), rules_with(rewards=[])):
        await ming.house.ledger.publish(rules)
        again = await ming.post("/redemptions", body, key="k")
        assert (again.status, again.raw, again.replayed) == (201, first.raw, True)
    changed = await ming.post("/redemptions", body | {"price_points": 90}, key="k")
    assert (changed.status, changed.code) == (422, "idempotency_key_reused")


def with_cookie(**changes: int) -> RuleSet:
    """The demo's rules with another cookie."""
    cookie, *others = rules_with().model_dump(mode="json")["rewards"]
    return rules_with(rewards=[cookie | changes, *others])


async def test_the_last_piece(ming: Mini) -> None:
    await _stock_cookies(ming, 1)
    assert (await ming.once("/redemptions", {"reward_id": "cookie", "quantity": 1})).status == 201
    answer = await ming.once("/redemptions", {"reward_id": "cookie", "quantity": 1})
    assert (answer.status, answer.code) == (409, "out_of_stock")
    assert (answer.json["item"], answer.json["left"]) == ("cookie", 0)
    reward = (await ming.get("/rewards/cookie")).json
    assert (reward["stock_left"], reward["eligible"], reward["reason"]) == (0, False, "已兑完")


async def _stock_cookies(ming: Mini, stock: int) -> None:
    ledger = ming.house.ledger
    body = (await ledger.live()).rules.model_dump(mode="json")
    body["rewards"][0]["stock"] = stock
    await ledger.publish(RuleSet.model_validate_json(json.dumps(body)))


async def test_a_voucher_given_back(ming: Mini) -> None:
    bought = (await ming.once("/redemptions", {"reward_id": "cookie", "quantity": 1})).json
    path = f"/redemptions/{bought['id']}/cancel"
    answer = await ming.post(path, {}, key="back")
    assert answer.status == 200
    assert answer.json == {
        "id": bought["id"],
        "state": "cancelled",
        "name": "手工曲奇一份",
        "points": 60,
        "lapsed": 0,
        "balance": 100,
    }
    again = await ming.post(path, {}, key="back")
    assert (again.status, again.raw, again.replayed) == (200, answer.raw, True)
    anew = await ming.once(path, {})
    assert (anew.status, anew.code, anew.json["state"]) == (409, "not_cancellable", "cancelled")
    assert (await ming.get("/me")).json["balance"] == 100
    shown = (await ming.get(f"/redemptions/{bought['id']}")).json
    assert (shown["state"], shown["cancellable"]) == ("cancelled", False)
    assert (await ming.get("/rewards/cookie")).json["stock_left"] == 300


async def test_a_voucher_can_be_cancelled_for_a_day_and_says_so(ming: Mini) -> None:
    bought = (await ming.once("/redemptions", {"reward_id": "cookie", "quantity": 1})).json
    path = f"/redemptions/{bought['id']}"
    ming.house.clock.advance(DAY_S + 1)
    shown = (await ming.get(path)).json
    assert (shown["state"], shown["cancellable"], shown["cancellable_until"]) == ("issued", False, None)
    answer = await ming.once(f"{path}/cancel", {})
    assert (answer.status, answer.code, answer.json["state"]) == (409, "not_cancellable", "too_late")
    assert (await ming.get("/me")).json["balance"] == 40


async def test_a_used_voucher_is_not_cancelled(ming: Mini) -> None:
    bought = (await ming.once("/redemptions", {"reward_id": "cookie", "quantity": 1})).json
    found = await voucher_of_code(bought["voucher"])
    assert found is not None
    await ming.house.ledger.run(
        UseVoucher, ming.member_id, receipt_no=found.receipt_no, line=found.line, by="小王"
    )
    path = f"/redemptions/{bought['id']}"
    shown = (await ming.get(path)).json
    assert (shown["state"], shown["cancellable"], shown["cancellable_until"]) == ("used", False, None)
    answer = await ming.once(f"{path}/cancel", {})
    assert (answer.status, answer.code, answer.json["state"]) == (409, "not_cancellable", "used")
    assert (await ming.get("/me")).json["balance"] == 40


async def test_a_voucher_runs_out_at_midnight(ming: Mini) -> None:
    """Valid for 30 days from 2 March: void from 1 April, Shanghai time; the session lasts as long."""
    bought = (await ming.once("/redemptions", {"reward_id": "cookie", "quantity": 1})).json
    ming.house.clock.advance(29 * DAY_S + 14 * 3600 - 1)
    path = f"/redemptions/{bought['id']}"
    assert (await ming.get(path)).json["state"] == "issued"
    ming.house.clock.advance(1)
    shown = (await ming.get(path)).json
    assert (shown["state"], shown["cancellable"]) == ("expired", False)
    answer = await ming.once(f"{path}/cancel", {})
    assert (answer.status, answer.code, answer.json["state"]) == (409, "not_cancellable", "expired")


IDS_UNKNOWN = [
    "999-0",
    "1-9",
    "x",
    "1",
    "1-",
    "-1-0",
    "0-0",
    "01-0",
    "1-00",
    "1-0-0",
    "9" * 30 + "-0",
    "１-0",
]


async def test_redemptions_that_are_none(ming: Mini) -> None:
    for unknown in IDS_UNKNOWN:
        for answer in (
            await ming.get(f"/redemptions/{unknown}"),
            await ming.once(f"/redemptions/{unknown}/cancel", {}),
        ):
            assert (answer.status, answer.code) == (404, "unknown_redemption"), unknown


BODIES_REFUSED: list[Any] = [
    {},
    {"reward_id": "cookie"},
    {"quantity": 1},
    {"reward_id": "cookie", "quantity": "1"},
    {"reward_id": "cookie", "quantity": True},
    {"reward_id": "cookie", "quantity": 1.0},
    {"reward_id": "cookie", "quantity": 1e0},
    {"reward_id": "cookie", "quantity": 0},
    {"reward_id": "cookie", "quantity": -1},
    {"reward_id": "cookie", "quantity": 101},
    {"reward_id": "cookie", "quantity": 2**53 + 1},
    {"reward_id": "cookie", "quantity": 2**63},
    {"reward_id": "cookie", "quantity": -(2**63)},
    {"reward_id": "cookie", "quantity": 1.5},
    {"reward_id": 1, "quantity": 1},
    {"reward_id": "曲奇", "quantity": 1},
    {"reward_id": "cookie\u0000", "quantity": 1},
    {"reward_id": "cookie", "quantity": 1, "price_points": -1},
    {"reward_id": "cookie", "quantity": 1, "price_points": "60"},
    {"reward_id": "cookie", "quantity": 1, "price_fen": 0.0},
    {"reward_id": "cookie", "quantity": 1, "price_points": 2**63},
    {"reward_id": "cookie", "quantity": 1, "member_id": 2},
]


async def test_exchanges_that_are_none(ming: Mini) -> None:
    for body in BODIES_REFUSED:
        answer = await ming.post("/redemptions", body, key="strict")
        assert (answer.status, answer.code) == (422, "invalid"), body
    assert await ming.house.ledger.balance(ming.member_id) == 100


async def test_an_unknown_reward(ming: Mini) -> None:
    answer = await ming.once("/redemptions", {"reward_id": "nope", "quantity": 1})
    assert (answer.status, answer.code) == (404, "unknown_reward")


async def test_a_closed_account(ming: Mini) -> None:
    await ming.house.resources.pool.execute("UPDATE account SET status = 'closed'")
    for path, body in (
        ("/check-ins", {}),
        ("/wheels/lucky/draws", {"count": 1}),
        ("/redemptions", {"reward_id": "cookie", "quantity": 1}),
    ):
        answer = await ming.once(path, body)
        assert (answer.status, answer.code) == (403, "account_closed"), path


async def test_vouchers_by_pages(ming: Mini) -> None:
    await ming.house.ledger.give(ming.member_id, 180)
    bought = [
        (await ming.once("/redemptions", {"reward_id": "cookie", "quantity": 1})).json["id"] for _ in range(3)
    ]
    first = (await ming.get("/redemptions", limit="2")).json
    second = (await ming.get("/redemptions", limit="2", cursor=first["next_cursor"])).json
    assert [item["id"] for item in first["items"] + second["items"]] == list(reversed(bought))
    assert second["next_cursor"] is None
