"""R15: the code of a voucher changes every 30 seconds, for its member alone, and while the voucher can be used."""

from datetime import timedelta

from loyalty.merging.run import merge, split
from loyalty.vouchers.commands import UseVoucher
from loyalty.vouchers.rotating import claimed_voucher
from loyalty.vouchers.views import VoucherKey
from tests.attacks.matrix import logged_in
from tests.house import House
from tests.ledger import DAY_S, rules_with
from tests.miniapp_api.client import Mini, mini

COOKIE = {"reward_id": "cookie", "quantity": 1}
CHEAP = {"id": "cookie", "name": "曲奇", "kind": "voucher", "price_points": 30, "valid_days": 2}


async def bought(member: Mini) -> str:
    """The path of a voucher that is bought now."""
    answer = await member.once("/redemptions", COOKIE)
    return f"/redemptions/{answer.json['id']}"


async def test_the_code_changes_every_thirty_seconds_and_reading_it_changes_nothing(ming: Mini) -> None:
    path, clock = await bought(ming), ming.house.clock
    before = await ming.house.ledger.traces(ming.member_id)
    first = (await ming.get(f"{path}/code")).json
    assert set(first) == {"code", "expires_at"}
    assert first["expires_at"] == (clock.now() + timedelta(seconds=30)).isoformat()
    assert claimed_voucher(first["code"]) == VoucherKey(ming.member_id, 2, 0)
    assert (await ming.get(path)).json["voucher"] not in first["code"]
    clock.advance(29)
    assert (await ming.get(f"{path}/code")).json == first
    clock.advance(1)
    second = (await ming.get(f"{path}/code")).json
    assert second["code"] != first["code"]
    assert await ming.house.ledger.traces(ming.member_id) == before


async def test_a_voucher_that_cannot_be_used_shows_no_code(ming: Mini, house: House) -> None:
    await house.ledger.publish(rules_with(rewards=[CHEAP]))
    cancelled, used, expired = [await bought(ming) for _ in range(3)]
    await ming.once(f"{cancelled}/cancel", {})
    receipt_no = int(used.rpartition("/")[2].partition("-")[0])
    await house.ledger.run(UseVoucher, ming.member_id, receipt_no=receipt_no, line=0, by="小王")
    for path, state, words in ((cancelled, "cancelled", "已经取消"), (used, "used", "已经用过")):
        answer = await ming.get(f"{path}/code")
        assert (answer.status, answer.code, answer.json["state"]) == (409, "voucher_not_usable", state)
        assert words in answer.json["detail"]
    assert (await ming.get(f"{expired}/code")).status == 200
    house.clock.advance(2 * DAY_S)
    answer = await ming.get(f"{expired}/code")
    assert (answer.status, answer.json.get("state")) == (409, "expired"), answer.json


async def test_another_members_voucher_and_none_are_the_same(ming: Mini, house: House) -> None:
    path, hong = await bought(ming), await mini(house, "小红")
    for asked in (path, "/redemptions/999-0", "/redemptions/x", "/redemptions/2-100"):
        answer = await hong.get(f"{asked}/code")
        assert (answer.status, answer.code) == (404, "unknown_redemption"), asked


async def test_a_voucher_that_went_with_a_merge_has_a_code_where_it_is(ming: Mini, house: House) -> None:
    phone = await house.phone("小红")
    hong = await logged_in(house, phone)
    path = await bought(hong)
    await merge(house.resources.engine, (ming.member_id, hong.member_id), actor="operator", reason="同一个人")
    [moved] = (await ming.get("/redemptions")).json["items"]
    assert (await ming.get(f"/redemptions/{moved['id']}/code")).status == 200
    await split(house.resources.engine, hong.member_id, actor="operator", reason="弄错了")
    hong = await logged_in(house, phone)
    for gone in (path, f"{path}/code"):
        assert (await hong.get(gone)).status == 404
    [back] = (await hong.get("/redemptions")).json["items"]
    assert (await hong.get(f"/redemptions/{back['id']}/code")).status == 200
