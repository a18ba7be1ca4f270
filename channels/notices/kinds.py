"""The list of all kinds of notice, and look-ups in it."""

from collections.abc import Iterable
from typing import Final

from channels.notices.appeal_answered import APPEAL_ANSWERED
from channels.notices.case_decided import CASE_DECIDED
from channels.notices.case_opened import CASE_OPENED
from channels.notices.change import CHANGE
from channels.notices.expiry import EXPIRY
from channels.notices.inactivity import INACTIVITY
from channels.notices.kind import NoticeKind
from channels.notices.referral_rewarded import REFERRAL_REWARDED
from channels.notices.rule_change import RULE_CHANGE
from channels.notices.tier_review import TIER_REVIEW
from channels.notices.wake_up import WAKE_UP
from loyalty.programme.rules import RuleSet

KINDS: Final[tuple[NoticeKind, ...]] = (
    CHANGE,
    EXPIRY,
    INACTIVITY,
    WAKE_UP,
    REFERRAL_REWARDED,
    RULE_CHANGE,
    APPEAL_ANSWERED,
    CASE_OPENED,
    CASE_DECIDED,
    TIER_REVIEW,
)


class UnknownKind(LookupError):
    """A stored notice has a code that this version does not know."""


def find_kind(code: str, kinds: Iterable[NoticeKind] = KINDS) -> NoticeKind:
    """The kind with this code. Raises UnknownKind."""
    for kind in kinds:
        if kind.code == code:
            return kind
    raise UnknownKind(code)


def kinds_with(template_id: str, rules: RuleSet, kinds: Iterable[NoticeKind] = KINDS) -> list[str]:
    """The codes of the kinds that a template serves."""
    return [
        kind.code
        for kind in kinds
        if template_id in {one.template_id for one in kind.templates(rules) if one is not None}
    ]


def template_ids(rules: RuleSet, kinds: Iterable[NoticeKind] = KINDS) -> frozenset[str]:
    """The ids of all templates that the rule set names for any kind."""
    named = [template for kind in kinds for template in kind.templates(rules)]
    return frozenset(template.template_id for template in named if template is not None)


def subscribable(rules: RuleSet, kinds: Iterable[NoticeKind] = KINDS) -> dict[str, str]:
    """The subjects of the subscribe messages that the rule set names, by template id."""
    found: dict[str, list[str]] = {}
    for kind in kinds:
        if (template := kind.templates(rules).subscribe) is not None:
            found.setdefault(template.template_id, []).append(kind.about)
    return {template_id: "、".join(abouts) for template_id, abouts in found.items()}
