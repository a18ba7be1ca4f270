"""The load of `jifen bench` against the real server: taken for WeChat's and a mini-program's, and counted truly."""

import asyncio
import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from bench.bench import Size
from bench.chat_answers import chat_text
from bench.child import child
from bench.dataset import Dataset, publish_and_fill, today
from bench.errors import ChildFailed, MembersUsedUp, WrongAnswers
from bench.ground import Ground, environment
from bench.load import check_answers, generate
from bench.messages import AMOUNT_FEN, EVENTS_A_REQUEST
from bench.serving import Serving
from bench.template import life
from tests.bench.test_bench import PROGRAMME
from tests.bot.told import SIGNED_IN
from tests.emulator import harness
from tests.house import EMULATOR, House
from tests.ledger import KEYS, ZONE, empty
from tests.partner_api.till import till

MEMBERS = 300


@pytest.fixture
async def plan(house: House) -> dict[str, Any]:
    """A plan of a short closed loop against the house, in whose books members have a past."""
    await empty(house.resources.pool)
    await publish_and_fill(
        str(house.resources.settings.database_url), PROGRAMME, MEMBERS, YESTERDAY, keyring=KEYS
    )
    house.clock.move_to(datetime.now(UTC))
    return {
        "first": 0, "count": MEMBERS, "members": MEMBERS, "salt": 1, "wheel": "hot", "visitors": 10, "short_below": 64,
        "app_id": harness.OA_APP_ID, "token": EMULATOR["oa_token"], "aes_key": harness.AES_KEY,
        "port": urlsplit(house.server_url).port, "connections": 8, "seconds": 30.0, "warm_s": 0.0,
    }  # fmt: skip


YESTERDAY = today(ZONE) - timedelta(days=1)


async def run(plan: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What the generator tells of a load."""

    def load() -> dict[str, Any]:
        with child("generator", plan | more) as generator:
            generator.start()
            return generator.result()

    return await asyncio.to_thread(load)


async def test_sign_ins_are_answered_and_stored_once_each(house: House, plan: dict[str, Any]) -> None:
    told = await run(plan, kind="sign_ins")
    check_answers(told, 200)
    assert (told["sent"], told["answered"], told["exhausted"]) == (MEMBERS, MEMBERS, True)
    assert SIGNED_IN in chat_text(plan, base64.b64decode(told["kept"][0]).decode())
    assert (told["kinds"], told["samples"]) == ({"signed_in": MEMBERS}, {})
    assert await house.ledger.count("check_in", day=today(ZONE)) == MEMBERS
    assert told["per_second"] > 0
    assert 0 < told["latency_ms"]["p50"] <= told["latency_ms"]["p99"] <= told["latency_ms"]["max"]


async def test_only_acknowledged_sign_ins_count_towards_the_rate(house: House, plan: dict[str, Any]) -> None:
    await run(plan, kind="sign_ins", count=100)
    told = await run(plan, kind="sign_ins", count=150, salt=2)
    assert told["kinds"] == {"signed_in": 50, "other": 100}
    assert "签" in told["samples"]["other"]
    assert told["statuses"] == {"200": 150}
    assert await house.ledger.count("check_in", day=today(ZONE)) == 150


async def test_a_load_that_is_through_before_the_clock_runs_has_a_rate(plan: dict[str, Any]) -> None:
    told = await run(plan, kind="visits", count=20, warm_s=30.0)
    assert told["exhausted"] is True
    assert told["per_second"] > 0


async def test_an_open_loop_counts_from_when_a_request_was_due(plan: dict[str, Any]) -> None:
    told = await run(plan, kind="sign_ins", rate=40.0, seconds=1.0)
    check_answers(told, 200)
    assert told["answered"] == 40
    assert told["within_5_s"] == 1.0


async def test_an_answer_that_does_not_come_is_hung_up_on_and_asked_for_anew() -> None:
    met = 0

    async def be_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal met
        met += 1
        await reader.read()
        writer.close()

    async with await asyncio.start_server(be_silent, "127.0.0.1", 0) as server:
        silent = {
            "kind": "pings", "first": 0, "count": 10, "port": server.sockets[0].getsockname()[1], "connections": 2,
            "rate": 50.0, "seconds": 0.2, "warm_s": 0.0, "timeout_s": 0.1, "short_below": 0,
        }  # fmt: skip
        told = await run(silent)
    assert (told["sent"], told["answered"], told["lost"], told["within_5_s"]) == (10, 0, 10, 0.0)
    assert met >= 10


async def test_visits_and_draws_are_a_members_own(house: House, plan: dict[str, Any]) -> None:
    told = await run(plan, kind="visits", count=30)
    check_answers(told, 200)
    assert json.loads(base64.b64decode(told["kept"][0]))["balance"] > 0
    told = await run(plan, kind="draws", count=30)
    check_answers(told, 201)
    assert await house.ledger.count("draw") == 30


async def test_purchases_are_reported_and_stored_once_each(house: House, plan: dict[str, Any]) -> None:
    shop = await till(house, ["events"])
    told = await run(plan, kind="events", count=3, key=shop.text)
    check_answers(told, 200)
    assert (told["sent"], told["answered"]) == (3, 3)
    assert await house.ledger.count("purchase", amount_fen=AMOUNT_FEN) == 3 * EVENTS_A_REQUEST


async def test_other_answers_than_expected_make_the_figures_void(plan: dict[str, Any]) -> None:
    told = await run(plan, kind="sign_ins", count=20, token="Another")
    with pytest.raises(WrongAnswers):
        check_answers(told, 200)


async def test_the_engines_own_loads_say_what_they_did(house: House, plan: dict[str, Any]) -> None:
    settings = environment(house.resources.settings)
    ours = {"settings": settings, "callers": 4, "processes": 1, "process": 0, "seconds": 0.5, "warm_s": 0.1}

    def load(module: str, **more: Any) -> dict[str, Any]:
        with child(module, plan | ours | more) as one:
            one.start()
            return one.result()

    drawn = await asyncio.to_thread(load, "calling", command="draw")
    assert drawn["asked"] == drawn["answered"] == await house.ledger.count("draw")
    assert drawn["cpu_s"] > 0
    for command, table in (("sign_in", "check_in"), ("purchase", "purchase")):
        before = await house.ledger.count(table)
        told = await asyncio.to_thread(load, "calling", command=command, count=20, first=100)
        assert (told["asked"], told["answered"]) == (20, 20)
        assert await house.ledger.count(table) == before + 20
    again = await asyncio.to_thread(load, "backtesting", days=1)
    assert (again["stopped"], again["peak_mib"] > 0) == ({}, True)
    assert again["receipts"] == drawn["answered"] + 40


def test_members_who_are_used_up_are_told(tmp_path: Path) -> None:
    history = life(PROGRAMME.rules, ZONE, YESTERDAY)
    dataset = Dataset("used_up", "", 10, history, PROGRAMME, postmaster=1, taken={"sign_ins": 10})
    size = Size.of(quick=False, members=10, seconds=1.0)
    with pytest.raises(MembersUsedUp, match="10 位会员"):
        generate(Ground(tmp_path, "", None), dataset, Serving(1, ()), "sign_ins", size, rounds=1)


async def test_a_child_that_dies_is_missed(plan: dict[str, Any]) -> None:
    with pytest.raises(ChildFailed):
        await run(plan, kind="nothing of the kind")
