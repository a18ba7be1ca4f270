"""Notices of worse rules: every member hears once of a version that makes something worse, in waves before it takes effect."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import asyncpg
from typing_extensions import override

from loyalty.engine.command import Command
from loyalty.engine.feature import Feature
from loyalty.engine.handler import Handler
from loyalty.engine.outcomes import Outcome, Result
from loyalty.engine.scene import Scene
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.writes import NoticeRow
from loyalty.members.visits import LAST_SEEN
from loyalty.programme.comparing.favour import NOTICE
from loyalty.programme.general.quiet_hours import WINDOW_DAYS
from loyalty.programme.in_force.live import NOT_WITHDRAWN
from loyalty.programme.rules import RuleSet

WORSE: Final = f"""
SELECT id AS version, effective_from, published_at FROM rule_version
WHERE losses <> '[]' AND effective_from > $1 AND {NOT_WITHDRAWN} ORDER BY id
"""  # noqa: S608  # our own text


@dataclass(frozen=True, kw_only=True)
class AnnounceRules(Command):
    """Write the notice of rule version `version`, which makes something worse from `effective_from` on; once per member."""

    name = "announce_rules"
    travels = False

    version: int
    effective_from: datetime

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "rule_change", str(self.version)


@dataclass(frozen=True)
class RulesAnnounced(Result):
    """The notice was written."""

    code = "rules_announced"
    moves_points = False
    version: int


def decide(wallet: Wallet, command: AnnounceRules, scene: Scene[RuleSet]) -> Outcome:
    """Write the notice for this member's wave, in the member's place in the open hours of that day.

    Members who were here within the last WINDOW_DAYS can still be answered in the chat, so they are in the first wave. All others
    are spread over the first half of the days until the version takes effect.
    """
    seen, now = scene.recall(LAST_SEEN), wallet.posted_at
    is_here = seen is not None and (wallet.today - seen).days <= WINDOW_DAYS
    waves = max((command.effective_from - now).days // 2, 1)
    wave = timedelta(days=0 if is_here else wallet.member_id % waves)
    due_at = scene.live.unprompted_at(wallet.member_id, now + wave, seen_on=seen)
    payload = {"effective_from": command.effective_from.isoformat()}
    wallet.writes.notices.append(NoticeRow("rule_change", str(command.version), payload, due_at))
    return RulesAnnounced(command.version)


async def worse_versions(pool: asyncpg.Pool, now: datetime) -> Sequence[asyncpg.Record]:
    """The versions (version, effective_from, published_at) of which members should hear: those to come, and urgent ones."""
    rows: Sequence[asyncpg.Record] = await pool.fetch(WORSE, now - NOTICE)
    return rows


FEATURE: Final = Feature(
    "rule_change",
    handlers=(Handler(AnnounceRules, decide, gives=RulesAnnounced, reads=(LAST_SEEN,)),),
    outcomes=(RulesAnnounced,),
)
