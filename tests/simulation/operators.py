"""The operator of the simulation: what publishing should come to, and the rounds it should leave."""

import itertools
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import asyncpg

from loyalty.engine.engine import Engine
from loyalty.games.seeds import open_seed
from loyalty.programme.publishing.draft import (
    BackDated,
    StaleBase,
    StockBelowTaken,
    Unchanged,
    WouldBeReplaced,
)
from loyalty.programme.publishing.publication import publish, put_in_force
from loyalty.programme.publishing.withdrawal import MARGIN, NotWithdrawn, withdraw
from loyalty.programme.rules import RuleSet
from tests.ledger import KEYS
from tests.simulation.deeds import Publish
from tests.simulation.features import LEDGERS
from tests.simulation.happened import Mismatch
from tests.simulation.programmes import Dials, programme
from tests.simulation.second_ledger import Round, Version, World, next_edge, table_of

REFUSALS = (BackDated, StaleBase, StockBelowTaken, Unchanged, WouldBeReplaced)


@dataclass(frozen=True)
class Draft:
    """A rule set about to be published."""

    dials: Dials
    rules: RuleSet
    base: int
    since: datetime
    until_replaced: bool = False


def draft_of(deed: Publish, world: World, live: Dials, now: datetime, *, quiet: bool = False) -> Draft:
    """What the operator is about to publish; `quiet` leaves the shelves as they stand."""
    dials = dict(deed.dials)
    if quiet:
        shelf = {"grand": world.stocked["prize:hot:grand"], "cup": world.stocked["reward:cup"]}
        dials |= {name: live[name] for name in ("referral", "friend", "inviter", "mug", "shy")} | shelf
    base = world.standing[-1].number - deed.stale
    since = now - timedelta(seconds=1) if deed.early else now + timedelta(seconds=deed.later_s)
    return Draft(dials, programme(dials), base, since, until_replaced=len(world.versions) % 3 > 0)


def expected_refusal(draft: Draft, world: World, now: datetime) -> type[Exception] | None:
    """Why the draft should be refused, if it should."""
    if draft.base != world.standing[-1].number:
        return StaleBase
    if draft.since < now:
        return BackDated
    if draft.rules.digest == world.version_at(draft.since).rules.digest:
        return Unchanged
    if not draft.until_replaced and any(version.since > draft.since for version in world.standing):
        return WouldBeReplaced
    if any(
        count < world.taken[item] for item, count in limited(draft.rules).items() if item in world.stocked
    ):
        return StockBelowTaken
    return None


def limited(rules: RuleSet) -> dict[str, int]:
    """The pieces there are of everything that can run out."""
    return {item: count for ledger in LEDGERS for item, count in ledger.pieces(rules).items()}


OPERATORS = itertools.count(1)
"""Each publishes once: the same draft, by the same person, at the same instant would be a repeat and hear the first answer."""


async def publish_draft(engine: Engine, draft: Draft) -> int | Exception:
    """The version's number, or why it was refused."""
    by = f"operator {next(OPERATORS)}"
    try:
        return await publish(
            engine, draft.rules, base=draft.base, effective_from=draft.since, by=by, reason="the dials",
            until_replaced=draft.until_replaced, urgent=True,
        )  # fmt: skip
    except REFUSALS as refused:
        return refused


async def withdraw_waiting(engine: Engine, world: World, now: datetime) -> None:
    """The operator withdraws the last version that waits, after it stood in the way of a draft."""
    last = max((one for one in world.standing if one.since > now), key=lambda one: one.number)
    try:
        await withdraw(engine, last.number, by="operator", reason="in the way")
    except NotWithdrawn:
        if last.since - now >= MARGIN:
            raise Mismatch(f"version {last.number} waits until {last.since} and was not withdrawn") from None
    else:
        world.withdrawn.add(last.number)


async def take_over(connection: asyncpg.Connection, world: World, draft: Draft, now: datetime) -> None:
    """The world after a draft was published. Of one for later only what is new comes on the shelf at once."""
    world.versions.append(Version(len(world.versions) + 1, draft.since, draft.rules))
    if draft.since <= now:
        await take_effect(connection, world, now)
    else:
        world.stocked = limited(draft.rules) | world.stocked


async def follow_versions(
    engine: Engine, connection: asyncpg.Connection, world: World, now: datetime
) -> None:
    """The clock's job, where the day of a version has come, or the end of a round."""
    live = world.version_at(now)
    if live.number == world.in_force and not rounds_over(world, now):
        return
    if (number := await put_in_force(engine)) != live.number:
        raise Mismatch(f"version {number} was put in force, not {live.number}")
    await take_effect(connection, world, now)


def shelf_stays(world: World, now: datetime) -> bool:
    """Whether the version in force now leaves the shelves as they are."""
    return all(
        world.stocked.get(item) == count for item, count in limited(world.version_at(now).rules).items()
    )


async def catch_up(connection: asyncpg.Connection, world: World, now: datetime) -> World | None:
    """Whether a draw put in force the version whose day has come, or turned a round that was over; then, how it was before."""
    if world.version_at(now).number == world.in_force and not rounds_over(world, now):
        return None
    rows = await connection.fetch("SELECT id FROM wheel_round WHERE closed_at IS NULL")
    if {row["id"] for row in rows} == {round_.number for round_ in world.rounds.values()}:
        return None
    before = rules_before(world)
    await take_effect(connection, world, now)
    return before


def rounds_over(world: World, now: datetime) -> bool:
    """Whether the day of an open round has passed."""
    return any(round_.ends_at <= now for round_ in world.rounds.values())


async def take_effect(connection: asyncpg.Connection, world: World, now: datetime) -> None:
    """The shelf as the version in force says, but never below what is taken; a wheel with a new table has a new round."""
    live = world.version_at(now)
    world.in_force = live.number
    world.stocked |= {item: max(count, world.taken[item]) for item, count in limited(live.rules).items()}
    rows = await connection.fetch("SELECT * FROM wheel_round WHERE closed_at IS NULL")
    before = world.rounds
    world.rounds = {
        row["wheel"]: Round(row["id"], open_seed(row, KEYS), ("", frozenset()), next_edge(now, "midnight"))
        for row in rows
    }
    if world.rounds.keys() != {wheel.id for wheel in live.rules.wheels}:
        raise Mismatch(
            f"open rounds are {world.rounds.keys()}, which are not the wheels of version {live.number}"
        )
    for wheel in live.rules.wheels:
        table, old = table_of(wheel), before.get(wheel.id)
        new = world.rounds[wheel.id]._replace(table=table)
        stays = old is not None and old.table == table and old.ends_at > now
        if stays != (old is not None and old.number == new.number):
            raise Mismatch(f"the round of {wheel.id} was {old}, is {new}")
        world.rounds[wheel.id] = old if old is not None and stays else new


def rules_before(world: World) -> World:
    """The rules and rounds of the world, to be remembered."""
    return replace(
        world, versions=list(world.versions), withdrawn=set(world.withdrawn), rounds=dict(world.rounds)
    )
