"""F7: pushes that are forged, replayed, of another account, too large, nested, cut short, with entities: refused without effect."""

import asyncio
import io
import time
from dataclasses import replace

import aiohttp
import pytest

from emulator.wire import Push, PushKeys, build_push
from tests.faults.crowd import Crowd, open_crowd
from tests.faults.installation import Installation
from tests.faults.members import Member

pytestmark = pytest.mark.asyncio(loop_scope="session")

LATER_S = 3 * 3600
ENTITY = b'<!DOCTYPE xml [<!ENTITY a "a"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def pushed(member: Member, *, app_id: str | None = None, token: str | None = None, **fields: str) -> Push:
    """A sign-in as the platform would push it, but for the given details."""
    config = member.installation.emulator.config
    keys = PushKeys(token or config.oa_token, config.oa_encoding_aes_key, app_id or config.oa_app_id)
    now = int(member.installation.clock.now().timestamp())
    return build_push(member.message("签到") | fields, keys, "safe", "xml", now)


def hostile(member: Member) -> dict[str, Push]:
    """Pushes by what is wrong with them."""
    whole = pushed(member)
    plain = whole.query | {"encrypt_type": "raw"}
    return {
        "forged": pushed(member, token="anotherToken"),
        "signature cut": replace(
            whole, query=whole.query | {"msg_signature": whole.query["msg_signature"][:39]}
        ),
        "no signature": replace(whole, query={"timestamp": whole.query["timestamp"], "nonce": "1"}),
        "another account": pushed(member, app_id="wx0000000000000000"),
        "no app id": pushed(member, app_id=" "),
        "another nonce": replace(whole, query=whole.query | {"nonce": "2"}),
        "truncated": replace(whole, body=whole.body[:-20]),
        "half": replace(whole, body=whole.body[: len(whole.body) // 2]),
        "empty": replace(whole, body=b""),
        "entities": replace(whole, body=ENTITY + whole.body),
        "entity inside": replace(whole, body=ENTITY + whole.body.replace(b"<Encrypt>", b"<Encrypt>&b;")),
        "nested": replace(whole, body=b"<a>" * 20_000 + whole.body + b"</a>" * 20_000),
        "nested inside": replace(
            whole, body=b"<xml>" + b"<Encrypt>" * 3000 + b"</Encrypt>" * 3000 + b"</xml>"
        ),
        "too large": replace(whole, body=whole.body + b" " * 70_000),
        "far too large": replace(whole, body=b"<xml>" + b"x" * 10_000_000),
        "no utf-8": replace(whole, body=b"\xff\xfe" + whole.body),
        "zero bytes": replace(whole, body=whole.body.replace(b"<Encrypt>", b"<Encrypt>\x00")),
        "plain to a safe account": Push(
            plain, b"<xml><MsgType>text</MsgType><Content>a</Content></xml>", "text/xml"
        ),
    }


async def post(crowd: Crowd, push: Push) -> int | None:
    """The status; None when the connection was ended instead."""
    url = f"{crowd.installation.front.url}/wechat"
    try:
        async with crowd.http.post(url, params=push.query, data=io.BytesIO(push.body)) as answer:
            assert await answer.text() in ("refused", "success") or answer.status == 200
            return answer.status
    except aiohttp.ClientError:
        return None


async def test_hostile_pushes_have_no_effect_and_keep_nobody_waiting(installation: Installation) -> None:
    async with open_crowd(installation, 2) as crowd:
        target, bystander = crowd.members
        answers = {what: await post(crowd, push) for what, push in hostile(target).items()}
        assert {what: status for what, status in answers.items() if status not in (403, 413, None)} == {}
        assert [what for what, status in answers.items() if status is None] in ([], ["far too large"])
        flood = [
            asyncio.create_task(post(crowd, push)) for push in hostile(target).values() for _ in range(5)
        ]
        began = time.monotonic()
        assert (await bystander.say("签到")).verdict == "done"
        assert time.monotonic() - began < 5
        await asyncio.gather(*flood)
        await crowd.check()


async def test_a_replay_is_answered_within_the_window_and_refused_after_it(
    installation: Installation,
) -> None:
    async with open_crowd(installation, 1) as crowd:
        [member] = crowd.members
        fields = member.message("签到")
        config = installation.emulator.config
        keys = PushKeys(config.oa_token, config.oa_encoding_aes_key, config.oa_app_id)
        recorded = build_push(fields, keys, "safe", "xml", int(installation.clock.now().timestamp()))
        await member.push(fields, "message")
        assert await post(crowd, recorded) == 200
        installation.clock.advance(LATER_S)
        assert await post(crowd, recorded) == 403
        await crowd.check()
