"""Invitations through the mini-program."""

import pytest

from loyalty.checkin.commands import CheckIn
from tests.house import House
from tests.miniapp_api.client import Mini, mini, without_request_id


@pytest.fixture
async def hong(ming: Mini) -> Mini:
    """A friend who joined after 小明."""
    return await mini(ming.house, "小红")


async def _code(member: Mini) -> str:
    return str((await member.get("/referral")).json["code"])


async def test_a_members_own_invitation(ming: Mini) -> None:
    referral = (await ming.get("/referral")).json
    assert referral["scene"] == f"inv_{referral['code']}"
    assert len(referral["scene"]) <= 32
    assert (referral["invited"], referral["qualified"], referral["earned_points"]) == (0, 0, 0)
    assert referral["ladder"] == [
        {"qualified": 3, "bonus": 50, "reached": False},
        {"qualified": 10, "bonus": 200, "reached": False},
    ]


async def test_a_friend_who_qualifies(ming: Mini, hong: Mini) -> None:
    await ming.put("/me/profile", {"nickname": "小明"})
    answer = await hong.post("/referral/bind", {"code": await _code(ming)})
    assert (answer.status, answer.json) == (200, {"inviter": {"name": "小**"}})
    assert (await ming.get("/referral")).json["invited"] == 1
    signed = await hong.once("/check-ins", {})
    assert signed.status == 201
    await ming.house.resources.engine.settle()
    referral = (await ming.get("/referral")).json
    assert (referral["qualified"], referral["earned_points"]) == (1, 50)
    assert (await ming.get("/me")).json["balance"] == 150
    assert (await hong.get("/me")).json["balance"] == 130
    assert [item["title"] for item in (await ming.get("/me/entries")).json["items"]] == ["邀请奖励", "新人礼"]
    assert [item["title"] for item in (await hong.get("/me/entries")).json["items"]] == [
        "受邀礼",
        "每日签到",
        "新人礼",
    ]


async def test_the_scene_binds_as_the_code_does(ming: Mini, hong: Mini) -> None:
    scene = (await ming.get("/referral")).json["scene"]
    assert (await hong.post("/referral/bind", {"code": scene})).status == 200


async def test_an_inviter_is_settled_once(ming: Mini, hong: Mini) -> None:
    li = await mini(ming.house, "小李")
    assert (await li.post("/referral/bind", {"code": await _code(ming)})).status == 200
    for inviter in (ming, hong):
        answer = await li.post("/referral/bind", {"code": await _code(inviter)})
        assert (answer.status, answer.code) == (409, "already_bound")
        assert "inviter_id" not in answer.json


async def test_a_bind_may_be_repeated_under_its_key(ming: Mini, hong: Mini) -> None:
    body = {"code": await _code(ming)}
    first = await hong.post("/referral/bind", body, key="b")
    again = await hong.post("/referral/bind", body, key="b")
    assert (first.status, first.replayed) == (200, False)
    assert (again.status, again.raw, again.replayed) == (200, first.raw, True)


async def test_a_refused_bind_is_kept_under_its_key(ming: Mini, hong: Mini) -> None:
    """What the key was answered comes first, whatever has happened and whatever other code is sent."""
    unknown = await hong.post("/referral/bind", {"code": "nobody"}, key="typo")
    again = await hong.post("/referral/bind", {"code": "nobody"}, key="typo")
    assert (unknown.status, unknown.code, unknown.replayed) == (404, "unknown_referral_code", False)
    assert (again.status, again.replayed, without_request_id(again)) == (
        404,
        True,
        without_request_id(unknown),
    )
    mended = {"code": await _code(ming)}
    reused = await hong.post("/referral/bind", mended, key="typo")
    assert (reused.status, reused.code) == (422, "idempotency_key_reused")
    assert (await hong.post("/referral/bind", mended, key="right")).status == 200
    reused = await hong.post("/referral/bind", {"code": "nobody"}, key="right")
    assert (reused.status, reused.code) == (422, "idempotency_key_reused")
    assert (await hong.post("/referral/bind", mended, key="right")).replayed


async def test_who_cannot_be_bound(ming: Mini, hong: Mini) -> None:
    self_referral = await ming.post("/referral/bind", {"code": await _code(ming)})
    assert (self_referral.status, self_referral.code) == (409, "self_referral")
    too_new = await ming.post("/referral/bind", {"code": await _code(hong)})
    assert (too_new.status, too_new.code) == (409, "inviter_too_new")
    await hong.run(CheckIn)
    too_late = await hong.post("/referral/bind", {"code": await _code(ming)})
    assert (too_late.status, too_late.code) == (409, "referral_too_late")
    unknown = await hong.post("/referral/bind", {"code": "nobody"})
    assert (unknown.status, unknown.code) == (404, "unknown_referral_code")
    for body in ({}, {"code": ""}, {"code": 1}, {"code": "签"}, {"code": "x" * 65}, {"code": "a", "b": 1}):
        invalid = await hong.post("/referral/bind", body)
        assert (invalid.status, invalid.code) == (422, "invalid"), body
    assert await ming.house.ledger.count("referral") == 0


async def test_pictures(ming: Mini) -> None:
    for path in ("/referral/qrcode.png", "/referral/poster.png"):
        for query in ({}, {"kind": "oa"}, {"kind": "miniapp"}):
            answer = await ming.get(path, **query)
            assert answer.status == 200, (path, query)
            assert answer.headers["Content-Type"] == "image/png"
            assert answer.raw.startswith(b"\x89PNG\r\n\x1a\n")
        wrong = await ming.get(path, kind="sms")
        assert (wrong.status, wrong.code) == (422, "invalid")


async def test_a_client_that_has_the_picture_gets_no_second_copy(ming: Mini) -> None:
    for path in ("/referral/qrcode.png", "/referral/poster.png"):
        first = await ming.get(path)
        tag, kept = first.headers["ETag"], first.headers["Cache-Control"]
        assert kept.startswith("private, "), "no cache between may give it to others"
        ming.headers["If-None-Match"] = tag
        again = await ming.get(path)
        assert (again.status, again.raw, again.headers["ETag"]) == (304, b"", tag)
        ming.headers["If-None-Match"] = '"another"'
        assert (await ming.get(path)).raw == first.raw
        del ming.headers["If-None-Match"]


async def test_pictures_need_the_platform(house: House) -> None:
    ming = await mini(house)
    await house.emulator.fault("/cgi-bin/qrcode/create", "http_502", times=9)
    answer = await ming.get("/referral/qrcode.png")
    assert (answer.status, answer.code) == (503, "wechat_unavailable")
