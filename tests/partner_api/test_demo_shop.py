"""The demo's shop, and the file that says where its doors are."""

import asyncio
import json
import stat
import threading
from typing import Any

import pytest

from base.clock import MovableClock
from operators.roles import ROLES
from partner_api.keys import find_key, revoke_key
from runtime.demo import shop as demo_shop
from runtime.demo.doors import Doors, doors_path, open_doors
from runtime.demo.past import HELD, NAMES
from runtime.demo.shop import Shop, reporter
from tests.emulator.harness import MINIAPP_APP_ID
from tests.house import House
from tests.ledger import START, demo_rules


async def open_doors_of(house: House) -> Doors:
    doors = await open_doors(house.resources, "jingan")
    return Doors(**(doors | {"server": house.server_url}))


async def test_the_file_is_its_owners_and_the_key_stays(house: House) -> None:
    first = await open_doors_of(house)
    path = doors_path(house.resources.settings)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    said = json.loads(path.read_text(encoding="utf-8"))
    assert said == {
        "server": "http://127.0.0.1:8080",
        "emulator": "http://127.0.0.1:8090",
        "clerk": "http://127.0.0.1:8080/clerk",
        "console": "http://127.0.0.1:8081",
        "operators": first["operators"],
        "partner_key": first["partner_key"],
    }
    assert [one["role"] for one in said["operators"]] == list(ROLES)
    key = await find_key(house.resources.pool, first["partner_key"], house.clock.now())
    assert key is not None
    assert len(key.scopes) == 6
    again = await open_doors_of(house)
    assert (again["partner_key"], again["operators"]) == (first["partner_key"], first["operators"])
    await revoke_key(house.resources.pool, key.id, house.clock.now())
    assert (await open_doors_of(house))["partner_key"] != first["partner_key"]
    path.write_text("{broken", encoding="utf-8")
    await open_doors_of(house)
    assert json.loads(path.read_text(encoding="utf-8"))["partner_key"]


async def test_regulars_buy_and_their_points_grow(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """One point per yuan, at once: what the shop reports is accepted, refunds included."""
    monkeypatch.setattr(demo_shop, "REFUND_PERCENT", 30)
    for number in range(1, len(NAMES) + 1):
        await house.ledger.member(**{MINIAPP_APP_ID: f"demo-regular-{number}"})
    report = reporter(await open_doors_of(house))
    results: list[tuple[dict[str, Any], dict[str, Any]]] = []

    def sell(events: list[dict[str, Any]]) -> None:
        results.extend((events[0], one) for one in report(events))

    shop = Shop(house.clock, sell)
    for _ in range(30):
        await asyncio.to_thread(sell, [shop.next_event()])
    assert {one["status"] for _, one in results} == {"applied"}
    bought = [(event, one) for event, one in results if event["type"] == "purchase"]
    assert all(one["points"] == event["amount_fen"] // 100 and not one["pending"] for event, one in bought)
    assert len(bought) < 30, "some wanted their money back"
    assert str(HELD) not in {event["member"]["miniapp_openid"].rpartition("-")[2] for event, _ in results}
    assert {store.id for store in demo_rules().stores} == {event["store_id"] for event, _ in results}


def test_a_server_that_is_away_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_shop, "PAUSE_S", (0, 0))
    closed = threading.Event()
    tries: list[list[dict[str, Any]]] = []

    def away(events: list[dict[str, Any]]) -> None:
        tries.append(events)
        if len(tries) == 3:
            closed.set()
        raise ConnectionRefusedError

    Shop(MovableClock(START), away).open_until(closed)
    assert len(tries) == 3
