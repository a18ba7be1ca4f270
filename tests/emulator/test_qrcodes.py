"""Codes to scan: tickets, pictures, scenes, limits."""

import io
from pathlib import Path
from typing import Any

from PIL import Image

from tests.emulator.harness import Emulator, running_emulator
from tests.emulator.webhook import Webhook

CREATE = "/cgi-bin/qrcode/create"
UNLIMITED = "/wxa/getwxacodeunlimit"


def temporary(scene: str = "inv_7Qk2", **changed: Any) -> dict[str, Any]:
    return {"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": scene}}, **changed}


def permanent(scene: str) -> dict[str, Any]:
    return {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": scene}}}


def numeric(number: Any, action: str = "QR_SCENE") -> dict[str, Any]:
    return {"action_name": action, "action_info": {"scene": {"scene_id": number}}}


async def test_shapes(emulator: Emulator) -> None:
    made = await emulator.call(CREATE, temporary(expire_seconds=604800))
    assert made.keys() == {"ticket", "expire_seconds", "url"}
    assert made["expire_seconds"] == 604800
    assert (await emulator.call(CREATE, temporary()))["expire_seconds"] == 60
    assert (await emulator.call(CREATE, permanent("store_12"))).keys() == {"ticket", "url"}


async def test_refusals(emulator: Emulator) -> None:
    table: list[tuple[dict[str, Any], int]] = [
        ({}, 40053),
        ({"action_name": "QR_STR_SCENE"}, 40053),
        (temporary(action_name="QR_OTHER"), 40053),
        (temporary(scene=""), 40053),
        (temporary(scene="x" * 65), 40053),
        (temporary(expire_seconds=2_592_001), 40053),
        (temporary(expire_seconds="60"), 40053),
        (numeric(0), 40053),
        (numeric(2**32), 40053),
        (numeric("1"), 40053),
        (numeric(100_001, "QR_LIMIT_SCENE"), 40053),
        ({"action_name": "QR_STR_SCENE", "action_info": {"scene": "inv"}}, 40053),
    ]
    for body, expected in table:
        assert (await emulator.call(CREATE, body))["errcode"] == expected, body
    for body in (temporary(scene="x" * 64, expire_seconds=2_592_000), numeric(2**32 - 1)):
        assert "ticket" in await emulator.call(CREATE, body), body


async def test_the_picture(emulator: Emulator) -> None:
    made = await emulator.call(CREATE, temporary())
    shown = await emulator.client.get("/cgi-bin/showqrcode", params={"ticket": made["ticket"]})
    assert shown.headers["content-type"] == "image/jpg"
    assert Image.open(io.BytesIO(shown.content)).size == (430, 430)
    assert (await emulator.client.get("/cgi-bin/showqrcode", params={"ticket": "none"})).status_code == 404


async def test_scanning_a_ticket(emulator: Emulator, webhook: Webhook) -> None:
    made = await emulator.call(CREATE, temporary(expire_seconds=100))
    phone = await emulator.phone()
    await phone.scan(ticket=made["ticket"])
    fields = webhook.fields()
    assert (fields["EventKey"], fields["Ticket"]) == ("qrscene_inv_7Qk2", made["ticket"])
    await phone.scan(scene="inv_7Qk2")
    assert webhook.fields()["Ticket"] == made["ticket"]
    emulator.clock.advance(100)
    late = await emulator.client.post(
        f"/emulator/v1/phones/{phone.phone_id}/scan", json={"ticket": made["ticket"]}
    )
    assert (late.status_code, late.json()["detail"]) == (409, "二维码已过期")
    assert len(webhook.messages) == 2


async def test_a_numeric_scene_is_told_as_a_number_by_user_info(emulator: Emulator) -> None:
    made = await emulator.call(CREATE, numeric(77))
    phone = await emulator.phone()
    await phone.scan(ticket=made["ticket"])
    info = await emulator.call("/cgi-bin/user/info", openid=phone.oa_openid)
    assert (info["qr_scene"], info["qr_scene_str"]) == (77, "")


async def test_forgetting_the_inner_scene_gives_the_scene_zero(emulator: Emulator, webhook: Webhook) -> None:
    forgotten = {"action_name": "QR_STR_SCENE", "action_info": {"scene_str": "inv_7Qk2"}}
    made = await emulator.call(CREATE, forgotten)
    await (await emulator.phone()).scan(ticket=made["ticket"])
    assert webhook.fields()["EventKey"] == "qrscene_0"


async def test_permanent_codes_run_out(tmp_path: Path, webhook: Webhook) -> None:
    async with running_emulator(tmp_path, webhook.url, permanent_qrcode_limit=2) as emulator:
        answers = [await emulator.call(CREATE, permanent(scene)) for scene in ("a", "b", "a", "c")]
        assert ["ticket" in answer for answer in answers] == [True, True, True, False]
        assert answers[3]["errcode"] == 45029
        assert "ticket" in await emulator.call(CREATE, temporary("c"))


async def test_miniapp_codes(emulator: Emulator) -> None:
    body = {"scene": "inv_7Qk2", "page": "pages/referral/index", "width": 300}
    query = {"access_token": await emulator.token("miniapp")}
    drawn = await emulator.client.post(UNLIMITED, params=query, json=body)
    assert drawn.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(drawn.content)).size == (300, 300)


async def test_miniapp_code_refusals(emulator: Emulator) -> None:
    table: list[tuple[dict[str, Any], int]] = [
        ({"scene": ""}, 40169),
        ({"scene": "x" * 33}, 40169),
        ({"scene": "邀请"}, 40169),
        ({"scene": "a%20b"}, 40169),
        ({"scene": "a b"}, 40169),
        ({"scene": None}, 40169),
        ({"page": "/pages/referral/index"}, 41030),
        ({"page": "pages/referral/index?a=1"}, 41030),
        ({"page": "pages/none"}, 41030),
        ({"width": 279}, 40097),
        ({"width": 1281}, 40097),
        ({"env_version": "beta"}, 40097),
    ]
    for changed, expected in table:
        body = {"scene": "inv_7Qk2", "page": "pages/referral/index", **changed}
        assert (await emulator.call(UNLIMITED, body, kind="miniapp"))["errcode"] == expected, changed


async def test_an_unreleased_page_passes_without_the_check(emulator: Emulator) -> None:
    query = {"access_token": await emulator.token("miniapp")}
    body = {"scene": "!#$&'()*+,/:;=?@-._~azAZ09", "page": "pages/none", "check_path": False}
    assert (await emulator.client.post(UNLIMITED, params=query, json=body)).content.startswith(b"\xff\xd8")
