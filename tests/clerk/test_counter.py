"""The clerk's page: three steps from a code to a voucher that is used, and what each code leads to."""

import asyncio
import re

import orjson
import pytest

from loyalty.audit import audit
from loyalty.rewards.commands import Cancel
from tests.clerk.counter import Shop
from tests.ledger import DAY_S, KEYS


async def test_a_clerk_takes_a_voucher_in_three_steps(shop: Shop) -> None:
    """O11: the clerk's flow has at most three steps: open the page, send the code, confirm."""
    code, clerk = await shop.code(), await shop.staff("小王", store="one")
    front = await clerk.get()
    assert front.status == 200
    assert "人民路店 · 小王" in front.words
    seen = await clerk.post("/look", code=f" {code[:4].lower()}-{code[4:8]} {code[8:]} ")
    assert [
        one for one in ("可以使用", "杯子", "×1", "小**", "2026年3月3日") if one not in seen.words
    ] == [], seen.words
    assert "小明" not in seen.text
    assert "到店领取 &lt;一份&gt;" in seen.text
    done = await clerk.post("/use", code=code)
    assert (done.status, "核销成功" in done.words) == (200, True)
    assert "小王 · 人民路店" in done.words
    house, now = shop.house, shop.house.clock.now()
    row = await house.resources.pool.fetchrow("SELECT state, closed_at, used_by, store FROM redemption")
    assert tuple(row) == ("used", now, "小王", "one")
    logged = await house.resources.pool.fetchrow(
        "SELECT at, operator, role, origin, action, after::text AS after FROM operation WHERE action = 'verify_voucher'"
    )
    assert tuple(logged)[:5] == (now, "小王", "clerk", "127.0.0.1", "verify_voucher")
    assert orjson.loads(logged["after"]) == {"name": "杯子", "quantity": 1, "store": "one"}
    assert (await audit(house.resources.pool, now, KEYS)).violations == []


@pytest.mark.parametrize(
    "forged",
    [
        "DELETE FROM operation WHERE action = 'verify_voucher'",
        "UPDATE operation SET operator = '小李' WHERE action = 'verify_voucher'",
        'UPDATE operation SET after = \'{"name": "杯子", "store": "two"}\' WHERE action = \'verify_voucher\'',
    ],
)
async def test_the_audit_compares_the_log_with_what_was_taken(shop: Shop, forged: str) -> None:
    """K12: who took a voucher stands in the log, as its receipt has it."""
    code, clerk = await shop.code(), await shop.staff("小王", store="one")
    await clerk.post("/use", code=code)
    await shop.house.resources.pool.execute(forged)
    found = (await audit(shop.house.resources.pool, shop.house.clock.now(), KEYS)).violations
    assert {one.invariant for one in found} == {"K12"}


async def test_a_used_voucher_says_when_where_and_by_whom(shop: Shop) -> None:
    code, first, second = (
        await shop.code(),
        await shop.staff("小王", store="one"),
        await shop.staff("小李", store="two"),
    )
    await first.post("/use", code=code)
    tapped = await first.post("/use", code=code)
    assert (tapped.status, "已由您核销成功，一张券只给一份" in tapped.words) == (409, True)
    shop.house.clock.advance(600)
    told = "已经用过了，经手人：小王，门店：人民路店。"
    for phone in (first, second):
        looked, used = await phone.post("/look", code=code), await phone.post("/use", code=code)
        assert (looked.status, used.status) == (200, 409)
        assert told in looked.words
        assert told in used.words
        assert 'action="/clerk/use"' not in looked.text
    assert await shop.house.ledger.count("operation", action="verify_voucher") == 1


async def test_of_two_clerks_at_once_one_hands_it_out(shop: Shop) -> None:
    code, first, second = (
        await shop.code(),
        await shop.staff("小王", store="one"),
        await shop.staff("小李", store="two"),
    )
    answers = await asyncio.gather(*(phone.post("/use", code=code) for phone in (first, second) * 4))
    assert sorted(answer.status for answer in answers) == [200, *[409] * 7]
    assert await shop.house.ledger.count("operation", action="verify_voucher") == 1


