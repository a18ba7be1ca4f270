"""/vouchers: a till looks a voucher up and takes it, once; repeats, refusals, stores, guessing."""

import asyncio
import itertools
from typing import Any

import pytest

from loyalty.audit import audit
from loyalty.merging.run import merge
from loyalty.rewards.commands import Cancel, Redeem
from loyalty.vouchers.rotating import voucher_code_now
from loyalty.vouchers.views import VoucherKey
from partner_api import vouchers
from tests.house import House
from tests.ledger import DAY_S, KEYS, rules_with
from tests.miniapp_api.client import Answered
from tests.partner_api.till import Till, till

NUMBERS = itertools.count(1)
STORES = [{"id": "sh-01", "name": "一店"}, {"id": "sh-02", "name": "二店"}]
CUP = {
    "id": "cup",
    "name": "杯子",
    "kind": "voucher",
    "price_points": 30,
    "valid_days": 2,
    "terms": "当场制作",
}
FREE = {"state": "issued", "used_at": None, "used_by": None, "store_id": None}


async def shop(house: House, store: str | None = "sh-01") -> tuple[Till, int]:
    """A till of the first store, and a member who can buy cups."""
    await house.ledger.publish(rules_with(rewards=[CUP], stores=STORES, welcome={"points": 500}))
    member = await house.ledger.member()
    await house.resources.pool.execute("UPDATE member SET nickname = '小明'")
    return await till(house, ["vouchers"], store=store), member


async def code_of(house: House, member: int) -> str:
    bought: Any = (await house.ledger.run(Redeem, member, reward="cup")).outcome
    return str(bought.voucher)


async def verify(shop: Till, code: str, key: str | None = None, **fields: Any) -> Answered:
    headers = shop.headers | {"Idempotency-Key": key or f"v{next(NUMBERS)}"}
    return await shop.send("POST", "/vouchers/verify", headers, body={"code": code} | fields)


async def test_a_till_looks_a_voucher_up_and_takes_it_once(house: House) -> None:
    first, member = await shop(house)
    code = await code_of(house, member)
    looked = await first.post("/vouchers/lookup", {"code": f"{code[:4].lower()}-{code[4:]}"})
    kept = {"name": "杯子", "quantity": 1, "terms": "当场制作", "whose": "小**", "expires_on": "2026-03-04"}
    assert looked.json == {"id": "2-0", **kept, **FREE}
    taken = await verify(first, code, "k1")
    at = house.clock.now().astimezone(house.resources.zone).isoformat()
    used = {"state": "used", "used_at": at, "used_by": "收银台", "store_id": "sh-01"}
    assert (taken.status, taken.json) == (200, {"id": "2-0", **kept, **used})
    again = await verify(first, code, "k1")
    assert (again.json, again.headers["Idempotency-Replayed"]) == (taken.json, "true")
    house.clock.advance(60)
    late = await verify(first, code)
    assert (late.status, late.code, late.json["state"]) == (409, "voucher_not_usable", "used")
    assert (await first.post("/vouchers/lookup", {"code": code})).json == taken.json
    assert await house.ledger.count("operation") == 0  # no operator did it
    assert (await audit(house.resources.pool, house.clock.now(), KEYS)).violations == []


async def test_of_many_tills_at_once_one_takes_it(house: House) -> None:
    first, member = await shop(house)
    code = await code_of(house, member)
    answers = await asyncio.gather(*(verify(first, code) for _ in range(8)))
    assert sorted(one.status for one in answers) == [200, *[409] * 7]
    assert await house.ledger.count("receipt", scope="use", accepted=True) == 1


async def test_what_cannot_be_used_says_why(house: House) -> None:
    first, member = await shop(house)
    code = await code_of(house, member)
    for path, body in (
        ("/vouchers/lookup", {"code": "K7M9PQ2RTUVW"}),
        ("/vouchers/lookup", {"code": "x" * 64}),
    ):
        answer = await first.post(path, body)
        assert (answer.status, answer.code) == (404, "unknown_voucher")
    assert (await verify(first, "K7M9PQ2RTUVW")).status == 404
    for bad in ({"code": ""}, {"code": 1}, {"code": "a\nb"}, {"code": "x" * 65}, {}):
        assert (await first.post("/vouchers/lookup", bad)).status == 422
    await house.ledger.run(Cancel, member, receipt_no=2, line=0)
    expired = await code_of(house, member)
    house.clock.advance(2 * DAY_S)
    for one, state in ((code, "cancelled"), (expired, "expired")):
        answer = await verify(first, one)
        assert (answer.status, answer.json["state"]) == (409, state)
        assert (await first.post("/vouchers/lookup", {"code": one})).json["state"] == state
    assert await house.ledger.count("redemption", state="used") == 0


def changing(house: House, member: int, receipt_no: int = 2) -> str:
    """What the member's phone shows now for the voucher of this receipt."""
    return voucher_code_now(KEYS, VoucherKey(member, receipt_no, 0), house.clock.now()).code


