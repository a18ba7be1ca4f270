"""The control API, /emulator/v1: a test or the phone page acts as a member, moves the clock, injects faults.

WeChat has no such paths; only the emulator serves them.
"""

import sqlite3
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from emulator import member
from emulator.codes import issue_code
from emulator.errors import ControlRefused
from emulator.faults import Fault
from emulator.inbox import items_of
from emulator.menus import menu_buttons
from emulator.phones import all_phones, consents_of, create_phone, phone_of, set_blocked
from emulator.push import verify_webhook
from emulator.subscribe_messages import answer_request
from emulator.world import World

router = APIRouter(prefix="/emulator/v1")


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


ShortText = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class NewPhone(_Body):
    """A phone's owner. With `unionid: false` the two accounts are not bound to one open-platform account."""

    name: ShortText
    unionid: bool = True


class FollowBody(_Body):
    """The scene of the QR code by which the member follows; none for a search."""

    scene: ShortText | None = None


class ScanBody(_Body):
    """A QR code of the official account, by its scene or by its ticket."""

    scene: ShortText | None = None
    ticket: str | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> "ScanBody":
        if (self.scene is None) == (self.ticket is None):
            raise ValueError("scene 和 ticket 要给一个，也只能给一个")
        return self


def _sendable(text: object) -> str:
    """Any text of 1 to 2048 characters; pydantic's own strings may hold no half of a surrogate pair."""
    if not isinstance(text, str):
        raise PydanticCustomError("string_type", "not a text")
    if not 1 <= len(text) <= 2048:
        raise PydanticCustomError("string_too_long" if text else "string_too_short", "too long or empty")
    return text


class SayBody(_Body):
    """The text the member sends, as it is; see `characters` for single bytes and halves of surrogate pairs."""

    text: Annotated[Any, AfterValidator(_sendable)]


class TapBody(_Body):
    """The menu button's key."""

    key: Annotated[str, StringConstraints(min_length=1, max_length=128)]


class SubscribeBody(_Body):
    """The answer to `wx.requestSubscribeMessage`."""

    template_id: str
    accept: bool


class WithdrawBody(_Body):
    """WeChat's code of the consent to withdraw (6: nickname and picture); none: the WeChat account is closed."""

    revoke_info: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,3}$")] | None = None


class BlockBody(_Body):
    """Whether the member blocks the account's messages."""

    blocked: bool


class ClockBody(_Body):
    """Seconds to move the clock forward."""

    advance_s: Annotated[int, Field(gt=0, le=100 * 366 * 86400)]


class FaultBody(_Body):
    """A fault to inject `times` times; kinds and values are listed in `faults`."""

    path: str
    kind: str
    value: int | float | str | None = None
    times: Annotated[int, Field(ge=1, le=1_000_000)] = 1


async def _world(request: Request) -> World:
    world: World = request.app.state.world
    return world


async def _phone(request: Request, phone: str) -> sqlite3.Row:
    return phone_of(await _world(request), phone)


WorldOfRequest = Annotated[World, Depends(_world)]
PhoneOfPath = Annotated[Any, Depends(_phone)]  # a sqlite3.Row, which FastAPI cannot describe


@router.post("/phones")
async def post_phone(world: WorldOfRequest, body: NewPhone) -> dict[str, object]:
    """Create a phone; the answer has its identities."""
    phone = create_phone(world, body.name, bound=body.unionid)
    return {name: phone[name] for name in ("phone_id", "name", "oa_openid", "miniapp_openid", "unionid")}


@router.get("/phones")
async def get_phones(world: WorldOfRequest) -> list[dict[str, object]]:
    """Every phone, oldest first."""
    return [_state(world, phone) for phone in all_phones(world)]


@router.get("/phones/{phone}")
async def get_phone(world: WorldOfRequest, phone: PhoneOfPath) -> dict[str, object]:
    """One phone: its identities, whether it follows or blocks, its consents to subscription messages."""
    return _state(world, phone)


@router.post("/phones/{phone}/follow")
async def post_follow(
    world: WorldOfRequest, phone: PhoneOfPath, body: FollowBody | None = None
) -> dict[str, object]:
    """Follow the account, by a QR code if a scene is given."""
    return _shown(await member.follow(world, phone, body.scene if body else None))


@router.post("/phones/{phone}/unfollow")
async def post_unfollow(world: WorldOfRequest, phone: PhoneOfPath) -> dict[str, object]:
    """Unfollow the account."""
    return _shown(await member.unfollow(world, phone))


@router.post("/phones/{phone}/scan")
async def post_scan(world: WorldOfRequest, phone: PhoneOfPath, body: ScanBody) -> dict[str, object]:
    """Scan a QR code of the official account."""
    return _shown(await member.scan(world, phone, body.scene, body.ticket))