async def test_codes_that_cannot_be_used_say_why(shop: Shop) -> None:
    clerk, house = await shop.staff("小王", store="one"), shop.house
    cancelled, expired = await shop.code(), await shop.code()
    row = await house.resources.pool.fetchrow("SELECT * FROM voucher_code WHERE code = $1", cancelled)
    await house.ledger.run(Cancel, row["member_id"], receipt_no=row["receipt_no"], line=row["line"])
    house.clock.advance(2 * DAY_S)
    clerk = await shop.staff("小李", store="one")
    cases = {
        "": (422, "请输入券码或会员码"),
        "K7M9-PQ2R-TUVW": (404, "没有这个码"),
        "9" * 64: (404, "没有这个码"),
        "\0\ud7ff' OR 1=1": (404, "没有这个码"),
        "9000000000019" + "0" * 7: (422, "会员码无效或已过期"),
    }
    for typed, (status, words) in cases.items():
        seen = await clerk.post("/look", code=typed)
        assert (seen.status, words in seen.words) == (status, True), (typed, seen.words)
    for code, words in ((cancelled, "已经取消"), (expired, "已经过期")):
        looked, used = await clerk.post("/look", code=code), await clerk.post("/use", code=code)
        assert (used.status, words in looked.words, words in used.words) == (409, True, True), looked.words
    assert await house.ledger.count("operation", action="verify_voucher") == 0


async def test_a_frozen_member_gets_nothing(shop: Shop) -> None:
    code, clerk = await shop.code(), await shop.staff("小王", store="one")
    await shop.house.resources.pool.execute("UPDATE account SET status = 'frozen'")
    used = await clerk.post("/use", code=code)
    assert (used.status, "账户已停用" in used.words) == (409, True)


async def test_a_members_code_shows_who_it_is_and_what_they_can_use(shop: Shop) -> None:
    code, clerk = await shop.code(), await shop.staff("小王", store="one")
    other = await shop.code(await shop.house.ledger.member())
    seen = await clerk.post("/look", code=shop.member_code())
    assert all(words in seen.words for words in ("小明", "4,970", "杯子 ×1"))
    assert code in seen.text
    assert other not in seen.text
    await clerk.post("/use", code=code)
    again = await clerk.post("/look", code=shop.member_code())
    assert "没有可以使用的券" in again.words
    stale = shop.member_code()
    shop.house.clock.advance(90)
    assert (await clerk.post("/look", code=stale)).status == 422


async def test_r15_a_code_that_changes_leads_to_its_voucher_and_an_old_picture_of_it_does_not(
    shop: Shop,
) -> None:
    """R15: the clerk reads what to do about a code that is over; who has seen the voucher in time may take it."""
    code, clerk = await shop.code(), await shop.staff("小王", store="one")
    old = await shop.changing(code)
    shop.house.clock.advance(59)
    seen = await clerk.post("/look", code=f"{old[:4]} {old[4:8]} {old[8:]}")
    assert (seen.status, "可以使用" in seen.words, 'action="/clerk/use"' in seen.text) == (200, True, True)
    shop.house.clock.advance(1)
    for path in ("/look", "/use"):
        late = await clerk.post(path, code=old)
        assert (late.status, "这个码已过期或有误，请会员刷新后再出示。" in late.words) == (422, True)
    hidden = re.findall(r'name="code" value="([^"]+)"', seen.text)
    assert "核销成功" in (await clerk.post("/use", code=hidden[0])).words
    shop.house.clock.advance(600)
    again = await shop.changing(code)
    for path, status in (("/look", 200), ("/use", 409)):
        used = await clerk.post(path, code=again)
        assert (used.status, "经手人：小王，门店：人民路店" in used.words) == (status, True)


async def test_of_two_clerks_with_the_same_code_one_hands_it_out(shop: Shop) -> None:
    first, second = await shop.staff("小王", store="one"), await shop.staff("小李", store="two")
    shown = await shop.changing(await shop.code())
    answers = await asyncio.gather(*(phone.post("/use", code=shown) for phone in (first, second) * 4))
    assert sorted(answer.status for answer in answers) == [200, *[409] * 7]
    assert await shop.house.ledger.count("operation", action="verify_voucher") == 1


async def test_a_clerk_sees_what_they_took_today(shop: Shop) -> None:
    first, second = await shop.staff("小王", store="one"), await shop.staff("小李", store="two")
    for phone in (first, first, second):
        await phone.post("/use", code=await shop.code())
    seen = await first.get("/today")
    assert "2 张券，共 2 份" in seen.words
    assert seen.words.count("杯子 ×1") == 2
    assert "解放路店" not in seen.words
    shop.house.clock.advance(DAY_S)
    clerk = await shop.staff("小赵", store="one")
    assert "今天还没有核销过" in (await clerk.get("/today")).words


async def test_operations_names_the_store_or_none(shop: Shop) -> None:
    one, two, phone = await shop.code(), await shop.code(), await shop.staff("小运", "operations")
    looked = await phone.post("/look", code=one)
    assert '<option value="two">解放路店</option>' in looked.text
    await phone.post("/use", code=one, store="two")
    await phone.post("/use", code=two, store="")
    rows = await shop.house.resources.pool.fetch("SELECT store FROM redemption ORDER BY receipt_no")
    assert [row["store"] for row in rows] == ["two", None]
