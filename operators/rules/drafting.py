"""Changing the draft of the rules: saving a section as a whole, giving it up, and emptying the draft of what was published.

Whoever saves names the edition that they read, and a save over another's is refused.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

import asyncpg

from loyalty.programme.in_force.live import rules_of
from loyalty.programme.outline.items import items_of
from loyalty.programme.publishing.versions import newest
from loyalty.programme.rules import RuleSet
from operators.desk import Desk
from operators.roles import Action
from operators.rules.drafts import body_of, rule_draft, section_title

MOST_BYTES: Final = 2_000_000
SAVE: Final = """
INSERT INTO rule_draft_section AS s (section, body, base, edition, changed_by, changed_at)
VALUES ($1, $2::text::jsonb, $3, 1, $4, $5)
ON CONFLICT (section) DO UPDATE SET body = excluded.body, base = excluded.base, edition = s.edition + 1,
    changed_by = excluded.changed_by, changed_at = excluded.changed_at WHERE s.edition = $6
RETURNING edition
"""
OF_SECTION: Final = "SELECT changed_by, changed_at, edition FROM rule_draft_section WHERE section = $1"
DISCARD: Final = "DELETE FROM rule_draft_section WHERE section = ANY($1::text[]) RETURNING section"
TAKE: Final = """
DELETE FROM rule_draft_section s USING unnest($1::text[], $2::int[]) AS seen(section, edition)
WHERE s.section = seen.section AND s.edition = seen.edition RETURNING s.section
"""


class DraftRefused(Exception):
    """The draft was not changed or published; the message is one Chinese sentence for the operator."""


async def save_section(desk: Desk, section: str, value: Any, edition: int) -> int:
    """Store a section of the draft; its new edition. `value` None leaves the section out.

    A section that now equals the newest version's leaves the draft. Raises NotAllowed, and DraftRefused if somebody has saved the
    section since `edition`, for an unknown section and for a value of more than MOST_BYTES.
    """
    await desk.require(Action.DRAFT_RULES)
    if section not in items_of(RuleSet):
        raise DraftRefused("规则里没有这一部分。")
    body = json.dumps({} if value is None else {"value": value})
    if len(body.encode()) > MOST_BYTES:
        raise DraftRefused(
            f"这一部分太长了（{len(body.encode()) / 1_000_000:.1f} MB），最多 {MOST_BYTES // 1_000_000} MB。"
        )

    async def save(connection: asyncpg.Connection) -> int:
        number = await newest(connection)
        row = await connection.fetchrow(OF_SECTION, section)
        if (row["edition"] if row else 0) != edition:
            raise DraftRefused(_overwritten(row))
        base = body_of(await rules_of(connection, number) if number else None).get(section)
        await desk.note(
            connection,
            Action.DRAFT_RULES,
            section,
            before={"edition": edition},
            after={"edition": edition + 1},
        )
        if base == value:
            await connection.fetch(DISCARD, [section])
            return 0
        saved = await connection.fetchval(
            SAVE, section, body, number, desk.operator.name, desk.now(), edition
        )
        if saved is None:
            raise DraftRefused(_overwritten(row))
        return int(saved)

    return await desk.change(save)


def _overwritten(row: asyncpg.Record | None) -> str:
    if row is None:
        return "这一部分的草稿刚被放弃或发布了，您的改动没有保存。请刷新页面再改。"
    return (
        f"{row['changed_by']}刚改过这一部分，您的改动没有保存，也没有盖掉对方的。请刷新页面，看过以后再改。"
    )


async def discard(desk: Desk, sections: tuple[str, ...]) -> None:
    """Give up what was changed in these sections. Safe to repeat. Raises NotAllowed."""
    await desk.require(Action.DRAFT_RULES)

    async def give_up(connection: asyncpg.Connection) -> None:
        gone = [row["section"] for row in await connection.fetch(DISCARD, list(sections))]
        if gone:
            await desk.note(connection, Action.DRAFT_RULES, "、".join(gone), after={"does": "discard"})

    await desk.change(give_up)


async def replace_all(desk: Desk, body: Mapping[str, Any]) -> list[str]:
    """Make the draft equal to a whole rule set, such as a file or an old version; the sections that differ from the newest version.

    Raises NotAllowed, and DraftRefused if somebody has a draft of a section that would be replaced.
    """
    found = await rule_draft(desk.resources.pool)
    if found.sections:
        named = "、".join(section_title(name) for name in found.sections)
        raise DraftRefused(f"草稿里已经有改动（{named}），请先发布或放弃，再换成整份规则。")
    changed = [name for name in items_of(RuleSet) if body.get(name) != found.base_body.get(name)]
    for name in changed:
        await save_section(desk, name, body.get(name), 0)
    return changed


async def empty(connection: asyncpg.Connection, sections: Mapping[str, int]) -> set[str]:
    """Remove from the draft what has been published: sections with their editions. Those that have another edition by now stay,
    and are returned.
    """
    rows = await connection.fetch(TAKE, list(sections), list(sections.values()))
    return sections.keys() - {row["section"] for row in rows}
