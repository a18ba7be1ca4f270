"""Publishing a rule set: an immutable version, its stock on the shelf, and a committed seed for each new wheel.

A version for later takes effect on its day: by the clock's job, or by the first draw that finds its table without a round.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import asyncpg
import yaml
from pydantic import ValidationError

from base.clock import Clock
from loyalty.fairness import commitment
from loyalty.live import rules_between
from loyalty.rules import RuleSet
from loyalty.stock import prize_item, reward_item


@dataclass(frozen=True)
class Draft:
    """A rule set about to become the version after `base` (0: the first)."""

    rules: RuleSet
    base: int
    effective_from: datetime
    by: str
    reason: str


class NotPublished(Exception):
    """Why a rule set was not published, in words for the operator; each reason is a class of its own."""


class InvalidRules(NotPublished):
    """A rule file that cannot be read or does not hold together; the message names each fault."""


class StaleBase(NotPublished):
    """Somebody published meanwhile: the draft was made from an older version."""


class BackDated(NotPublished):
    """The draft would take effect before it is published: that would rewrite the past."""


class StockBelowTaken(NotPublished):
    """The new stock of an item is smaller than what members already took."""


ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('jifen: rules'))"
RESTOCK = "UPDATE stock SET stocked = greatest($2, taken) WHERE item = $1 AND stocked <> greatest($2, taken)"
CLOSE_ROUNDS = """
UPDATE wheel_round w SET closed_at = $3, revealed_at = $3 WHERE closed_at IS NULL AND NOT EXISTS (
    SELECT FROM unnest($1::text[], $2::text[]) AS u(wheel, odds_version)
    WHERE u.wheel = w.wheel AND u.odds_version = w.odds_version
)
"""


def read_rules(path: Path) -> RuleSet:
    """A rule set from a YAML file. Raises InvalidRules."""
    try:
        return RuleSet.model_validate_json(json.dumps(yaml.safe_load(path.read_text(encoding="utf-8"))))
    except (OSError, TypeError, UnicodeError, yaml.YAMLError) as error:
        raise InvalidRules(f"{path}: {error}") from error
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'rules'}: {fault['msg']}" for fault in error.errors()
        )
        raise InvalidRules(f"{path}: {faults}") from error


async def publish(connection: asyncpg.Connection, draft: Draft, now: datetime) -> int:
    """Store the draft within the engine's transaction; the new version's id. Safe to repeat with the same `now`.

    Raises StaleBase, BackDated and StockBelowTaken. Of a version for later only pieces of a kind that is new are put on the shelf
    at once; all else waits for `put_in_force`. One that begins before a version already waiting gives way to it on its day.
    """
    await connection.execute(ONE_AT_A_TIME)
    base: int = await connection.fetchval("SELECT coalesce(max(id), 0) FROM rule_version")
    if await _is_stored(connection, draft, now):
        return draft.base + 1
    if base != draft.base:
        raise StaleBase(f"第 {base} 版规则已经发布，这份改自第 {draft.base} 版，请在最新一版上重新修改。")
    if draft.effective_from < now:
        raise BackDated(f"规则不能从 {draft.effective_from.isoformat()} 起生效：不能早于现在。")
    await connection.execute(
        "INSERT INTO rule_version (id, digest, body, effective_from, published_at, published_by, reason)"
        " VALUES ($1, $2, $3::text::jsonb, $4, $5, $6, $7)",
        draft.base + 1, draft.rules.digest, draft.rules.model_dump_json(), draft.effective_from, now, draft.by,
        draft.reason,
    )  # fmt: skip
    if any(count < taken for count, taken in await _counts(connection, draft.rules)):
        raise StockBelowTaken("有一项库存小于会员已经领走的数量。")
    if draft.effective_from <= now:
        await _take_effect(connection, draft.rules, now)
    else:
        await _shelve(connection, draft.rules)
    return draft.base + 1


async def _is_stored(connection: asyncpg.Connection, draft: Draft, now: datetime) -> bool:
    """Whether this very publication was committed before, and its answer was lost on the way."""
    stored = await connection.fetchrow(
        "SELECT digest, effective_from, published_at, published_by, reason FROM rule_version WHERE id = $1",
        draft.base + 1,
    )
    mine = (draft.rules.digest, draft.effective_from, now, draft.by, draft.reason)
    return stored is not None and tuple(stored) == mine


LAST_TAKEN_EFFECT = """
SELECT greatest(
    (SELECT max(effective_from) FROM rule_version WHERE effective_from <= published_at),
    (SELECT max(greatest(opened_at, closed_at)) FROM wheel_round))
