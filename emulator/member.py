"""What a member does on the phone, and what comes back from the account."""

import sqlite3
from dataclasses import dataclass

from emulator import events
from emulator.errors import ControlRefused
from emulator.events import Fields
from emulator.faults import PUSH_PATH
from emulator.inbox import record
from emulator.phones import phone_of, set_following, set_unfollowed
from emulator.push import Delivery, deliver
from emulator.qrcodes import scanned
from emulator.replies import Reply
from emulator.windows import open_window
from emulator.world import World

SERVICE_FAILED = "该公众号提供的服务出现故障，请稍后再试"


@dataclass(frozen=True)
class Outcome:
    """What the phone showed for one act; `fault` tells a developer why the service was found failing."""

    replies: list[dict[str, object]]
    attempts: int
    fault: str | None


async def follow(world: World, phone: sqlite3.Row, scene: str | None = None) -> Outcome:
    """Follow the account, by a code's scene if given. Raises ControlRefused 409 for a follower."""
    if phone["following"]:
        raise ControlRefused(409, "已经关注了公众号")
    return await _follow(
        world, phone, *(scanned(world, scene, None) if scene is not None else (None, "", False))
    )


async def unfollow(world: World, phone: sqlite3.Row) -> Outcome:
    """Stop following. Raises ControlRefused 409 for one who does not follow."""
    _require_following(phone)
    set_unfollowed(world, phone)
    return await _push_event(world, phone, events.unsubscribe(world, phone))


async def scan(world: World, phone: sqlite3.Row, scene: str | None, ticket: str | None) -> Outcome:
    """Scan a code of the official account: a follow with its scene, or SCAN from a follower."""
    seen, seen_ticket, numeric = scanned(world, scene, ticket)
    if not phone["following"]:
        return await _follow(world, phone, seen, seen_ticket, numeric)
    open_window(world, phone["oa_openid"], "scan")
    return await _push_event(world, phone, events.scan(world, phone, seen, seen_ticket))


async def say(world: World, phone: sqlite3.Row, text: str) -> Outcome:
    """Write to the account. Raises ControlRefused 409 for one who does not follow."""
    _require_following(phone)
    record(world, phone["phone_id"], "sent", "text", text)
    open_window(world, phone["oa_openid"], "message")
    return await _push_event(world, phone, events.text_message(world, phone, text))


async def tap(world: World, phone: sqlite3.Row, key: str) -> Outcome:
    """Tap the menu button with this key; a phone may still show an older menu, so any key is possible."""
    _require_following(phone)
    open_window(world, phone["oa_openid"], "click")
    return await _push_event(world, phone, events.click(world, phone, key))


def _require_following(phone: sqlite3.Row) -> None:
    if not phone["following"]:
        raise ControlRefused(409, "还没有关注公众号")


async def _follow(world: World, phone: sqlite3.Row, scene: str | None, ticket: str, numeric: bool) -> Outcome:
    set_following(world, phone, scene, numeric=numeric)
    open_window(world, phone["oa_openid"], "follow")
    return await _push_event(world, phone, events.subscribe(world, phone, scene, ticket))


async def _push_event(world: World, phone: sqlite3.Row, fields: Fields) -> Outcome:
    if world.faults.take_one(PUSH_PATH, "unknown_event"):
        await deliver(world, world.config.oa, events.unknown_event(world, phone))
    delivery = await deliver(world, world.config.oa, fields)
    if not phone_of(world, phone["phone_id"])["following"]:
        return Outcome([], delivery.attempts, delivery.fault)
    return Outcome(_record_reply(world, phone, delivery), delivery.attempts, delivery.fault)


def _record_reply(world: World, phone: sqlite3.Row, delivery: Delivery) -> list[dict[str, object]]:
    if delivery.fault is not None:
        return [record(world, phone["phone_id"], "system", "text", SERVICE_FAILED)]
    reply: Reply | None = delivery.reply
    if reply is None:
        return []
    return [record(world, phone["phone_id"], "passive", reply.type, reply.content, **reply.extras)]
