"""The platform misbehaving: each fault strikes as often as asked and leaves the truth behind it."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.emulator.harness import Emulator, Phone

MENU = "/cgi-bin/menu/get"
SEND = "/cgi-bin/message/custom/send"


async def ask(emulator: Emulator) -> httpx.Response:
    params = {"access_token": await emulator.token()}
    return await emulator.client.get(MENU, params=params)


async def send(emulator: Emulator, phone: Phone) -> Any:
    body = {"touser": phone.oa_openid, "msgtype": "text", "text": {"content": "您好"}}
    return await emulator.call(SEND, body)


async def test_an_errcode_strikes_so_many_times(emulator: Emulator) -> None:
    await emulator.fault(MENU, "errcode", -1, times=2)
    assert [(await ask(emulator)).json()["errcode"] for _ in range(3)] == [-1, -1, 46003]
    assert await emulator.control("GET", "/faults") == []


async def test_a_star_strikes_any_path_but_no_push(emulator: Emulator) -> None:
    await emulator.fault("*", "errcode", 45009)
    assert (await (await emulator.phone()).follow())["attempts"] == 1
    params = {"access_token": "none"}
    assert (await emulator.client.get(MENU, params=params)).json()["errcode"] == 45009


async def test_faults_can_be_taken_back(emulator: Emulator) -> None:
    await emulator.fault(MENU, "errcode", -1, times=5)
    assert await emulator.control("DELETE", "/faults") == []
    assert (await ask(emulator)).json()["errcode"] == 46003


async def test_latency(emulator: Emulator) -> None:
    await emulator.fault(MENU, "latency", 0.2)
    loop = asyncio.get_running_loop()
    before = loop.time()
    assert (await ask(emulator)).json()["errcode"] == 46003
    assert loop.time() - before >= 0.2


async def test_a_bad_gateway_and_a_page(emulator: Emulator) -> None:
    await emulator.fault(MENU, "http_502")
    assert (await ask(emulator)).status_code == 502
    await emulator.fault(MENU, "html")
    page = await ask(emulator)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")


async def test_string_errcodes(emulator: Emulator) -> None:
    await emulator.fault(MENU, "string_errcode", 45009)
    assert (await ask(emulator)).json()["errcode"] == "45009"
    await emulator.fault(MENU, "string_errcode")
    assert (await ask(emulator)).json()["errcode"] == "46003"


@pytest.mark.parametrize(("kind", "delivered"), [("drop", 0), ("drop_after", 1)])
async def test_a_broken_connection_before_or_after_the_deed(
    emulator: Emulator, kind: str, delivered: int
) -> None:
    phone = await emulator.phone()
    await phone.follow()
    await emulator.fault(SEND, kind)
    with pytest.raises(httpx.TransportError):
        await send(emulator, phone)
    assert len(await phone.inbox("custom")) == delivered
    assert (await send(emulator, phone))["errcode"] == 0


async def test_a_removed_template_is_refused_and_the_others_are_not(emulator: Emulator) -> None:
    phone = await emulator.phone()
    await phone.follow()
    removed, other = [template for template in emulator.world.templates.values() if template.kind == "oa"][:2]
    await emulator.fault("*", "template_removed", removed.template_id, times=2)
    codes = []
    for template in (removed, other, removed, removed):
        body = {"touser": phone.oa_openid, "template_id": template.template_id, "data": {}}
        codes.append((await emulator.call("/cgi-bin/message/template/send", body))["errcode"])
    assert codes == [40037, 47003, 40037, 47003], "47003: without data"
    with pytest.raises(httpx.HTTPStatusError):
        await emulator.fault("*", "template_removed", 40037)