"""


async def put_in_force(connection: asyncpg.Connection, clock: Clock, zone: ZoneInfo) -> int:
    """Bring shelf and rounds to what the version in force says, where they are not there yet; its id. Safe to repeat.

    Raises NoRulesPublished.
    """
    await connection.execute(ONE_AT_A_TIME)
    # Asked only now, and never before what is known to have taken effect by a faster clock. (A version for later that changes
    # stock alone leaves no such mark: a slow process may take it back, and the next tick of the jobs brings it on again.)
    now = max(clock.now(), await connection.fetchval(LAST_TAKEN_EFFECT) or clock.now())
    live = (await rules_between(connection, now, now, zone)).at(now)
    await _take_effect(connection, live.rules, now)
    return live.version


async def scheduled(database: asyncpg.Connection | asyncpg.Pool, now: datetime) -> list[tuple[int, datetime]]:
    """The versions that wait for their day, as (id, effective_from), the next one first."""
    rows = await database.fetch(
        "SELECT id, effective_from FROM rule_version WHERE effective_from > $1 ORDER BY effective_from, id",
        now,
    )
    return [(row["id"], row["effective_from"]) for row in rows]


async def _take_effect(connection: asyncpg.Connection, rules: RuleSet, now: datetime) -> None:
    await _shelve(connection, rules)
    for item, count in sorted(_limited(rules).items()):
        await connection.execute(RESTOCK, item, count)
    await _turn_rounds(connection, rules, now)


def _limited(rules: RuleSet) -> dict[str, int]:
    """The pieces there are of every prize and reward that can run out, by stock row."""
    counts = {reward_item(reward.id): reward.stock for reward in rules.rewards}
    counts |= {
        prize_item(wheel.id, prize.id): prize.stock for wheel in rules.wheels for prize in wheel.prizes
    }
    return {item: count for item, count in counts.items() if count is not None}


async def _counts(connection: asyncpg.Connection, rules: RuleSet) -> list[tuple[int, int]]:
    """What the rules say there is, and what members already took, for each item on the shelf."""
    rows = await connection.fetch("SELECT item, taken FROM stock")
    limited = _limited(rules)
    return [(limited[row["item"]], row["taken"]) for row in rows if row["item"] in limited]


async def _shelve(connection: asyncpg.Connection, rules: RuleSet) -> None:
    """Put what is new on the shelf."""
    known = {row["item"] for row in await connection.fetch("SELECT item FROM stock")}
    for item, count in sorted(_limited(rules).items()):
        if item not in known:
            await connection.execute("INSERT INTO stock (item, stocked) VALUES ($1, $2)", item, count)


async def _turn_rounds(connection: asyncpg.Connection, rules: RuleSet, now: datetime) -> None:
    """Each wheel has one open round on one table of odds. A table that changed or is gone ends it, and its seed is revealed."""
    tables = {wheel.id: wheel.odds_version for wheel in rules.wheels}
    await connection.execute(CLOSE_ROUNDS, list(tables), list(tables.values()), now)
    rows = await connection.fetch("SELECT wheel FROM wheel_round WHERE closed_at IS NULL")
    running = {row["wheel"] for row in rows}
    for wheel in (wheel for wheel in tables if wheel not in running):
        seed = secrets.token_bytes(32)
        await connection.execute(
            "INSERT INTO wheel_round (wheel, odds_version, commitment, server_seed, opened_at) VALUES ($1, $2, $3, $4, $5)",
            wheel, tables[wheel], commitment(seed), seed, now,
        )  # fmt: skip