async def test_r15_a_code_that_changes_is_taken_once_and_an_old_picture_of_it_is_refused(
    house: House,
) -> None:
    """R15, K17: a code of the step before is accepted; a repeat hears the first answer, also when its code is over."""
    first, member = await shop(house)
    await code_of(house, member)
    old = changing(house, member)
    house.clock.advance(59)
    looked = await first.post("/vouchers/lookup", {"code": f"{old[:4]} {old[4:]}"})
    assert (looked.status, looked.json["id"], looked.json["state"]) == (200, "2-0", "issued")
    house.clock.advance(1)
    for answer in (await first.post("/vouchers/lookup", {"code": old}), await verify(first, old)):
        assert (answer.status, answer.code) == (422, "voucher_code_expired")
        assert answer.json["detail"] == "这个码已过期或有误，请会员刷新后再出示。"
    assert await house.ledger.count("redemption", state="issued") == 1
    fresh = changing(house, member)
    answers = await asyncio.gather(*(verify(first, fresh) for _ in range(8)))
    assert sorted(one.status for one in answers) == [200, *[409] * 7]
    taken = next(one for one in answers if one.status == 200)
    late = await verify(first, fresh)
    assert (late.status, late.code, late.json["state"]) == (409, "voucher_not_usable", "used")
    told = (await first.post("/vouchers/lookup", {"code": fresh})).json
    assert (told["state"], told["used_at"], told["store_id"]) == ("used", taken.json["used_at"], "sh-01")
    assert (await audit(house.resources.pool, house.clock.now(), KEYS)).violations == []


async def test_a_repeat_hears_its_answer_when_its_code_is_over(house: House) -> None:
    first, member = await shop(house)
    await code_of(house, member)
    code = changing(house, member)
    taken = await verify(first, code, "k1")
    house.clock.advance(3600)
    again = await verify(first, code, "k1")
    assert (again.status, again.json, again.headers["Idempotency-Replayed"]) == (200, taken.json, "true")
    await code_of(house, member)
    other = changing(house, member, 4)[:-8] + "00000000"
    assert (await verify(first, other, "k1")).status == 422  # the key is that of another request
    assert (await verify(first, code, "k2")).code == "voucher_code_expired"
    assert await house.ledger.count("redemption", state="used") == 1


async def test_guesses_of_a_code_that_changes_are_limited_over_all_keys(house: House) -> None:
    first, member = await shop(house)
    second, permanent = await till(house, ["vouchers"]), await code_of(house, member)
    genuine = changing(house, member)
    for _ in range(15):
        assert (await first.post("/vouchers/lookup", {"code": genuine})).status == 200
    wrong = genuine[:-8] + "00000000"
    codes = [(await one.post("/vouchers/lookup", {"code": wrong})).code for one in (first, second) * 6]
    assert codes == ["voucher_code_expired"] * 10 + ["too_many_requests"] * 2
    limited = await first.post("/vouchers/lookup", {"code": genuine})
    assert (limited.status, limited.headers["Retry-After"]) == (429, "600")
    assert (await first.post("/vouchers/lookup", {"code": permanent})).status == 200
    house.clock.advance(600)
    assert (await verify(first, changing(house, member))).status == 200


async def test_a_code_shown_before_a_merge_finds_the_voucher_where_it_is(house: House) -> None:
    first, member = await shop(house)
    other = await house.ledger.member()
    await code_of(house, other)
    shown = changing(house, other)
    await merge(house.resources.engine, (member, other), actor="operator", reason="同一个人")
    taken = await verify(first, shown)
    assert (taken.status, taken.json["state"]) == (200, "used")
    unknown = changing(house, member, 99)
    assert (await verify(first, unknown)).code == "unknown_voucher"


async def test_a_key_answered_before_a_merge_takes_no_voucher_without_its_code(house: House) -> None:
    """The answer is that of the member who was merged; the voucher is now that of the one who is left, who has none."""
    first, member = await shop(house)
    other = await house.ledger.member()
    await code_of(house, other)
    await code_of(house, other)
    used = changing(house, other, 2)
    taken = await verify(first, used, "k1")
    await merge(house.resources.engine, (member, other), actor="operator", reason="同一个人")
    forged = changing(house, other, 3)[:-8] + "00000000"
    assert (await verify(first, forged, "k1")).code == "voucher_code_expired"
    assert await house.ledger.count("redemption", state="used") == 1
    house.clock.advance(3600)
    again = await verify(first, used, "k1")
    assert (again.status, again.json) == (200, taken.json)


async def test_a_key_that_has_guessed_too_often_closes_no_further_vouchers(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vouchers, "UNKNOWN_PER_KEY", 3)
    first, member = await shop(house)
    second = await till(house, ["vouchers"])
    await code_of(house, member)
    genuine = changing(house, member)
    wrong = genuine[:-8] + "00000000"
    codes = [(await first.post("/vouchers/lookup", {"code": wrong})).code for _ in range(12)]
    assert codes == ["voucher_code_expired"] * 3 + ["too_many_requests"] * 9
    assert (await second.post("/vouchers/lookup", {"code": genuine})).status == 200


@pytest.mark.parametrize(
    ("own", "named", "status", "stored"),
    [
        ("sh-01", None, 200, "sh-01"),
        ("sh-01", "sh-01", 200, "sh-01"),
        ("sh-01", "sh-02", 403, None),
        (None, "sh-02", 200, "sh-02"),
        (None, "nowhere", 422, None),
        (None, None, 200, None),
    ],
)
async def test_a_key_of_a_store_takes_vouchers_there_alone(
    house: House, own: str | None, named: str | None, status: int, stored: str | None
) -> None:
    """O05: a key that is bound to a store acts for that store alone."""
    first, member = await shop(house, own)
    answer = await verify(first, await code_of(house, member), **({"store_id": named} if named else {}))
    assert answer.status == status
    assert await house.resources.pool.fetchval("SELECT store FROM redemption") == stored


async def test_guessing_is_limited_per_key(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vouchers, "UNKNOWN_PER_KEY", 3)
    first, member = await shop(house)
    code = await code_of(house, member)
    statuses = [(await first.post("/vouchers/lookup", {"code": f"K{number}"})).status for number in range(4)]
    assert statuses == [404, 404, 404, 429]
    limited = await verify(first, code)
    assert (limited.status, int(limited.headers["Retry-After"]) > 0) == (429, True)
    other = await till(house, ["vouchers"], store="sh-01")
    assert (await verify(other, code)).status == 200
