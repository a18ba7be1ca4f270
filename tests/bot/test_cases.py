"""K03 as the member lives it: the notice, the chat, the mini-program, the appeal, and the decision that they hear."""

import pytest

from loyalty.adjustments.commands import OPERATOR, AdjustPoints
from loyalty.cases.views import list_cases
from operators.members.cases import decide_case
from tasks.delivery import deliver_notices
from tests.bot.line import Line
from tests.house import House
from tests.ledger import rules_with
from tests.miniapp_api.client import send
from tests.operators.desks import owner_desk

MUG = {"reward_id": "mug", "quantity": 1}
REWARDS = [{"id": "mug", "name": "马克杯", "kind": "voucher", "price_points": 100}]


@pytest.mark.parametrize("released", [True, False])
async def test_k03_the_member_hears_why_appeals_and_hears_the_decision(
    house: House, *, released: bool
) -> None:
    ledger, line, phone = house.ledger, Line(house), await house.follower()
    await ledger.publish(rules_with(rewards=REWARDS, risk={"times_usual": None, "day_times": 2}))
    member, headers = await house.member_of(phone), await house.session(phone)
    given = {"reason": "x", "ticket": "T", "by": "x", "role": "owner", "origin": "x", "actor": OPERATOR}
    await ledger.run(AdjustPoints, member, points=5000, **given)
    for n in range(3):
        done = await send(house, "POST", "/redemptions", headers | {"Idempotency-Key": f"k{n}"}, body=MUG)
        assert done.status == 201, done.json
    refused = await send(house, "POST", "/redemptions", headers | {"Idempotency-Key": "k9"}, body=MUG)
    assert (refused.status, refused.code) == (403, "spending_frozen")
    assert (
        refused.json["detail"]
        == "账户暂时不能花积分，积分一分不少，得积分照常。可以发「申诉」看原因、说明情况。"
    )
    standing = (await send(house, "GET", "/me/appeal", headers)).json
    assert (standing["frozen"], standing["spending_frozen"]) == (False, True)
    assert standing["reason"] == "一天里花了 3 次积分，超过了 2 次，正在核对是不是本人"
    assert (await line.say(phone, "签到")).startswith("签到成功")
    await deliver_notices(house.resources, house.clock.now())
    told = str((await phone.inbox("custom"))[-1])
    assert "暂停花积分" in told
    assert "一天里花了 3 次积分，超过了 2 次" in told
    assert "暂停花积分，积分一分不少" in await line.say(phone, "申诉")
    assert (await line.say(phone, "申诉 都是我自己换的")).startswith("申诉已收到")
    (case,) = await list_cases(ledger.pool)
    await decide_case(owner_desk(ledger), member, case.number, "看过订单了", release=released)
    await deliver_notices(house.resources, house.clock.now())
    last = str((await phone.inbox("custom"))[-1])
    assert ("又可以花积分了" if released else "仍然不能花积分") in last
    assert "看过订单了" in last
    again = await send(house, "POST", "/redemptions", headers | {"Idempotency-Key": "k10"}, body=MUG)
    assert again.status == (201 if released else 403)
    assert "上次申诉的答复：看过订单了" in await line.say(phone, "申诉")
