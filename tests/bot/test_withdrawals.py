"""Consents withdrawn and accounts closed at WeChat: the nickname goes first, once per event, and nothing of others."""

from pathlib import Path
from typing import Any

import pytest

from channels import consent
from tests.bot.line import Line
from tests.house import House
from tests.miniapp_api.client import Mini, mini
from wechat.body import read_body

CASE = Path(__file__).parents[1] / "data" / "field_cases" / "b11_withdrawn_consent.xml"
TEMPLATE = "T1"


async def named(house: House, name: str = "小明") -> Mini:
    ming = await mini(house, name)
    assert (await ming.put("/me/profile", {"nickname": name})).status == 200
    return ming


async def openid_of(ming: Mini) -> str:
    found = await ming.house.resources.pool.fetchval(
        "SELECT subject FROM identity WHERE member_id = $1 AND provider = $2",
        ming.member_id, ming.house.resources.mini_program.app_id,
    )  # fmt: skip
    return str(found)


async def nickname(ming: Mini) -> Any:
    return (await ming.get("/me")).json["nickname"]


async def withdrawn(line: Line, ming: Mini, **fields: object) -> dict[str, object]:
    """The event of the field case, about this member."""
    body, _ = read_body(CASE.read_bytes().split(b"-->", 1)[1])
    now = int(line.house.clock.now().timestamp())
    return {**body, "CreateTime": now, "OpenID": await openid_of(ming), **fields}


@pytest.mark.parametrize("form", ["xml", "json"])
async def test_a_withdrawn_nickname_is_forgotten_once_per_event(house: House, line: Line, form: str) -> None:
    ming, hong = await named(house), await named(house, "小红")
    event = await withdrawn(line, ming)
    assert await line.push(event, miniapp=True, form=form) is None
    assert (await nickname(ming), await nickname(hong)) == (None, "小红")
    await ming.put("/me/profile", {"nickname": "小明二"})
    for _ in range(3):
        assert await line.push(event, miniapp=True, form=form) is None
    assert await nickname(ming) == "小明二", "given anew, under a new consent"
    assert await house.ledger.count("consent_withdrawal") == 1


@pytest.mark.parametrize(
    ("scope", "left"),
    [
        ("6", None),
        ("19", None),
        ("205", None),
        ("301", None),
        ("", None),
        ("8", "小明"),
        ("13", "小明"),
        ("60", "小明"),
    ],
)
async def test_which_scopes_cover_the_nickname(
    house: House, line: Line, scope: str, left: str | None
) -> None:
    ming = await named(house)
    assert await line.push(await withdrawn(line, ming, RevokeInfo=scope), miniapp=True) is None
    assert await nickname(ming) == left


async def test_two_members_who_withdraw_in_the_same_second(house: House, line: Line) -> None:
    """Both events come from the same account of the platform."""
    members = [await named(house), await named(house, "小红")]
    for one in members:
        await line.push(await withdrawn(line, one), miniapp=True)
    assert [await nickname(one) for one in members] == [None, None]


async def test_a_withdrawn_nickname_is_forgotten_of_a_merged_half_too(house: House, line: Line) -> None:
    ming, half, other = await named(house), await named(house, "小明旧名"), await named(house, "小红")
    await house.resources.pool.execute(
        "INSERT INTO merged_half (member_id, other_id, receipt_no, via_id) VALUES ($1, $2, 1, $2)",
        ming.member_id, half.member_id,
    )  # fmt: skip
    await line.push(await withdrawn(line, ming), miniapp=True)
    assert [await nickname(one) for one in (ming, half, other)] == [None, None, "小红"]


async def test_a_closed_account_loses_all_that_was_given(house: House, line: Line) -> None:
    ming = await named(house)
    pool = house.resources.pool
    await consent.grant(pool, ming.member_id, TEMPLATE, house.clock.now())
    house.clock.advance(60)
    event = await withdrawn(line, ming, Event="user_authorization_cancellation")
    event.pop("RevokeInfo")
    for _ in range(2):
        assert await line.push(event, miniapp=True) is None
    assert await nickname(ming) is None
    left = await consent.permission(pool, ming.member_id, TEMPLATE)
    assert left is not None
    assert left.granted == 0
    assert await house.ledger.count("consent_withdrawal") == 1
    assert (await ming.get("/me")).json["balance"] > 0


async def test_a_stranger_who_withdraws_makes_no_member(house: House, line: Line) -> None:
    ming = await named(house)
    assert await line.push(await withdrawn(line, ming, OpenID="oStranger"), miniapp=True) is None
    assert await nickname(ming) == "小明"
    assert (await house.ledger.count("consent_withdrawal"), await house.ledger.count("member")) == (0, 1)


async def test_a_profile_that_wechat_emptied_is_checked_anew(house: House, line: Line) -> None:
    ming = await named(house)
    await line.push(await withdrawn(line, ming, Event="user_info_modified"), miniapp=True)
    assert await nickname(ming) == "小明"
    assert await house.ledger.count("member", nickname_checked=False) == 1


async def test_the_emulators_phone_withdraws(house: House) -> None:
    phone = await house.phone()
    ming = Mini(house, 0, await house.session(phone))
    bodies: list[dict[str, object]] = [{"revoke_info": "6"}, {}]
    for body in bodies:
        await ming.put("/me/profile", {"nickname": "小明"})
        done = await house.emulator.control("POST", f"/phones/{phone.phone_id}/withdraw", body)
        assert (done["attempts"], done["fault"]) == (1, None)
        assert await nickname(ming) is None
