"""Consent and the fate of messages: events nobody answers."""

from typing import Any

import pytest

from channels import consent
from tests.bot.line import Line
from tests.house import House

TEMPLATE = "ug8GY5O88fkL9vIaYxNp7BsLY01CxFgDodjVLGyyFdE"


async def granted(house: House, member_id: int) -> Any:
    return await house.resources.pool.fetchval(
        "SELECT granted FROM consent WHERE member_id = $1 AND template_id = $2", member_id, TEMPLATE
    )


async def test_what_the_member_allows_is_counted_and_what_they_refuse_is_forgotten(house: House) -> None:
    phone = await house.follower()
    await house.session(phone)
    member_id = await house.member_of(phone)
    for expected in (1, 2):
        await phone.subscribe(TEMPLATE)
        await house.emulator.pushes()
        assert await granted(house, member_id) == expected
        house.clock.advance(5)
    await phone.subscribe(TEMPLATE, accept=False)
    await house.emulator.pushes()
    assert await granted(house, member_id) == 0


async def test_a_repeated_event_counts_once(house: House, line: Line) -> None:
    phone = await house.follower()
    await house.session(phone)
    entry = {"TemplateId": TEMPLATE, "SubscribeStatusString": "accept", "PopupScene": "0"}
    event = line.event(
        phone.miniapp_openid, "subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": [entry]}
    )
    event["ToUserName"] = house.emulator.config.miniapp.original_id
    for _ in range(3):
        assert await line.push(event, miniapp=True) is None
    assert await granted(house, await house.member_of(phone)) == 1


async def test_a_strangers_consent_makes_no_member(house: House, line: Line) -> None:
    entry = {"TemplateId": TEMPLATE, "SubscribeStatusString": "accept", "PopupScene": "0"}
    event = line.event("oStranger", "subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": [entry]})
    assert await line.push(event, miniapp=True) is None
    assert await house.ledger.count("member") == 0


async def test_permissions_are_used_up_one_by_one(house: House) -> None:
    pool, now = house.resources.pool, house.clock.now()
    await consent.grant(pool, 1, TEMPLATE, now)
    await consent.grant(pool, 1, TEMPLATE, now)
    taken = [await consent.take_one(pool, 1, TEMPLATE) for _ in range(3)]
    assert taken == [True, True, False]
    await consent.grant(pool, 1, TEMPLATE, now)
    await consent.revoke(pool, 1, TEMPLATE, now)
    assert not await consent.take_one(pool, 1, TEMPLATE)


@pytest.mark.parametrize(("status", "expected"), [("success", "delivered"), ("failed:user block", "failed")])
async def test_the_fate_of_a_template_message_closes_its_notice(
    house: House, line: Line, status: str, expected: str
) -> None:
    phone = await house.follower()
    await house.resources.pool.execute(
        "INSERT INTO notice (member_id, kind, key, receipt_no, payload, state, channel, message_id, created_at, due_at)"
        " VALUES ($1, 'expiry', 'k', 1, '{}', 'sent', 'template', '42', $2, $2)",
        await house.member_of(phone), house.clock.now(),
    )  # fmt: skip
    assert (
        await line.push(line.event(phone.oa_openid, "TEMPLATESENDJOBFINISH", MsgID=42, Status=status)) is None
    )
    assert await house.ledger.count("notice", state=expected) == 1
