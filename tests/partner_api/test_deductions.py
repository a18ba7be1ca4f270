"""/quotes and /deductions (R05, O05): the quote within its caps, then hold, confirm, cancel; repeats, foreign stores, refusals."""

import itertools
from typing import Any

import pytest

from loyalty.adjustments.commands import FreezeAccount
from loyalty.audit import audit
from tests.house import House
from tests.ledger import KEYS, rules_with
from tests.miniapp_api.client import Answered
from tests.partner_api.till import Till, till

NUMBERS = itertools.count(1)
RULE = {"points_per_yuan": 100, "most_percent": 50, "most_points": 1000, "hold_minutes": 15}
STORES = [{"id": "sh-01", "name": "一店"}, {"id": "sh-02", "name": "二店"}]


async def shop(
    house: House, points: int = 1234, store: str | None = "sh-01", **rule: Any
) -> tuple[Till, int]:
    """A till of the first store, and a member with so many points."""
    await house.ledger.publish(rules_with(welcome={"points": points}, stores=STORES, deductions=RULE | rule))
    return await till(house, ["deductions"], store=store), await house.ledger.member()


async def post(shop: Till, path: str, body: Any, key: str | None = None) -> Answered:
    headers = shop.headers | {"Idempotency-Key": key or f"k{next(NUMBERS)}"}
    return await shop.send("POST", path, headers, body=body)


def order(member: int, points: int = 400, order_id: str = "SO-1", **fields: Any) -> dict[str, Any]:
    return {
        "member": {"member_id": member},
        "order_id": order_id,
        "amount_fen": 2000,
        "points": points,
    } | fields


QUOTES: list[tuple[int, int, int, str]] = [
    (2000, 1000, 1000, "本次可用积分抵10元"),
    (1999, 999, 999, "本次可用积分抵9.99元"),
    (250, 125, 125, "本次可用积分抵1.25元"),
    (9_000_000, 1000, 1000, "本次可用积分抵10元"),
    (1, 0, 0, "本次可用积分抵0元"),
]


@pytest.mark.parametrize(("amount_fen", "points", "fen", "hint"), QUOTES)
async def test_a_quote_is_the_most_within_the_caps(
    house: House, amount_fen: int, points: int, fen: int, hint: str
) -> None:
    first, member = await shop(house)
    body = {"member": {"member_id": member}, "amount_fen": amount_fen}
    answer = await first.post("/quotes", body)
    assert (answer.status, answer.json) == (200, {"max_points": points, "deduct_fen": fen, "hint": hint})


async def test_a_quote_is_within_the_balance_and_can_be_held(house: House) -> None:
    first, member = await shop(house, 77)
    quoted = (await first.post("/quotes", {"member": {"member_id": member}, "amount_fen": 2000})).json
    assert quoted["max_points"] == 77
    held = await post(first, "/deductions", order(member, quoted["max_points"]))
    assert (held.status, held.json["deduct_fen"], held.json["balance"]) == (201, quoted["deduct_fen"], 0)
    await house.ledger.run(FreezeAccount, member, reason="x", by="y")
    assert (await first.post("/quotes", {"member": {"member_id": member}, "amount_fen": 2000})).json[
        "hint"
    ] == ("本次可用积分抵0元")


async def test_points_are_held_and_confirmed(house: House) -> None:
    first, member = await shop(house)
    held = await post(first, "/deductions", order(member), "a")
    assert held.status == 201, held.json
    assert held.json | {"deadline": None} == {
        "id": f"{member}-2", "order_id": "SO-1", "store_id": "sh-01", "points": 400, "deduct_fen": 400, "deadline": None,
        "balance": 834,
    }  # fmt: skip
    again = await post(first, "/deductions", order(member), "a")
    assert (again.status, again.replayed, again.json) == (201, True, held.json)
    path = f"/deductions/{held.json['id']}"
    done = await post(first, f"{path}/confirm", {"points": 300}, "b")
    assert (done.status, done.json) == (200, {
        "id": held.json["id"], "order_id": "SO-1", "store_id": "sh-01", "state": "captured", "points": 300, "deduct_fen": 300,
        "released": 100, "lapsed": 0, "balance": 934,
    })  # fmt: skip
    assert (await post(first, f"{path}/confirm", {"points": 300}, "b")).replayed
    late = await post(first, f"{path}/cancel", {})
    assert (late.status, late.code, late.json["state"], late.json["captured"]) == (
        409,
        "hold_closed",
        "captured",
        300,
    )
    assert (await audit(house.resources.pool, house.clock.now(), KEYS)).violations == []


