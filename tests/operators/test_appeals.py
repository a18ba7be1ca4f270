"""D11: a freeze with its reason, an appeal in the chat, the answer that reaches the member, and the release."""

import asyncio

import pytest

from bot.appeal import HOW, NOT_FROZEN, TOO_LONG
from loyalty.appeals.outcomes import AppealAnswered, NoOpenAppeal
from loyalty.appeals.views import After, list_appeals, open_appeal
from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from operators.members.account import freeze, release
from operators.members.appeals import answer_appeal, erase_appeals
from operators.operation_log.pages import Filters, list_operations
from operators.reasons import BadText
from operators.roles import NotAllowed
from tasks.delivery import deliver_notices
from tests.bot.line import Line
from tests.house import House
from tests.ledger import KEYS, Ledger
from tests.operators.desks import desk_for, owner_desk


@pytest.fixture
async def line(house: House) -> Line:
    return Line(house)


async def test_d11_frozen_with_a_reason_appealed_answered_and_released(house: House, line: Line) -> None:
    ledger = house.ledger
    phone = await house.follower()
    member = await house.member_of(phone)
    assert await line.say(phone, "申诉") == NOT_FROZEN
    assert await line.say(phone, "申诉 我有话说") == NOT_FROZEN
    desk = await desk_for(ledger, "小王", "operations")
    before = await ledger.balance(member)
    await freeze(desk, member, "同一张小票报了三次，等核对")
    assert "发「申诉」看原因" in await line.say(phone, "签到")
    told = await line.say(phone, "申诉")
    assert "原因：同一张小票报了三次，等核对" in told
    assert told.endswith(HOW)
    assert await line.say(phone, f"申诉 {'长' * 501}") == TOO_LONG
    message = line.text(phone, "申诉 那几单是我和家人一起买的")
    for _ in range(2):  # WeChat sends it again
        reply = await line.push(message)
        assert reply is not None
        assert reply.content.startswith("申诉已收到")
    assert await line.say(phone, "申诉 再说一次") == "你上次的申诉还在处理，有答复后可以再申诉。"
    assert (await line.say(phone, "申诉")).endswith("你的申诉已收到，正在处理。")
    (appeal,) = await list_appeals(ledger.pool, "open")
    assert (appeal.member_id, appeal.text) == (member, "那几单是我和家人一起买的")
    kept = await answer_appeal(desk, member, appeal.id, "请带小票到店里核对", release=False)
    assert kept == AppealAnswered(appeal.id, "请带小票到店里核对", False, "小王")
    assert "上次申诉的答复：请带小票到店里核对" in await line.say(phone, "申诉")
    await deliver_notices(house.resources, house.clock.now())
    assert "仍然冻结" in str((await phone.inbox("custom"))[-1])
    house.clock.advance(10)
    assert (await line.say(phone, "申诉 小票已经给店长看过了")).startswith("申诉已收到")
    (appeal,) = await list_appeals(ledger.pool, "open")
    done = await answer_appeal(desk, member, appeal.id, "核对无误，给你添麻烦了", release=True)
    assert done == AppealAnswered(appeal.id, "核对无误，给你添麻烦了", True, "小王")
    await deliver_notices(house.resources, house.clock.now())
    assert "你的申诉通过了" in str((await phone.inbox("custom"))[-1])
    assert await ledger.balance(member) == before, "nothing was lost meanwhile"
    assert (await line.say(phone, "签到")).startswith("签到成功")
    assert "核对无误" in await line.say(phone, "申诉")
    rows = await list_operations(ledger.pool, Filters(member_id=member))
    assert sorted(row.label for row in rows) == ["冻结账户", "答复申诉", "答复申诉"]
    receipts = await ledger.pool.fetchval("SELECT string_agg(r::text, ' ') FROM receipt r")
    assert "家人" not in receipts, "the member's words can be erased"
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


async def frozen_with_appeal(ledger: Ledger) -> int:
    member = await ledger.member()
    await freeze(owner_desk(ledger), member, "等核对")
    await open_appeal(ledger.pool, member, "a1", "是我本人", ledger.clock.now())
    return member


async def test_an_appeal_is_answered_once_and_by_those_who_may(ledger: Ledger) -> None:
    member, owner = await frozen_with_appeal(ledger), owner_desk(ledger)
    for role in ("finance", "auditor"):
        with pytest.raises(NotAllowed, match="不能答复申诉"):
            await answer_appeal(await desk_for(ledger, f"one-{role}", role), member, "a1", "x", release=True)
    for answer, said in (("", "请写答复"), ("长" * 501, "答复最多 500 个字"), ("x\u202ey", "看不见的字符")):
        with pytest.raises(BadText, match=said):
            await answer_appeal(owner, member, "a1", answer, release=True)
    both = await asyncio.gather(
        answer_appeal(owner, member, "a1", "可以", release=True), answer_appeal(owner, member, "a1", "不行", release=False)
    )  # fmt: skip
    assert sorted(type(one).__name__ for one in both) == ["AppealAnswered", "NoOpenAppeal"]
    assert await answer_appeal(owner, member, "a2", "没有这个", release=True) == NoOpenAppeal()
    (answered,) = await list_appeals(ledger.pool, member_id=member)
    status = await ledger.pool.fetchval("SELECT status FROM account WHERE member_id = $1", member)
    assert answered.released is (status == "open")
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


async def test_an_appeal_to_an_account_that_was_opened_meanwhile_releases_nothing(ledger: Ledger) -> None:
    member, owner = await frozen_with_appeal(ledger), owner_desk(ledger)
    await release(owner, member, "核对过")
    done = await answer_appeal(owner, member, "a1", "已经恢复了", release=True)
    assert done == AppealAnswered("a1", "已经恢复了", False, owner.operator.name)
    assert (await ledger.run(CheckIn, member)).outcome.code == "checked_in"
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


async def test_one_open_appeal_of_two_at_once_and_pages(ledger: Ledger) -> None:
    owner = owner_desk(ledger)
    member = await ledger.member()
    await open_appeal(ledger.pool, member, "a0", "没有冻结", ledger.clock.now())
    assert await ledger.count("appeal") == 0
    await freeze(owner, member, "等核对")
    now = ledger.clock.now()
    await asyncio.gather(*(open_appeal(ledger.pool, member, f"a{n}", "是我", now) for n in range(4)))
    assert await ledger.count("appeal") == 1
    await frozen_with_appeal(ledger)
    first = await list_appeals(ledger.pool, "open", limit=1)
    rest = await list_appeals(ledger.pool, "open", After(first[0].opened_at, first[0].member_id, first[0].id))
    assert {one.member_id for one in first + rest} == {member, member + 1}


async def test_what_a_member_wrote_can_be_erased(ledger: Ledger) -> None:
    member, desk = await ledger.member(), owner_desk(ledger)
    await freeze(desk, member, "等核对")
    await open_appeal(ledger.pool, member, "a1", "我家电话是 13900000000", ledger.clock.now())
    assert await erase_appeals(desk, member, "本人要求") == 1
    assert await erase_appeals(desk, member, "本人要求") == 0
    (appeal,) = await list_appeals(ledger.pool, member_id=member)
    assert (appeal.text, appeal.state) == ("", "open")
    clerk = await desk_for(ledger, "小店", "clerk", "sh-01")
    with pytest.raises(NotAllowed):
        await erase_appeals(clerk, member, "看看")
