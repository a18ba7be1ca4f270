"""The draft of the rules: what operators have changed since the newest version and not published yet, section by section.

Sections that somebody has published anew since are named, because publishing the draft would undo that.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import asyncpg

from loyalty.programme.files.checking import check
from loyalty.programme.files.document import Document, Placed
from loyalty.programme.in_force.live import rules_of
from loyalty.programme.outline.items import items_of
from loyalty.programme.publishing.versions import newest
from loyalty.programme.rules import RuleSet

SELECT: Final = "SELECT section, body::text AS body, base, edition, changed_by, changed_at FROM rule_draft_section ORDER BY section"


@dataclass(frozen=True)
class Section:
    """A changed section: its new value (None: it is left out), and who changed it last, from which version."""

    value: Any
    base: int
    edition: int
    changed_by: str
    changed_at: datetime


@dataclass(frozen=True)
class RuleDraft:
    """The newest version with its rules (None before the first), and the sections that were changed since."""

    newest: int
    before: RuleSet | None
    base_body: Mapping[str, Any]
    sections: Mapping[str, Section]
    overtaken: tuple[str, ...]

    @property
    def body(self) -> dict[str, Any]:
        """The rules as they would be published, as a JSON value in the order of the model."""
        merged = {**self.base_body, **{name: section.value for name, section in self.sections.items()}}
        return {name: merged[name] for name in items_of(RuleSet) if merged.get(name) is not None}

    def value(self, section: str) -> Any:
        """The value of a section as it stands in the draft; None if it is left out."""
        return self.body.get(section)

    def edition(self, section: str) -> int:
        """The edition of a section, which a save must name; 0 if nobody has changed it."""
        return self.sections[section].edition if section in self.sections else 0


async def rule_draft(pool: asyncpg.Pool) -> RuleDraft:
    """The draft as it stands now."""
    number = await newest(pool)
    before = await rules_of(pool, number) if number else None
    sections = {
        row["section"]: Section(
            json.loads(row["body"]).get("value"),
            row["base"],
            row["edition"],
            row["changed_by"],
            row["changed_at"],
        )
        for row in await pool.fetch(SELECT)
    }
    base_body = body_of(before)
    overtaken = [
        name for name, section in sections.items()
        if section.base != number and await _value_in(pool, section.base, name) != base_body.get(name)
    ]  # fmt: skip
    return RuleDraft(number, before, base_body, sections, tuple(overtaken))


def body_of(rules: RuleSet | None) -> dict[str, Any]:
    """The rules as a JSON value, without what holds its default."""
    return rules.model_dump(mode="json", exclude_defaults=True) if rules else {}


async def _value_in(pool: asyncpg.Pool, version: int, section: str) -> Any:
    return body_of(await rules_of(pool, version)).get(section) if version else None


def checked(body: Mapping[str, Any]) -> tuple[RuleSet | None, list[Placed]]:
    """The rules of a draft's body, or what is wrong with it and where."""
    document = Document(value=json.loads(json.dumps(body)))
    return check(document)


def section_title(section: str) -> str:
    """The Chinese title of a section."""
    item = items_of(RuleSet).get(section)
    return (item and item.title) or section
