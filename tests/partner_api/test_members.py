"""`GET /partner/v1/members/{member}`: found by any id (O03, O01), with profile, points, tier and benefits."""

from datetime import timedelta

import pytest

from base.sealing import Keyring
from loyalty.members.codes import is_genuine, member_code
from loyalty.members.finding import Ref, readings
from loyalty.merging.run import merge, split
from tests.house import House
from tests.ledger import KEYS, Ledger
from tests.miniapp_api.client import Mini
from tests.partner_api.till import till

KEYS_OF_TOMORROW = Keyring("the key of tomorrow", "test-secret-key-of-the-house")


async def test_a_member_is_found_by_any_id(house: House) -> None:
    phone = await house.phone()
    await phone.follow()
    ming = Mini(house, await house.member_of(phone), await house.session(phone))
    await ming.put("/me/profile", {"nickname": "小明", "phone_code": await phone.phone_number()})
    shop = await till(house, ["members"])
    number = phone.number
    code = (await ming.get("/me/code")).json["code"]
    plain = [
        str(ming.member_id),
        number,
        f"+86{number}",
        phone.oa_openid,
        phone.miniapp_openid,
        phone.unionid,
        code,
    ]
    kinds = ["member_id", "phone", "phone", "oa_openid", "miniapp_openid", "unionid", "member_code"]
    for text in (*plain, *(f"{kind}:{value}" for kind, value in zip(kinds, plain, strict=True))):
        answer = await shop.get(f"/members/{text}")
        assert answer.status == 200, (text, answer.json)
        assert answer.json["member_id"] == ming.member_id
    tier = answer.json["tier"]
    assert answer.json | {"expiring": None, "next_tier": None} == {
        "member_id": ming.member_id, "nickname": "小明", "phone": f"{number[:3]}****{number[-4:]}", "balance": 100, "pending": 0,
        "debt": 0, "growth": 100, "tier": tier, "next_tier": None, "points_to_next_tier": 901, "benefits": tier["benefits"],
        "expiring": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["0", "99999", "13900000000", "phone:12345", "member_id:+1", "member_id:abc", "email:a@b.cn", "o-nobody", "%00",
     "oa_openid:%00", "9" * 30, "phone:", "好", "unionid:好"],
)  # fmt: skip
async def test_nobody_is_found(house: House, text: str) -> None:
    shop = await till(house, ["members"])
    answer = await shop.get(f"/members/{text}")
    assert (answer.status, answer.code) == (404, "unknown_member"), answer.json


def test_a_bare_value_is_told_by_its_form() -> None:
    assert readings("42") == (Ref("member_id", "42"),)
    assert readings("13800138000") == (Ref("phone", "13800138000"),)
    assert readings("90" + "1" * 18) == (Ref("member_code", "90" + "1" * 18),)
    assert [ref.kind for ref in readings("oABC")] == ["oa_openid", "miniapp_openid", "unionid"]
    assert readings("email:x") == ()


async def test_the_code_changes_and_an_old_picture_of_it_is_refused(house: House, ming: Mini) -> None:
    shop = await till(house, ["members"])
    shown = (await ming.get("/me/code")).json
    assert shown["expires_at"] == (house.clock.now() + timedelta(seconds=30)).isoformat()
    house.clock.advance(59)
    assert (await shop.get(f"/members/{shown['code']}")).status == 200
    house.clock.advance(1)
    late = await shop.get(f"/members/{shown['code']}")
    assert (late.status, late.code) == (422, "member_code_invalid")
    assert "刷新" in late.json["detail"]
    assert (await ming.get("/me/code")).json["code"] != shown["code"]


async def test_guesses_of_a_code_are_limited_over_all_keys_and_right_ones_are_not_counted(
    house: House, ming: Mini
) -> None:
    shop, other = await till(house, ["members"]), await till(house, ["members"])
    genuine = (await ming.get("/me/code")).json["code"]
    for _ in range(15):
        assert (await shop.get(f"/members/{genuine}")).status == 200
    wrong = genuine[:-8] + "00000000"
    codes = [(await one.get(f"/members/{wrong}")).code for one in (shop, other) * 6]
    assert codes == ["member_code_invalid"] * 10 + ["too_many_requests"] * 2
    limited = await shop.get(f"/members/{genuine}")
    assert (limited.status, limited.headers["Retry-After"]) == (429, "600")
    assert (await shop.get(f"/members/{ming.member_id}")).status == 200
    house.clock.advance(600)
    fresh = (await ming.get("/me/code")).json["code"]
    assert (await shop.get(f"/members/{fresh}")).status == 200


def test_codes_belong_to_one_member_and_survive_a_change_of_the_secret_key(ledger: Ledger) -> None:
    now = ledger.clock.now()
    code = member_code(KEYS, 7, now).code
    assert code.startswith("900000000007")
    assert len(code) == 20
    assert is_genuine(KEYS, code, now)
    assert is_genuine(KEYS_OF_TOMORROW, code, now)
    assert not is_genuine(KEYS, code.replace("07", "08", 1), now)
    assert not is_genuine(KEYS, code, now - timedelta(seconds=30)), "of the future"
    assert not is_genuine(Keyring("another key of sixteen"), code, now)


async def test_a_merged_member_is_found_as_the_one_who_is_left(house: House, ming: Mini) -> None:
    shop = await till(house, ["members"])
    phone = await house.phone("小红")
    hong = Mini(house, 0, await house.session(phone))
    hong.member_id = await house.member_of(phone)
    assert (await hong.put("/me/profile", {"phone_code": await phone.phone_number()})).status == 200
    number = phone.number
    engine = house.resources.engine
    await merge(engine, (ming.member_id, hong.member_id), actor="operator", reason="同一个人")
    for text in (str(hong.member_id), number, phone.miniapp_openid):
        assert (await shop.get(f"/members/{text}")).json["member_id"] == ming.member_id
    await split(engine, hong.member_id, actor="operator", reason="弄错了")
    for text in (str(hong.member_id), number, phone.miniapp_openid):
        assert (await shop.get(f"/members/{text}")).json["member_id"] == hong.member_id
