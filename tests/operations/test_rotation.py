"""A change of the EncodingAESKey as docs/operations.md tells it: while it goes on both keys are understood."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.answers import points_left
from emulator.wire import PushKeys
from tests.bot.line import Line
from tests.bot.told import SIGNED_IN
from tests.emulator import harness
from tests.house import House, open_house

NEW_KEY = harness.AES_KEY[::-1]


@pytest.fixture
async def house(
    migrated_url: str, redis_url: str, tmp_path: Path, unused_tcp_port: int
) -> AsyncIterator[House]:
    """A server that has the new key in place and the platform's as the previous one."""
    keys = {
        "oa_encoding_aes_key": SecretStr(NEW_KEY),
        "oa_encoding_aes_key_previous": SecretStr(harness.AES_KEY),
    }
    async with open_house(migrated_url, redis_url, tmp_path, unused_tcp_port, **keys) as opened:
        yield opened


class NewLine(Line):
    """The platform after the change."""

    def keys(self, account: object) -> PushKeys:
        return PushKeys(self.house.emulator.config.oa_token, NEW_KEY, harness.OA_APP_ID)


async def test_both_keys_are_understood_and_answered_in_kind(house: House) -> None:
    phone = await house.follower()
    assert (await phone.say("签到"))["replies"][0]["content"].startswith(SIGNED_IN)
    assert points_left(110) in await Line(house).say(phone, "积分")
    assert points_left(110) in await NewLine(house).say(phone, "积分")
