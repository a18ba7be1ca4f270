"""From a person's deed to the command it comes to, given what there is when it is done."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from loyalty.checkin.commands import CheckIn
from loyalty.engine.command import Command
from loyalty.expiry.commands import Book, WarnExpiry
from loyalty.games.commands import Draw
from loyalty.referral.commands import BindReferral, QualifyReferral, RewardReferral
from loyalty.rewards.commands import Cancel, Redeem
from loyalty.wakeup import WakeUp
from loyalty.welcome import Welcome
from tests.ledger import START
from tests.simulation.deeds import Ask
from tests.simulation.second_ledger import World, day_of

STRANGER = 10**12


def command_of(
    ask: Ask, world: World, member_id: int, now: datetime, history: Sequence[Command], entropy: bytes
) -> Command:
    """The command; a repeat of an earlier one where the deed says so and there is one."""
    dice = Random(ask.dice)  # noqa: S311  # a simulation must come again
    at = max(START, now - timedelta(seconds=ask.late_s))
    fresh = _fresh(ask, world, member_id, now, at, dice, entropy)
    if ask.what not in ("repeat", "reuse") or not history:
        return fresh
    earlier = dice.choice(history[-20:] if dice.random() < 0.7 else history)
    if ask.what == "reuse":
        return _otherwise(earlier, at, entropy)
    if any(field.name == "entropy" for field in fields(earlier)):
        return replace(earlier, at=at, entropy=entropy)  # type: ignore[call-arg]  # those that have it
    return replace(earlier, at=at)


def _otherwise(earlier: Command, at: datetime, entropy: bytes) -> Command:
    """The key of an earlier request with other content; where there is nothing to choose, with another kind of command."""
    match earlier:
        case Draw():
            return replace(earlier, at=at, entropy=entropy, client_seed=f"{earlier.client_seed}x")
        case Redeem():
            return replace(earlier, at=at, entropy=entropy, quantity=earlier.quantity + 1)
        case Cancel():
            return replace(earlier, at=at, line=earlier.line + 1)
        case BindReferral():
            return replace(earlier, at=at, code=f"{earlier.code}y")
        case CheckIn():
            return Book(member_id=earlier.member_id, request_key=earlier.request_key, at=at)
    return CheckIn(member_id=earlier.member_id, request_key=earlier.request_key, at=at)


def _fresh(
    ask: Ask, world: World, member_id: int, now: datetime, at: datetime, dice: Random, entropy: bytes
) -> Command:
    door, today, member = dice.choice(("oa", "api")), day_of(now), world.members[member_id]
    common: dict[str, Any] = {
        "member_id": member_id,
        "request_key": f"{door}:{ask.key}",
        "at": at,
        "keep_refusal": ask.keep,
    }
    job: dict[str, Any] = {"member_id": member_id, "at": now, "actor": "system"}
    match ask.what:
        case "draw":
            wheel = dice.choice(("hot", "hot", "hot", "hot", "hot", "free", "free", "nowhere"))
            count = dice.choice((1, 1, 1, 1, 2, 3, 10, 10**9))
            seed = dice.choice(("", "a", "好运"))
            return Draw(**common, wheel=wheel, count=count, client_seed=seed, entropy=entropy)
        case "redeem":
            reward = dice.choice(("cup", "cup", "cup", "cookie", "cookie", "cookie", "mug", "nothing"))
            return Redeem(
                **common, reward=reward, quantity=dice.choice((1, 1, 1, 2, 4, 10**12)), entropy=entropy
            )
        case "cancel":
            if member.bought or dice.random() < 0.2:
                receipt_no, line = dice.choice([*member.bought, (99_999, 0)][-6:])
                return Cancel(**common, receipt_no=receipt_no, line=line)
        case "bind":
            others = [*world.members, member_id, 0]
            return BindReferral(**common, inviter_id=dice.choice(others), code=dice.choice(("", "x")))
        case "expire":
            return Book(**job, request_key=f"job:expire|{today}")
        case "warn":
            return WarnExpiry(**job, request_key=f"job:warn_expiry|{today}")
        case "wake":
            since = dice.choice((member.seen_on, member.seen_on, today - timedelta(days=30)))
            return WakeUp(**job, request_key=f"job:wake_up|{since}", silent_since=since)
        case "welcome":
            return Welcome(**common)
        case "qualify":
            return QualifyReferral(**common)
        case "reward":
            friends = [
                one.member_id for one in world.members.values() if one.inviter == member_id and one.qualified
            ]
            if friends:
                return RewardReferral(**common, friend_id=dice.choice(friends))
        case "stranger":
            return CheckIn(**(common | {"member_id": STRANGER + ask.key}))
    return CheckIn(**common)
