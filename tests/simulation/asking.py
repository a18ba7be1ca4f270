"""From a person's deed to the command it comes to, given what there is when it is done."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from loyalty.checkin.commands import CheckIn
from loyalty.engine.command import Command
from loyalty.expiry.commands import Book
from tests.ledger import START
from tests.simulation.deeds import Ask
from tests.simulation.feature import Situation
from tests.simulation.features import ASKS, EXPECTED
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
    return _said_now(earlier if ask.what == "repeat" else _otherwise(earlier), at, entropy)


def _said_now(earlier: Command, at: datetime, entropy: bytes) -> Command:
    if any(field.name == "entropy" for field in fields(earlier)):
        return replace(earlier, at=at, entropy=entropy)  # type: ignore[call-arg]  # those that have it
    return replace(earlier, at=at)


def _otherwise(earlier: Command) -> Command:
    """The key of an earlier request with other content; where there is nothing to choose, with another kind of command."""
    otherwise = EXPECTED[type(earlier)].otherwise
    if otherwise is not None:
        return otherwise(earlier)
    other = Book if isinstance(earlier, CheckIn) else CheckIn
    return other(member_id=earlier.member_id, request_key=earlier.request_key, at=earlier.at)


def _fresh(
    ask: Ask, world: World, member_id: int, now: datetime, at: datetime, dice: Random, entropy: bytes
) -> Command:
    """What the deed's kind makes of it; a sign-in where there is nothing else to ask for."""
    door, today, member = dice.choice(("oa", "api")), day_of(now), world.members[member_id]
    common: dict[str, Any] = {
        "member_id": member_id,
        "request_key": f"{door}:{ask.key}",
        "at": at,
        "keep_refusal": ask.keep,
    }
    if ask.what == "stranger":
        return CheckIn(**(common | {"member_id": STRANGER + ask.key}))
    job: dict[str, Any] = {"member_id": member_id, "at": now, "actor": "system"}
    kind = ASKS.get(ask.what)
    asked = kind and kind.ask(Situation(world, member, today, dice, entropy, common, job))
    return asked or CheckIn(**common)
