"""`POST /partner/v1/events`: each event with its own outcome, in the order asked (E01, K02, O02, O05, S6, S7)."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from loyalty.merging.run import merge
from tests.house import House
from tests.miniapp_api.client import Mini, mini
from tests.partner_api.shop import event, refund, report, shop_rules
from tests.partner_api.till import Till, till


@pytest.fixture
async def till_01(house: House) -> Till:
    """A till without a store, in a programme with shops."""
    await house.ledger.publish(shop_rules())
    return await till(house, ["events", "members"])


def codes(results: list[dict[str, Any]]) -> list[str]:
    return [one["code"] or one["status"] for one in results]


async def test_an_order_earns_once_whoever_reports_it_how_often(till_01: Till, ming: Mini) -> None:
    """E01: 88.80 yuan are 88 points; the same order again is no second award."""
    bought = event(till_01, ming.member_id)
    (first,) = await report(till_01, bought)
    assert first == {
        "id": bought["id"], "status": "applied", "code": None, "points": 88, "pending": 0, "balance": 188,
        "reason": "得 88 积分。",
    }  # fmt: skip
    (again,) = await report(till_01, bought)
    assert again == first | {"status": "replayed"}
    (other_id,) = await report(till_01, bought | {"id": "another-id"})
    assert (other_id["status"], other_id["code"], other_id["balance"]) == ("refused", "order_recorded", None)
    twice = event(till_01, ming.member_id)
    assert codes(await report(till_01, twice, twice)) == ["applied", "replayed"]
    assert await till_01.house.ledger.balance(ming.member_id) == 276


async def test_a_mission_that_the_event_finished_is_told_and_in_the_balance(
    till_01: Till, ming: Mini
) -> None:
    steps = [{"event": "purchase", "times": 2}]
    two = {"id": "two_cups", "name": "两杯咖啡", "steps": steps, "period": "once", "reward": {"points": 50}}
    await till_01.house.ledger.publish(shop_rules(missions=[two]))
    (first,) = await report(till_01, event(till_01, ming.member_id, amount_fen=1000))
    assert (first["balance"], first["reason"]) == (110, "得 10 积分。")
    bought = event(till_01, ming.member_id, amount_fen=1000)
    (second,) = await report(till_01, bought)
    assert (second["points"], second["balance"]) == (10, 170)
    assert second["reason"] == "得 10 积分。完成「两杯咖啡」，另得 50 积分。"
    assert (await report(till_01, bought))[0] == second | {"status": "replayed"}


async def test_other_content_under_the_same_id_is_refused(till_01: Till, ming: Mini) -> None:
    hong = await mini(till_01.house, "小红")
    bought = event(till_01, ming.member_id)
    await report(till_01, bought)
    changed = [
        bought | {"amount_fen": 8881},
        bought | {"order_id": "another"},
        bought | {"type": "review", "amount_fen": None},
        bought | {"member": {"member_id": hong.member_id}},
    ]
    changed = [{name: value for name, value in one.items() if value is not None} for one in changed]
    assert codes(await report(till_01, *changed)) == ["event_id_reused"] * 4
    assert await till_01.house.ledger.balance(hong.member_id) == 100
    other = await till(till_01.house, ["events"], name="另一个来源")
    (elsewhere,) = await report(other, bought | {"order_id": "own-order"})
    assert elsewhere["status"] == "applied", "ids are unique per source"


async def test_refunds_take_back_and_wait_for_their_order(till_01: Till, ming: Mini) -> None:
    member = ming.member_id
    back = refund(till_01, member, "so-late", 4440)
    (waits,) = await report(till_01, back)
    assert (waits["status"], waits["points"]) == ("waiting", 0)
    (bought,) = await report(till_01, event(till_01, member, order_id="so-late"))
    assert (bought["status"], bought["points"], bought["balance"]) == ("applied", 44, 144)
    (rest,) = await report(till_01, refund(till_01, member, "so-late", 4440))
    assert (rest["status"], rest["points"], rest["balance"]) == ("applied", -44, 100)
    (more,) = await report(till_01, refund(till_01, member, "so-late", 1))
    assert more["code"] == "refund_too_large"
    assert (await report(till_01, back))[0]["status"] == "replayed"


async def test_events_of_one_member_keep_their_order_and_many_members_go_together(
    till_01: Till, ming: Mini
) -> None:
    others = [await till_01.house.ledger.member() for _ in range(4)]
    events = []
    for number in range(8):
        events.append(event(till_01, ming.member_id, order_id=f"in-order-{number}", amount_fen=1000))
        events.append(refund(till_01, ming.member_id, f"in-order-{number}", 500))
        events += [event(till_01, other, amount_fen=1000) for other in others]
    results = await report(till_01, *events)
    assert [one["id"] for one in results] == [one["id"] for one in events]
    assert {one["status"] for one in results} == {"applied"}
    mine = [
        one["balance"]
        for one, sent in zip(results, events, strict=True)
        if sent["member"]["member_id"] == ming.member_id
    ]
    assert mine == [100 + 5 * (number // 2) + (10 if number % 2 == 0 else 5) for number in range(16)]


async def test_the_same_request_many_times_at_once_is_recorded_once(till_01: Till, ming: Mini) -> None:
    events = [event(till_01, ming.member_id, amount_fen=100) for _ in range(5)]
    answers = await asyncio.gather(*(report(till_01, *events) for _ in range(8)))
    statuses = [one["status"] for results in answers for one in results]
    assert (statuses.count("applied"), statuses.count("replayed")) == (5, 35)
    assert await till_01.house.ledger.balance(ming.member_id) == 105


async def test_two_members_want_one_order_at_once(till_01: Till, ming: Mini) -> None:
    hong = await mini(till_01.house, "小红")
    pair = [event(till_01, one.member_id, order_id="so-one") for one in (ming, hong)]
    results = [one for (one,) in await asyncio.gather(*(report(till_01, one) for one in pair))]
    assert sorted(codes(results)) == ["applied", "order_of_another"]


async def test_a_key_of_a_store_reports_that_store_alone(till_01: Till, ming: Mini) -> None:
    """K02, O05."""
    own = await till(till_01.house, ["events"], store="sh-01")
    named, unnamed = event(own, ming.member_id, store_id="sh-01"), event(own, ming.member_id)
    foreign = event(own, ming.member_id, store_id="sh-02")
    assert codes(await report(own, named, foreign, unnamed)) == ["applied", "store_of_another", "applied"]
    stores = await till_01.house.ledger.pool.fetch("SELECT DISTINCT store FROM purchase")
    assert [row["store"] for row in stores] == ["sh-01"]


async def test_a_member_is_named_by_the_code_they_show(till_01: Till, ming: Mini) -> None:
    code = (await ming.get("/me/code")).json["code"]
    wrong = code[:-8] + "00000000"
    results = await report(
        till_01, event(till_01, {"member_code": code}), event(till_01, {"member_code": wrong})
    )
    assert codes(results) == ["applied", "member_code_invalid"]
    guesses = [event(till_01, {"member_code": f"{code[:-8]}{number:08d}"}) for number in range(20)]
    assert codes(await report(till_01, *guesses)).count("member_code_limited") == 11
    assert await till_01.house.ledger.balance(ming.member_id) == 188


async def test_a_repeat_after_a_merge_finds_the_first_answer(till_01: Till, ming: Mini) -> None:
    hong = await mini(till_01.house, "小红")
    bought = event(till_01, hong.member_id)
    await report(till_01, bought)
    engine = till_01.house.resources.engine
    await merge(engine, (ming.member_id, hong.member_id), actor="operator", reason="同一个人")
    (again,) = await report(till_01, bought)
    assert (again["status"], again["points"]) == ("replayed", 88)
    assert await till_01.house.ledger.balance(ming.member_id) == 288


BAD: list[tuple[dict[str, Any], str]] = [
    ({"member": {"member_id": 99_999}}, "unknown_member"),
    ({"member": {"phone": "13900000000"}}, "unknown_member"),
    ({"member": {"phone": "abc"}}, "unknown_member"),
    ({"store_id": "sh-99"}, "unknown_store"),
    ({"type": "lottery"}, "unknown_event"),
    ({"type": "review"}, "event_malformed"),
    ({"order_id": None}, "event_malformed"),
    ({"attributes": {"minutes": 3}}, "event_malformed"),
    ({"type": "workout", "amount_fen": None, "order_id": None}, "event_malformed"),
    (
        {"type": "workout", "amount_fen": None, "order_id": None, "attributes": {"minutes": "3"}},
        "event_malformed",
    ),
    ({"type": "refund"}, "event_malformed"),
    ({"type": "refund", "refund_of": "x", "amount_fen": 0}, "event_malformed"),
    ({"refund_of": "x"}, "event_malformed"),
    ({"occurred_at": "2026-03-01"}, "event_malformed"),
    ({"occurred_at": "2026-03-01T10:00:00"}, "event_malformed"),
    ({"occurred_at": "2026-02-30T10:00:00Z"}, "event_malformed"),
    ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "event_malformed"),
    ({"occurred_at": 1_772_000_000}, "event_malformed"),
    ({"occurred_at": "2026-03-02T02:06:00Z"}, "event_in_future"),
    ({"occurred_at": "9999-12-31T00:00:00Z"}, "event_in_future"),
    ({"occurred_at": "2025-01-20T00:00:00Z"}, "event_too_old"),
    ({"occurred_at": "1970-01-01T00:00:00Z"}, "event_too_old"),
    ({"amount_fen": -1}, "amount_invalid"),
    ({"amount_fen": "8880"}, "amount_invalid"),
    ({"amount_fen": True}, "amount_invalid"),
    ({"amount_fen": 1.0}, "amount_invalid"),
    ({"amount_fen": 88.8}, "amount_invalid"),
    ({"amount_fen": 100_000_001}, "amount_invalid"),
    ({"amount_fen": 2**63}, "amount_invalid"),
    ({"amount_fen": 10**39}, "amount_invalid"),
    ({"member": {}}, "event_malformed"),
    ({"member": {"phone": ""}}, "event_malformed"),
    ({"member": {"member_id": 1, "phone": "13900000000"}}, "event_malformed"),
    ({"member": {"member_id": "1"}}, "event_malformed"),
    ({"member": {"email": "a@b.cn"}}, "event_malformed"),
    ({"id": ""}, "event_malformed"),
    ({"id": "中文"}, "event_malformed"),
    ({"id": "x" * 65}, "event_malformed"),
    ({"id": None}, "event_malformed"),
    ({"order_id": "a\u0000b"}, "event_malformed"),
    ({"attributes": {"note": "a\u0000b"}}, "event_malformed"),
    ({"attributes": {"note": [1]}}, "event_malformed"),
    ({"channel": "收银台"}, "event_malformed"),
    ({"balance": 100}, "event_malformed"),
]


async def test_each_bad_event_is_refused_by_name_and_the_good_ones_are_recorded(
    till_01: Till, ming: Mini
) -> None:
    """S6, and bad input: nothing of a refused event is kept."""
    good = event(till_01, ming.member_id)
    bad = [event(till_01, ming.member_id, **fields) for fields, _ in BAD]
    before = await till_01.house.ledger.traces(ming.member_id)
    results = await report(till_01, *bad)
    for (fields, code), result in zip(BAD, results, strict=True):
        assert (result["status"], result["code"]) == ("refused", code), (fields, result)
        assert not result["reason"].isascii(), result
        assert (result["points"], result["pending"], result["balance"]) == (0, 0, None)
    assert await till_01.house.ledger.traces(ming.member_id) == before
    mixed = await report(till_01, *bad[:3], good, *bad[3:6])
    assert codes(mixed)[3] == "applied"


async def test_a_clock_that_runs_ahead_a_little_counts_as_now(till_01: Till, ming: Mini) -> None:
    ahead = till_01.house.clock.now() + timedelta(minutes=4)
    (done,) = await report(till_01, event(till_01, ming.member_id, occurred_at=ahead.isoformat()))
    assert done["status"] == "applied"
    at = await till_01.house.ledger.pool.fetchval("SELECT max(effective_at) FROM receipt")
    assert at == till_01.house.clock.now()


BODIES: list[tuple[bytes, int]] = [
    (b"", 400),
    (b"[]", 422),
    (b"{}", 422),
    (b'{"events": []}', 422),
    (b'{"events": {}}', 422),
    (b'{"events": [1, null, [], "x"]}', 200),
    (json.dumps({"events": [{}] * 500}).encode(), 200),
    (json.dumps({"events": [{}] * 501}).encode(), 422),
    (b'{"events": [{}], "as": 1}', 422),
    (b'{"events": [{"amount_fen": NaN}]}', 400),
    (b'{"events": [{"id": "a", "id": "b"}]}', 400),
    (b" " * (512 * 1024 + 1), 413),
]


async def test_bodies_that_are_no_list_of_events(till_01: Till) -> None:
    """S5."""
    for raw, status in BODIES:
        answer = await till_01.send("POST", "/events", data=raw)
        assert answer.status == status, (raw[:60], answer.json)
        if status == 200:
            assert set(codes(answer.json["results"])) == {"event_malformed"}


async def test_five_hundred_events_fit_into_a_request(till_01: Till) -> None:
    members = [await till_01.house.ledger.member() for _ in range(5)]
    long = {"id": "x" * 60, "order_id": "y" * 60, "store_id": "sh-01", "channel": "pos"}
    events = [
        event(
            till_01,
            members[number % 5],
            **long | {"id": f"{'x' * 60}{number}", "order_id": f"{'y' * 60}{number}"},
        )
        for number in range(500)
    ]
    assert {one["status"] for one in await report(till_01, *events)} == {"applied"}
