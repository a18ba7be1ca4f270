"""The rules in force at an instant. Versions never change, so a parsed one is kept by its digest; which is live is always asked."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from jifen.loyalty.calendar import business_day
from jifen.loyalty.rules import RuleSet
from jifen.models.rules import RuleVersion


class NoRulesPublished(Exception):
    """The programme has no rule version in force yet."""


@dataclass(frozen=True)
class LiveRules:
    """A rule version with the zone its business days are counted in."""

    version: int
    rules: RuleSet
    zone: ZoneInfo

    def day(self, instant: datetime) -> date:
        """The programme's calendar day of an aware instant."""
        return business_day(instant, self.zone)


_parsed: dict[str, RuleSet] = {}


def known_rules(digest: str) -> RuleSet | None:
    """The rule set of that digest, if this process has parsed it before."""
    return _parsed.get(digest)


def parse_rules(digest: str, body: str) -> RuleSet:
    """The rule set whose stored JSON text is `body`, kept under its digest."""
    _parsed[digest] = rules = RuleSet.model_validate_json(body)
    return rules


async def live_rules(now: datetime, zone: ZoneInfo) -> LiveRules:
    """The version in force at `now`. Raises NoRulesPublished."""
    in_force = RuleVersion.filter(effective_from__lte=now).order_by("-effective_from", "-id")
    row = await in_force.first().values("id", "digest")
    if row is None:
        raise NoRulesPublished("没有生效的积分规则")
    rules = known_rules(row["digest"])
    if rules is None:
        stored = await RuleVersion.get(id=row["id"])
        rules = parse_rules(stored.digest, json.dumps(stored.body))
    return LiveRules(row["id"], rules, zone)
