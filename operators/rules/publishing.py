"""Publishing rules: the draft, or a whole rule set as from a file. What the operator may not publish alone becomes a request."""

from collections.abc import Mapping, Sequence

import asyncpg

from loyalty.programme.publishing.draft import Terms
from loyalty.programme.rules import RuleSet
from operators.approvals.rows import Approval
from operators.desk import Desk
from operators.roles import Action
from operators.rules.drafting import DraftRefused, empty
from operators.rules.drafts import RuleDraft, checked, rule_draft, section_title
from operators.rules.requests import ask_to_publish
from operators.rules.versions import NeedsSecond, publish_within


async def publish_rules(desk: Desk, rules: RuleSet, base: int, terms: Terms) -> int | Approval:
    """Publish a rule set made from version `base`: its version, or what now waits for a second person.

    Raises as `publish_within` and `ask_to_publish`.
    """
    await desk.require(Action.PUBLISH_RULES)
    return await _publish(desk, rules, base, terms, {}, ())


async def publish_draft(
    desk: Desk, terms: Terms, *, newest_seen: int, figures: Sequence[str] = ()
) -> int | Approval:
    """Publish the draft and empty it, in one transaction: the new version's number, or what now waits for a second person.

    `newest_seen` is the newest version that the operator saw when they looked the draft over; `figures` are the lines of their
    back-test of it, for the second person. Raises DraftRefused, and as `publish_rules`.
    """
    await desk.require(Action.PUBLISH_RULES)
    found = await rule_draft(desk.resources.pool)
    rules = _publishable(found, newest_seen)
    sections = {name: section.edition for name, section in found.sections.items()}
    return await _publish(desk, rules, found.newest, terms, sections, figures)


async def _publish(
    desk: Desk, rules: RuleSet, base: int, terms: Terms, sections: Mapping[str, int], figures: Sequence[str]
) -> int | Approval:
    now = desk.now()
    draft = terms.draft(rules, base, desk.operator.name, now)

    async def publish(connection: asyncpg.Connection) -> int:
        version = await publish_within(desk, connection, draft, now)
        for name in await empty(connection, sections):
            raise DraftRefused(f"发布的时候，「{section_title(name)}」又有人改了，没有发布。请再看一遍。")
        return version

    try:
        return await desk.change(publish)
    except NeedsSecond as needs:  # everything else about it holds, and the transaction has left nothing
        return await ask_to_publish(desk, draft, needs.losses, sections, figures)


def _publishable(found: RuleDraft, newest_seen: int) -> RuleSet:
    if not found.sections:
        raise DraftRefused("草稿里没有改动，没有东西可以发布。")
    if found.newest != newest_seen:
        raise DraftRefused(
            f"您看草稿的时候是第 {newest_seen} 版，现在已经是第 {found.newest} 版了，请再看一遍。"
        )
    if found.overtaken:
        named = "、".join(section_title(name) for name in found.overtaken)
        raise DraftRefused(
            f"「{named}」在您改动以后又发布过新的，现在发布会把那次改动盖掉。请放弃这一部分，在新的上面再改。"
        )
    rules, faults = checked(found.body)
    if rules is None:
        raise DraftRefused(f"草稿里还有 {len(faults)} 处要改，不能发布。")
    return rules
