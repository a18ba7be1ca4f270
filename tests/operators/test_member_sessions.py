"""Ending a member's own sessions: refused from the next request on, once in the operation log, by those who may."""

import asyncio

import pytest

from operators.members.account import end_sessions
from operators.operation_log.pages import Filters, list_operations
from operators.reasons import BadText
from operators.roles import NotAllowed, Role
from tests.house import House
from tests.miniapp_api.client import send
from tests.operators.desks import desk_for, owner_desk


async def test_ended_sessions_are_refused_at_once_and_the_phone_logs_in_anew(house: House) -> None:
    phone, friend = await house.phone(), await house.phone("小红")
    first, second, other = [await house.session(one) for one in (phone, phone, friend)]
    member = await house.member_of(phone)
    desk = await desk_for(house.ledger, "小王", "operations")
    assert (await send(house, "GET", "/me", first)).status == 200
    both = await asyncio.gather(*(end_sessions(desk, member, " 手机丢了 ") for _ in range(2)))
    assert sorted(both) == [0, 2], "of two at once, one ends them"
    for headers in (first, second):
        refused = await send(house, "GET", "/me", headers)
        assert (refused.status, refused.code) == (401, "unauthorized")
        assert refused.json["detail"] == "登录已过期，请重新登录。"
    assert (await send(house, "GET", "/me", other)).status == 200
    (row,) = await list_operations(house.ledger.pool, Filters(member_id=member))
    assert (row.label, row.operator, row.reason, row.after) == (
        "让会员重新登录",
        "小王",
        "手机丢了",
        {"sessions": 2},
    )
    fresh = await house.session(phone)
    assert (await send(house, "GET", "/me", fresh)).status == 200


async def test_a_session_that_had_expired_is_not_counted(house: House) -> None:
    phone = await house.phone()
    await house.session(phone)
    member, desk = await house.member_of(phone), owner_desk(house.ledger)
    house.clock.advance(31 * 24 * 3600)
    assert await end_sessions(desk, member, "手机丢了") == 0
    assert await house.ledger.count("session") == 0
    assert await house.ledger.count("operation") == 0


REFUSED: list[tuple[Role, str]] = [("finance", "财务"), ("auditor", "审计"), ("clerk", "店员")]


async def test_other_roles_and_bad_reasons_end_nothing(house: House) -> None:
    phone = await house.phone()
    headers = await house.session(phone)
    member = await house.member_of(phone)
    for role, name in REFUSED:
        desk = await desk_for(house.ledger, f"one-{role}", role, "sh-01" if role == "clerk" else None)
        with pytest.raises(NotAllowed, match=f"{name}不能让会员重新登录"):
            await end_sessions(desk, member, "手机丢了")
    with pytest.raises(BadText, match="请写明原因"):
        await end_sessions(owner_desk(house.ledger), member, " ")
    assert (await send(house, "GET", "/me", headers)).status == 200