@router.post("/phones/{phone}/say")
async def post_say(world: WorldOfRequest, phone: PhoneOfPath, body: SayBody) -> dict[str, object]:
    """Send a text to the account."""
    return _shown(await member.say(world, phone, body.text))


@router.post("/phones/{phone}/tap")
async def post_tap(world: WorldOfRequest, phone: PhoneOfPath, body: TapBody) -> dict[str, object]:
    """Tap a menu button."""
    return _shown(await member.tap(world, phone, body.key))


@router.post("/phones/{phone}/login")
async def post_login(world: WorldOfRequest, phone: PhoneOfPath) -> dict[str, object]:
    """A new code, as `wx.login` returns it."""
    return {"code": issue_code(world, phone["phone_id"], "login")}


@router.post("/phones/{phone}/phone-number")
async def post_phone_number(world: WorldOfRequest, phone: PhoneOfPath) -> dict[str, object]:
    """A new code, as the phone-number button returns it."""
    return {"code": issue_code(world, phone["phone_id"], "phone_number")}


@router.post("/phones/{phone}/subscribe")
async def post_subscribe(world: WorldOfRequest, phone: PhoneOfPath, body: SubscribeBody) -> dict[str, object]:
    """Answer a request for subscription messages."""
    answer_request(world, phone, body.template_id, accept=body.accept)
    return {"consents": consents_of(world, phone)}


@router.post("/phones/{phone}/withdraw")
async def post_withdraw(world: WorldOfRequest, phone: PhoneOfPath, body: WithdrawBody) -> dict[str, object]:
    """Withdraw a consent at WeChat, or close the account there."""
    return _shown(await member.withdraw(world, phone, body.revoke_info))


@router.post("/phones/{phone}/block")
async def post_block(world: WorldOfRequest, phone: PhoneOfPath, body: BlockBody) -> dict[str, object]:
    """Block or unblock the account's messages."""
    set_blocked(world, phone, blocked=body.blocked)
    return {"blocked": body.blocked}


@router.get("/phones/{phone}/inbox")
async def get_inbox(world: WorldOfRequest, phone: PhoneOfPath, after: int = 0) -> list[dict[str, object]]:
    """What the phone received and sent, in order; with `after`, only later items."""
    return items_of(world, phone["phone_id"], after)


@router.get("/menu")
async def get_menu(world: WorldOfRequest) -> dict[str, object]:
    """The menu below the chat; no buttons while there is none."""
    return {"button": menu_buttons(world, world.config.oa)}


@router.get("/clock")
async def get_clock(world: WorldOfRequest) -> dict[str, object]:
    """The demo's time."""
    return {"now": world.now().isoformat()}


@router.post("/clock")
async def post_clock(world: WorldOfRequest, body: ClockBody) -> dict[str, object]:
    """Move the demo's clock forward for every process."""
    try:
        world.advance(body.advance_s)
    except ValueError:
        raise ControlRefused(422, "时钟只能向前拨，最多快进一百年") from None
    return {"now": world.now().isoformat()}


@router.post("/faults")
async def post_fault(world: WorldOfRequest, body: FaultBody) -> list[dict[str, object]]:
    """Add a fault; the answer lists all pending ones."""
    world.faults.add(Fault(body.path, body.kind, body.value, body.times))
    return [asdict(fault) for fault in world.faults.pending()]


@router.get("/faults")
async def get_faults(world: WorldOfRequest) -> list[dict[str, object]]:
    """The pending faults."""
    return [asdict(fault) for fault in world.faults.pending()]


@router.delete("/faults")
async def delete_faults(world: WorldOfRequest) -> list[dict[str, object]]:
    """Remove all faults."""
    world.faults.clear()
    return []


@router.get("/pushes")
async def get_pushes(world: WorldOfRequest) -> list[dict[str, object]]:
    """The last pushes to the webhook, each with its result."""
    return list(world.push_log)


@router.post("/verify-webhook")
async def post_verify_webhook(world: WorldOfRequest) -> dict[str, object]:
    """Verify the webhook's address, as saving it in the platform's console does."""
    return {"verified": await verify_webhook(world)}


def _state(world: World, phone: sqlite3.Row) -> dict[str, object]:
    names = ("phone_id", "name", "oa_openid", "miniapp_openid", "unionid", "phone_number")
    flags = {name: bool(phone[name]) for name in ("following", "blocked")}
    return {**{name: phone[name] for name in names}, **flags, "consents": consents_of(world, phone)}


def _shown(outcome: member.Outcome) -> dict[str, object]:
    return {"replies": outcome.replies, "attempts": outcome.attempts, "fault": outcome.fault}
