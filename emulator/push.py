"""Pushes to the webhook: up to three attempts of five seconds each, and the reply read from the answer.

Source: WeChat docs, 消息推送. The documentation does not say whether a retry carries a fresh timestamp and nonce, so
every other push keeps them on its retries and the others renew them; the MsgId always stays. A timeout or a failed
connection is retried. An answer with a status other than 200 counts as malformed and is not retried.
"""

import asyncio
import hmac
import secrets
from dataclasses import dataclass

import httpx

from emulator.config import Account, MessageMode
from emulator.envelope import sign
from emulator.events import Fields
from emulator.faults import PUSH_PATH, Fault
from emulator.replies import Reply, ReplyRefused, read_reply
from emulator.wire import Push, PushKeys, build_push
from emulator.world import World

ATTEMPTS = 3


@dataclass(frozen=True)
class Delivery:
    """The result of a push: the reply (None without one), the attempts it took, and why the service failed."""

    reply: Reply | None
    attempts: int
    fault: str | None = None


async def deliver(world: World, account: Account, fields: Fields) -> Delivery:
    """Push `fields` as `account` and read the answer. Failures of the webhook are in `Delivery.fault`, never raised."""
    faults = world.faults.take(PUSH_PATH)
    sent = _altered(fields, faults)
    delivery = await _attempts(world, account, sent, faults)
    world.push_log.append({
        "event": fields.get("Event", fields["MsgType"]),
        "openid": fields["FromUserName"],
        "attempts": delivery.attempts,
        "reply": delivery.reply.type if delivery.reply else None,
        "fault": delivery.fault,
    })  # fmt: skip
    return delivery


async def verify_webhook(world: World) -> bool:
    """Whether the webhook answers the GET that WeChat sends when its address is saved: the body must be `echostr` alone."""
    stamp, nonce, echo = str(int(world.epoch())), secrets.token_hex(5), str(secrets.randbelow(10**18))
    query = {"signature": sign(world.config.oa_token, stamp, nonce), "timestamp": stamp, "nonce": nonce}
    url = httpx.URL(world.config.webhook_url).copy_merge_params({**query, "echostr": echo})
    try:
        async with asyncio.timeout(world.config.push_timeout_s):
            response = await world.http.get(url)
    except (TimeoutError, httpx.HTTPError):
        return False
    return response.status_code == 200 and hmac.compare_digest(response.content, echo.encode())


async def _attempts(world: World, account: Account, fields: Fields, faults: dict[str, Fault]) -> Delivery:
    repeats = next(world.push_numbers) % 2 == 0
    push = _build(world, account, fields, faults)
    for attempt in range(1, ATTEMPTS + 1):
        if attempt > 1 and not repeats:
            push = _build(world, account, fields, faults)
        response = await _post(world, push, twice="duplicate_push" in faults)
        if response is None or (attempt == 1 and "lost_reply" in faults):
            continue
        return _read(world, account, fields, response, attempt)
    return Delivery(None, ATTEMPTS, f"{ATTEMPTS} 次推送都没有在 {world.config.push_timeout_s:g} 秒内得到回应")


async def _post(world: World, push: Push, *, twice: bool) -> httpx.Response | None:
    if not twice:
        return await _post_once(world, push)
    first, second = await asyncio.gather(_post_once(world, push), _post_once(world, push))
    return first or second


async def _post_once(world: World, push: Push) -> httpx.Response | None:
    url = httpx.URL(world.config.webhook_url).copy_merge_params(push.query)
    try:
        async with asyncio.timeout(world.config.push_timeout_s):
            return await world.http.post(url, content=push.body, headers={"Content-Type": push.content_type})
    except (TimeoutError, httpx.HTTPError):
        return None


def _build(world: World, account: Account, fields: Fields, faults: dict[str, Fault]) -> Push:
    key = str(faults["other_key"].value) if "other_key" in faults else world.config.oa_encoding_aes_key
    mode: MessageMode = "plain" if "plain_push" in faults else world.config.message_mode
    keys = PushKeys(world.config.oa_token, key, account.app_id)
    push = build_push(fields, keys, mode, world.config.data_format, int(world.epoch()))
    if "bad_signature" in faults:
        signatures = [name for name in push.query if name.endswith("signature")]
        wrong = {name: secrets.token_hex(20) for name in signatures}
        return Push({**push.query, **wrong}, push.body, push.content_type)
    return push


def _altered(fields: Fields, faults: dict[str, Fault]) -> Fields:
    altered = dict(fields)
    if "non_numeric_msgid" in faults and "MsgId" in fields:
        altered["MsgId"] = f"{secrets.token_hex(4)}_{fields['CreateTime']}"
    if "msgtype_event" in faults and fields["MsgType"] == "event":
        altered["MsgType"] = "Event"
    return altered


def _read(world: World, account: Account, fields: Fields, response: httpx.Response, attempt: int) -> Delivery:
    if response.status_code != 200:
        return Delivery(None, attempt, f"服务回答了状态 {response.status_code}")
    config = world.config
    keys = PushKeys(config.oa_token, config.oa_encoding_aes_key, account.app_id)
    try:
        reply = read_reply(response.content, keys, config.message_mode, config.data_format, fields)
    except ReplyRefused as refused:
        return Delivery(None, attempt, str(refused))
    return Delivery(reply, attempt)
