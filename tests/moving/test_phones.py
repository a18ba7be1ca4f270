"""O03, O13: members who were imported with their phone number, and come later by WeChat."""

from pathlib import Path

from loyalty.audit import audit
from loyalty.members.phones import phone_of
from moving.balances import BALANCES
from moving.members import MEMBERS
from tests.house import House
from tests.ledger import KEYS, Ledger
from tests.miniapp_api.client import Mini
from tests.moving.tables import imported, written


async def test_a_phone_number_leads_to_one_member(ledger: Ledger, tmp_path: Path) -> None:
    file = written(
        tmp_path / "m.csv", "手机,昵称", "138 0013 8000,小明", "13900139000,小红", "+8613800138000,又是小明"
    )
    report = await imported(ledger, MEMBERS, file)
    assert (report.created, report.first_bad) == (2, [(4, "和第 2 行重复：同一位会员")])
    member_id = await ledger.pool.fetchval("SELECT member_id FROM member WHERE nickname = '小明'")
    assert await phone_of(ledger.pool, KEYS, member_id) == "+8613800138000"
    points = written(tmp_path / "b.csv", "手机号,积分", "13800138000,70", "138****8000,5", "12345,5")
    booked = await imported(ledger, BALANCES, points)
    assert (booked.done, booked.created) == (1, 0)
    assert [reason for _, reason in booked.first_bad] == [
        "手机号 『138****8000』 打了星号，认不出是哪个号", "手机号 『12345』 不是手机号",
    ]  # fmt: skip
    assert await ledger.balance(member_id) == 70
    stored = await ledger.pool.fetch(
        "SELECT phone::text FROM phone UNION ALL SELECT phone_key::text FROM phone_key"
    )
    assert not any("38001" in row[0] for row in stored)


async def test_who_proves_the_number_is_the_imported_member(house: House, tmp_path: Path) -> None:
    """The points wait until WeChat says that the number is theirs."""
    ledger, phone = house.ledger, await house.phone("小明")
    await imported(ledger, BALANCES, written(tmp_path / "b.csv", "手机号,积分", f"{phone.number},500"))
    mini = Mini(house, 0, await house.session(phone))
    assert (await mini.get("/me")).json["balance"] == 100
    changed = await mini.put("/me/profile", {"phone_code": await phone.phone_number(), "nickname": "明"})
    assert (changed.status, changed.json["balance"], changed.json["nickname"]) == (200, 600, "明")
    now = (await mini.get("/me")).json
    assert (now["balance"], now["nickname"]) == (600, "明")
    assert await ledger.count("account", status="open") == 1
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []
