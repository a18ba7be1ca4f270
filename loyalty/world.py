"""What the audit and the back-test share: all rule versions, the state in which receipts are decided again, members in pages."""

import json
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from typing import Final
from zoneinfo import ZoneInfo

import asyncpg
from pydantic import ValidationError

from base.sealing import Keyring
from loyalty.engine.auditing import Finding
from loyalty.engine.redecide.step import World
from loyalty.engine.registry import Registry
from loyalty.programme.declaring.faults import STORED
from loyalty.programme.in_force.live import LiveRules
from loyalty.programme.in_force.timeline import Timeline
from loyalty.programme.rules import RuleSet, digest_of

PAGE_RECEIPTS: Final = 5000
"""Members are read in pages of about so many receipts, which bounds the memory."""


async def rules_of_all(connection: asyncpg.Connection) -> tuple[dict[int, RuleSet], list[Finding]]:
    """All rule versions by their numbers, and I15: those that are not as they were published."""
    rules: dict[int, RuleSet] = {}
    changed: list[Finding] = []
    for row in await connection.fetch("SELECT id, digest, body::text AS body FROM rule_version"):
        try:
            rules[row["id"]] = RuleSet.model_validate_json(row["body"], context=STORED)
        except ValidationError:
            changed.append(Finding("I15", None, f"rule version {row['id']} is no rule set"))
            continue
        if digest_of(json.loads(row["body"])) != row["digest"]:
            changed.append(Finding("I15", None, f"rule version {row['id']} was changed"))
    return rules, changed


async def world_of(
    connection: asyncpg.Connection,
    registry: Registry,
    rules: Mapping[int, RuleSet],
    timeline: Timeline,
    keyring: Keyring,
    zone: ZoneInfo,
) -> World:
    """The state that all members share when receipts are decided again."""
    wanted = {read for one in registry.handling.values() for read in one.handler.shared}
    shared = {read: await read.note.history(connection, keyring) for read in wanted if read.note is not None}
    live = {version: LiveRules(version, rule_set, zone) for version, rule_set in rules.items()}
    return World(registry, live, timeline.governs, shared, zone)


async def pages_of(members: AsyncIterable[asyncpg.Record]) -> AsyncIterator[list[int]]:
    """The ids of members with an account, in pages of about PAGE_RECEIPTS receipts."""
    page: list[int] = []
    receipts = 0
    async for member_id, version in members:
        page.append(member_id)
        receipts += version + 10
        if receipts > PAGE_RECEIPTS:
            yield page
            page, receipts = [], 0
    if page:
        yield page
