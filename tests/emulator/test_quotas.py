"""Daily and minute quotas, and clearing them."""

from pathlib import Path

from tests.emulator.harness import OA_APP_ID, START, MovableClock, running_emulator
from tests.emulator.webhook import Webhook

MENU = "/cgi-bin/menu/get"


async def test_a_daily_quota_ends_at_midnight_in_beijing(tmp_path: Path, webhook: Webhook) -> None:
    clock = MovableClock(START.replace(hour=15, minute=0))  # 23:00 in Beijing
    async with running_emulator(tmp_path, webhook.url, clock=clock, daily_limits={MENU: 2}) as emulator:
        answers = [(await emulator.call(MENU))["errcode"] for _ in range(3)]
        assert answers == [46003, 46003, 45009]
        clock.advance(3599)
        assert (await emulator.call(MENU))["errcode"] == 45009
        clock.advance(1)
        assert (await emulator.call(MENU))["errcode"] == 46003


async def test_clearing_works_ten_times_a_month(tmp_path: Path, webhook: Webhook) -> None:
    async with running_emulator(tmp_path, webhook.url, daily_limits={MENU: 0}) as emulator:
        assert (await emulator.call("/cgi-bin/clear_quota", {"appid": "wx-other"}))["errcode"] == 40013
        answers = [
            (await emulator.call("/cgi-bin/clear_quota", {"appid": OA_APP_ID}))["errcode"] for _ in range(11)
        ]
        assert answers == [0] * 10 + [48006]
        emulator.clock.advance(31 * 86400)
        assert (await emulator.call("/cgi-bin/clear_quota", {"appid": OA_APP_ID}))["errcode"] == 0


async def test_clearing_gives_the_day_back(tmp_path: Path, webhook: Webhook) -> None:
    async with running_emulator(tmp_path, webhook.url, daily_limits={MENU: 1}) as emulator:
        assert [(await emulator.call(MENU))["errcode"] for _ in range(2)] == [46003, 45009]
        await emulator.call("/cgi-bin/clear_quota", {"appid": OA_APP_ID})
        assert (await emulator.call(MENU))["errcode"] == 46003


async def test_token_calls_are_counted_too(tmp_path: Path, webhook: Webhook) -> None:
    async with running_emulator(tmp_path, webhook.url, daily_limits={"/cgi-bin/token": 1}) as emulator:
        account = emulator.config.oa
        query = {"grant_type": "client_credential", "appid": account.app_id, "secret": account.secret}
        answers = [(await emulator.client.get("/cgi-bin/token", params=query)).json() for _ in range(2)]
        assert "access_token" in answers[0]
        assert answers[1]["errcode"] == 45009


async def test_what_is_left_of_a_quota(tmp_path: Path, webhook: Webhook) -> None:
    async with running_emulator(tmp_path, webhook.url, daily_limits={MENU: 3}) as emulator:
        await emulator.call(MENU)
        ask = "/cgi-bin/openapi/quota/get"
        answer = await emulator.call(ask, {"cgi_path": MENU})
        assert answer["quota"] == {"daily_limit": 3, "used": 1, "remain": 2}
        assert (await emulator.call(ask, {"cgi_path": "/cgi-bin/none"}))["errcode"] == 76021
