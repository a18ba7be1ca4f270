"""Earning rules that are over before they begin: they are refused at publication, while those in force before may stay."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from loyalty.ledger.words import day_text


def over(rules: Any, before: Any | None, since: datetime) -> Iterator[str]:
    """A Chinese sentence for each rule that is new or changed and ends before `since`, on the clock of the programme's zone."""
    known = before.earning_by_id if before is not None else {}
    clock = since.replace(tzinfo=None)
    for rule in rules.earning:
        if rule.until is not None and rule.until <= clock and known.get(rule.id) != rule:
            end = f"{day_text(rule.until.date())} {rule.until:%H:%M}"
            yield (
                f"规则「{rule.name}」（{rule.id}）到 {end} 就结束了，这一版生效时已经过了，谁也得不到它。"
                "请改 until（结束），或者去掉这条规则。"
            )
