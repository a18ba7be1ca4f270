"""Publishing a rule set: an immutable version, its stock on the shelf, and a committed seed for each new wheel."""

import hashlib
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


class StockBelowTaken(Exception):
    """The new stock of an item is smaller than what members already took."""


def read_rules(path: Path) -> RuleSet:
    """A rule set from a YAML file. Raises InvalidRules."""
    try:
        return RuleSet.model_validate_json(json.dumps(yaml.safe_load(path.read_text(encoding="utf-8"))))
    except (OSError, yaml.YAMLError) as error:
        raise InvalidRules(f"{path}: {error}") from error
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'rules'}: {fault['msg']}" for fault in error.errors()
        )
        raise InvalidRules(f"{path}: {faults}") from error


async def publish(connection: asyncpg.Connection, draft: Draft, now: datetime) -> int:
    """Store the draft within the engine's transaction; the new version's id. Raises StaleBase and StockBelowTaken."""
    newest: int = await connection.fetchval("SELECT coalesce(max(id), 0) FROM rule_version")
    if newest != draft.base:
        raise StaleBase(f"rules version {newest} was published after {draft.base}")
    body = draft.rules.model_dump_json()
    try:
        await connection.execute(
            "INSERT INTO rule_version (id, digest, body, effective_from, published_at, published_by, reason)"
            " VALUES ($1, $2, $3::text::jsonb, $4, $5, $6, $7)",
            draft.base + 1, hashlib.sha256(body.encode()).hexdigest(), body, draft.effective_from, now, draft.by,
            draft.reason,
        )  # fmt: skip
    except asyncpg.UniqueViolationError as error:
        raise StaleBase(f"rules version {draft.base + 1} was published meanwhile") from error
    await _shelve(connection, draft.rules)
    await _open_rounds(connection, draft.rules, now)
    return draft.base + 1


async def _shelve(connection: asyncpg.Connection, rules: RuleSet) -> None:
    limited = {reward_item(reward.id): reward.stock for reward in rules.rewards}
    limited |= {
        prize_item(wheel.id, prize.id): prize.stock for wheel in rules.wheels for prize in wheel.prizes
    }
    stocked = {item: count for item, count in limited.items() if count is not None}
    known = {row["item"] for row in await connection.fetch("SELECT item FROM stock")}
    try:
        for item, count in sorted(stocked.items()):
            if item in known:
                await connection.execute("UPDATE stock SET stocked = $2 WHERE item = $1", item, count)
            else:
                await connection.execute("INSERT INTO stock (item, stocked) VALUES ($1, $2)", item, count)
    except asyncpg.CheckViolationError as error:
        raise StockBelowTaken("a stock is smaller than what was already taken") from error


async def _open_rounds(connection: asyncpg.Connection, rules: RuleSet, now: datetime) -> None:
    rows = await connection.fetch("SELECT wheel FROM wheel_round WHERE closed_at IS NULL")
    running = {row["wheel"] for row in rows}
    for wheel in rules.wheels:
        if wheel.id not in running:
            seed = secrets.token_bytes(32)
            await connection.execute(
                "INSERT INTO wheel_round (wheel, commitment, server_seed, opened_at) VALUES ($1, $2, $3, $4)",
                wheel.id, commitment(seed), seed, now,
            )  # fmt: skip
