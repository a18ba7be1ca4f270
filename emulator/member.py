"""A member's actions on the phone, and the account's replies."""

import sqlite3
from dataclasses import dataclass

from emulator import events
from emulator.characters import shown
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
    """The replies that the phone shows for one action, and the push attempts it took.

    `fault` is why the platform shows 该公众号提供的服务出现故障; None when the service answered.
    """

    replies: list[dict[str, object]]
    attempts: int
    fault: str | None


async def follow(world: World, phone: sqlite3.Row, scene: str | None = None) -> Outcome:
    """Follow the account, by a QR code if a scene is given. Raises ControlRefused 409 when already following."""
    if phone["following"]:
        raise ControlRefused(409, "已经关注了公众号")
    return await _follow(
        world, phone, *(scanned(world, scene, None) if scene is not None else (None, "", False))
    )


async def unfollow(world: World, phone: sqlite3.Row) -> Outcome:
    """Unfollow the account. Raises ControlRefused 409 when not following."""
    _require_following(phone)
    set_unfollowed(world, phone)
    return await _push_event(world, phone, events.unsubscribe(world, phone))


async def scan(world: World, phone: sqlite3.Row, scene: str | None, ticket: str | None) -> Outcome:
    """Scan a QR code of the official account: pushes subscribe with its scene, or SCAN from a follower."""
    seen, seen_ticket, numeric = scanned(world, scene, ticket)
    if not phone["following"]:
        return await _follow(world, phone, seen, seen_ticket, numeric)
    open_window(world, phone["oa_openid"], "scan")
    return await _push_event(world, phone, events.scan(world, phone, seen, seen_ticket))


async def say(world: World, phone: sqlite3.Row, text: str) -> Outcome:
    """Send a text to the account. Raises ControlRefused 409 when not following."""
    _require_following(phone)
    record(world, phone["phone_id"], "sent", "text", shown(text))
    open_window(world, phone["oa_openid"], "message")
    return await _push_event(world, phone, events.text_message(world, phone, text))


async def tap(world: World, phone: sqlite3.Row, key: str) -> Outcome:
    """Tap the menu button with this key. Keys are not checked: a phone may still show an older menu.

    Raises ControlRefused 409 when not following.
    """
    _require_following(phone)
    open_window(world, phone["oa_openid"], "click")
    return await _push_event(world, phone, events.click(world, phone, key))


async def withdraw(world: World, phone: sqlite3.Row, revoke_info: str | None) -> Outcome:
    """Withdraw a consent given to the mini-program, or close the WeChat account (`revoke_info` None)."""
    fields = events.consent_withdrawn(world, phone, revoke_info)
    delivery = await deliver(world, world.config.miniapp, fields)
    return Outcome([], delivery.attempts, delivery.fault)


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