async def test_points_are_given_back(house: House) -> None:
    first, member = await shop(house)
    held = (await post(first, "/deductions", order(member))).json
    done = await post(first, f"/deductions/{held['id']}/cancel", {})
    assert (done.status, done.json["state"], done.json["released"], done.json["balance"]) == (
        200,
        "cancelled",
        400,
        1234,
    )
    twice = await post(first, "/deductions", order(member, 100))
    assert (twice.status, twice.code) == (409, "order_has_hold")


async def test_a_confirmation_at_the_deadline_is_too_late(house: House) -> None:
    first, member = await shop(house)
    held = (await post(first, "/deductions", order(member))).json
    house.clock.advance(15 * 60)
    late = await post(first, f"/deductions/{held['id']}/confirm", {})
    assert (late.status, late.code, late.json["deadline"][:16]) == (
        409,
        "hold_timed_out",
        held["deadline"][:16],
    )


async def test_a_key_of_another_store_sees_no_hold(house: House) -> None:
    first, member = await shop(house)
    second, any_store = await till(house, ["deductions"], store="sh-02"), await till(house, ["deductions"])
    held = (await post(first, "/deductions", order(member))).json
    for end in ("confirm", "cancel"):
        foreign = await post(second, f"/deductions/{held['id']}/{end}", {})
        assert (foreign.status, foreign.code) == (404, "unknown_hold")
    assert (await post(first, "/deductions", order(member, store_id="sh-02"))).code == "store_of_another"
    assert (await post(any_store, "/deductions", order(member))).code == "store_missing"
    assert (await post(any_store, "/deductions", order(member, store_id="nowhere"))).code == "unknown_store"
    assert (await post(second, "/deductions", order(member))).status == 201
    assert (await post(any_store, f"/deductions/{held['id']}/confirm", {})).status == 200


REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"points": 1001}, 409, "too_many_points"),
    ({"amount_fen": 100, "points": 51}, 409, "too_many_points"),
    ({"points": 0}, 422, "invalid"),
    ({"points": 1.0}, 422, "invalid"),
    ({"amount_fen": -5}, 422, "invalid"),
    ({"order_id": ""}, 422, "invalid"),
    ({"member": {}}, 422, "invalid"),
    ({"member": {"member_id": 999}}, 404, "unknown_member"),
    ({"surprise": 1}, 422, "invalid"),
]


@pytest.mark.parametrize(("fields", "status", "code"), REFUSED)
async def test_what_cannot_be_held_is_named(
    house: House, fields: dict[str, Any], status: int, code: str
) -> None:
    first, member = await shop(house)
    before = await house.ledger.balance(member)
    answer = await post(first, "/deductions", order(member) | fields)
    assert (answer.status, answer.code) == (status, code), answer.json
    assert await house.ledger.balance(member) == before


@pytest.mark.parametrize("deduction", ["0-1", "1-0", "x", "1-2-3", "01-2", "99-2", "1-999"])
async def test_an_unknown_deduction_is_named(house: House, deduction: str) -> None:
    first, _ = await shop(house)
    answer = await post(first, f"/deductions/{deduction}/cancel", {})
    assert (answer.status, answer.code) == (404, "unknown_hold")


async def test_without_the_section_there_is_none(house: House) -> None:
    await house.ledger.publish(rules_with(deductions=None))
    first, member = await till(house, ["deductions"], store="sh-01"), await house.ledger.member()
    answer = await first.post("/quotes", {"member": {"member_id": member}, "amount_fen": 2000})
    assert (answer.status, answer.code) == (404, "deductions_off")
    assert (await (await till(house, ["members"])).post("/quotes", {})).code == "scope_missing"
