"""The webhook's path as operators type it."""

import pytest
from structlog.testing import capture_logs

from emulator.replies import read_reply
from emulator.wire import build_push
from tests.bot.line import Line
from tests.bot.told import SIGNED_IN
from tests.house import House


async def test_a_slash_at_the_end_makes_no_difference(house: House, line: Line) -> None:
    fields = line.text(await house.follower(), "签到")
    async with house.http.get(f"{line.url}/", params=line.signed(echostr="42")) as answer:
        assert (answer.status, await answer.text()) == (200, "42")
    keys = line.keys(house.emulator.config.oa)
    push = build_push(fields, keys, "safe", "xml", int(house.clock.now().timestamp()))
    async with house.http.post(f"{line.url}/", params=push.query, data=push.body) as answer:
        reply = read_reply(await answer.read(), keys, "safe", "xml", fields)
    assert reply is not None
    assert reply.content.startswith(SIGNED_IN)


@pytest.mark.parametrize("path", ["/", "/weixin", "/wechat/wechat", "/wx" + "x" * 500])
async def test_a_push_to_a_wrong_path_is_named_in_the_log(house: House, line: Line, path: str) -> None:
    with capture_logs() as logs:
        async with house.http.post(
            house.server_url + path, params=line.signed(), data=b"<xml></xml>"
        ) as answer:
            assert answer.status == 404
    [line_of_log] = [one for one in logs if one["event"] == "push_to_wrong_path"]
    assert (line_of_log["path"], line_of_log["right_path"]) == (path[:200], "/wechat")


async def test_other_unknown_paths_are_not_logged(house: House) -> None:
    with capture_logs() as logs:
        async with house.http.get(f"{house.server_url}/favicon.ico?timestamp=1") as answer:
            assert answer.status == 404
    assert [one for one in logs if one["event"] == "push_to_wrong_path"] == []
