"""What a rule set holds, section by section: so an operator sees that the file says what they meant to write."""

from collections.abc import Iterator
from typing import Final

from loyalty.programme.outline.items import items_of
from loyalty.programme.rules import RuleSet

LISTS: Final = {
    "tiers": "个", "stores": "家", "events": "种", "earning": "条", "packs": "个", "missions": "个", "polls": "个", "wheels": "个",
    "rewards": "件",
}  # fmt: skip
"""The lists of the rule set, each with its measure word."""
CHOICES: Final = ("repair", "deductions", "tier_review", "risk")
"""Sections that a programme has or does without."""
MOST_NAMED: Final = 10


def contents(rules: RuleSet) -> Iterator[str]:
    """Lines such as `任务 2 个：新手任务、每周到店`, and at last what there is none of."""
    titles = {key: item.title or key for key, item in items_of(RuleSet).items()}
    for key, measure in LISTS.items():
        if found := getattr(rules, key):
            yield f"{titles[key]} {len(found):,} {measure}：{_names([one.name for one in found])}"
    without = [key for key in LISTS if not getattr(rules, key)]
    without += [key for key in CHOICES if getattr(rules, key) is None]
    if without:
        yield f"没有写的：{'、'.join(titles[key] for key in without)}"


def _names(names: list[str]) -> str:
    more = " 等" if len(names) > MOST_NAMED else ""
    return f"{'、'.join(names[:MOST_NAMED])}{more}"
