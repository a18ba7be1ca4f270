"""Publishing a rule set: an immutable version, its stock on the shelf, and a committed seed for each new wheel."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import asyncpg
import yaml
from pydantic import ValidationError

from jifen.loyalty.fairness import commitment
from jifen.loyalty.rules import RuleSet
from jifen.loyalty.stock import prize_item, reward_item


@dataclass(frozen=True)
class Draft:
    """A rule set about to become the version after `base` (0: the first)."""

    rules: RuleSet
    base: int
    effective_from: datetime
    by: str
    reason: str


class InvalidRules(Exception):
    """A rule file that cannot be read or does not hold together; the message names each fault."""


class StaleBase(Exception):
    """Somebody published meanwhile: the draft was made from an older version."""


class BackDated(Exception):
    """The draft would take effect before it is published, or before the version it follows: that would rewrite the past."""


class StockBelowTaken(Exception):
    """The new stock of an item is smaller than what members already took."""


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
    """Store the draft within the engine's transaction; the new version's id.

    Raises StaleBase, BackDated and StockBelowTaken. A version for later may raise stock at once but lowers none, and leaves
    the rounds alone.
    """
    newest = await connection.fetchrow("SELECT id, effective_from FROM rule_version ORDER BY id DESC LIMIT 1")
    base, since = (newest["id"], newest["effective_from"]) if newest else (0, draft.effective_from)
    if base != draft.base:
        raise StaleBase(f"第 {base} 版规则已经发布，这份改自第 {draft.base} 版，请在最新一版上重新修改。")
    if draft.effective_from < max(since, now):
        raise BackDated(
            f"规则不能从 {draft.effective_from.isoformat()} 起生效：不能早于现在，也不能早于上一版。"
        )
    body = draft.rules.model_dump_json()
    try:
        await connection.execute(
            "INSERT INTO rule_version (id, digest, body, effective_from, published_at, published_by, reason)"
            " VALUES ($1, $2, $3::text::jsonb, $4, $5, $6, $7)",
            draft.base + 1, draft.rules.digest, body, draft.effective_from, now, draft.by,
            draft.reason,
        )  # fmt: skip
    except asyncpg.UniqueViolationError as error:
        raise StaleBase(f"第 {draft.base + 1} 版规则刚刚由别人发布，请在它的基础上重新修改。") from error
    at_once = draft.effective_from <= now
    await _shelve(connection, draft.rules, lower=at_once)
    if at_once:
        await _open_rounds(connection, draft.rules, now)
    return draft.base + 1


async def _shelve(connection: asyncpg.Connection, rules: RuleSet, *, lower: bool) -> None:
    limited = {reward_item(reward.id): reward.stock for reward in rules.rewards}
    limited |= {
        prize_item(wheel.id, prize.id): prize.stock for wheel in rules.wheels for prize in wheel.prizes
    }
    stocked = {item: count for item, count in limited.items() if count is not None}
    known = {row["item"]: row["stocked"] for row in await connection.fetch("SELECT item, stocked FROM stock")}
    try:
        for item, count in sorted(stocked.items()):
            if item not in known:
                await connection.execute("INSERT INTO stock (item, stocked) VALUES ($1, $2)", item, count)
            elif lower or count > known[item]:
                await connection.execute("UPDATE stock SET stocked = $2 WHERE item = $1", item, count)
    except asyncpg.CheckViolationError as error:
        raise StockBelowTaken("有一项库存小于会员已经领走的数量。") from error


async def _open_rounds(connection: asyncpg.Connection, rules: RuleSet, now: datetime) -> None:
    """Each wheel has one open round on one table of odds; a changed table ends the round, and its seed is revealed."""
    rows = await connection.fetch("SELECT wheel, odds_version FROM wheel_round WHERE closed_at IS NULL")
    running = {row["wheel"]: row["odds_version"] for row in rows}
    for wheel in rules.wheels:
        if running.get(wheel.id) == wheel.odds_version:
            continue
        await connection.execute(
            "UPDATE wheel_round SET closed_at = $2, revealed_at = $2 WHERE wheel = $1 AND closed_at IS NULL",
            wheel.id, now,
        )  # fmt: skip
        seed = secrets.token_bytes(32)
        await connection.execute(
            "INSERT INTO wheel_round (wheel, odds_version, commitment, server_seed, opened_at) VALUES ($1, $2, $3, $4, $5)",
            wheel.id, wheel.odds_version, commitment(seed), seed, now,
        )  # fmt: skip
