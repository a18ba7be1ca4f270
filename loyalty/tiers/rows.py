"""The rows of tiers: which tier a member had since when. `TIER` is what other features may read."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import asyncpg

from loyalty.engine.command import DatedCommand
from loyalty.engine.past import Past
from loyalty.engine.reads import Read, ReadRequest
from loyalty.engine.scene import Scene
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.writes import Table, Update
from loyalty.tiers.rule import Tier

SELECT_SPANS = """
SELECT member_id, receipt_no, since, tier, came_from, why FROM tier_span
WHERE member_id = ANY($1::bigint[]) ORDER BY member_id, receipt_no
"""
SELECT_TIER = """
SELECT a.member_id, coalesce(
    (SELECT tier FROM tier_span s WHERE s.member_id = a.member_id AND s.since <= u.at ORDER BY s.receipt_no DESC LIMIT 1),
    (SELECT came_from FROM tier_span s WHERE s.member_id = a.member_id ORDER BY s.receipt_no LIMIT 1)
) AS tier
FROM unnest($1::bigint[], $2::timestamptz[]) AS u(member_id, at) JOIN account a ON a.member_id = u.member_id
"""
CLOSE = """
UPDATE tier_span s SET until = u.until FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[]) AS u(member_id, receipt_no, until)
WHERE s.member_id = u.member_id AND s.receipt_no = u.receipt_no
"""


class SpanRow(NamedTuple):
    """A tier of the member from the receipt's posted time on, the tier before it, and why it changed or stayed.

    `why`: `begun` (there was no history yet), `reached`, `kept` and `fell` (at a review), `refunded`, `merged`.
    """

    tier: str
    came_from: str
    why: str


class CloseRow(NamedTuple):
    """The span that ends, by its receipt, and when."""

    receipt_no: int
    until: datetime


class Span(NamedTuple):
    """A stored span. It ends where the next one begins."""

    receipt_no: int
    since: datetime
    tier: str
    came_from: str
    why: str

    @property
    def is_reviewed(self) -> bool:
        """Whether a review put the member there."""
        return self.why in {"kept", "fell"}


TIER_SPANS: Final = Table(
    "tier_span",
    SpanRow,
    stamps={"receipt_no": "receipt_no", "since": "posted_at"},
    mutable=("until",),
    key=("receipt_no",),
)
CLOSE_SPAN: Final = Update(CLOSE, CloseRow, table=TIER_SPANS, since="until")


async def _history(request: ReadRequest) -> Mapping[int, Sequence[Span]]:
    found: dict[int, list[Span]] = defaultdict(list)
    for member_id, *span in await request.connection.fetch(SELECT_SPANS, request.members):
        found[member_id].append(Span(*span))
    return found


def _history_in(past: Past, _: DatedCommand, __: object) -> Sequence[Span]:
    rows = past.rows[TIER_SPANS]
    return [Span(*(rows[key][name] for name in Span._fields)) for key in sorted(rows)]


async def _tier(request: ReadRequest) -> Mapping[int, str | None]:
    return await tiers_held(request.connection, request.members, [one.at for one in request.commands])


async def tiers_held(
    connection: asyncpg.Connection, members: Sequence[int], instants: Sequence[datetime]
) -> Mapping[int, str | None]:
    """The tier that each member had at the instant beside them; None without history."""
    return dict(await connection.fetch(SELECT_TIER, members, instants))


def _tier_in(past: Past, one: DatedCommand, shared: object) -> str | None:
    return tier_of(_history_in(past, one, shared), one.at)


def tier_of(history: Sequence[Span], at: datetime) -> str | None:
    """The tier at an instant; before all spans the one that the first came from; None without history."""
    held = [span.tier for span in history if span.since <= at]
    return held[-1] if held else history[0].came_from if history else None


HISTORY: Final = Read[Sequence[Span]]("the member's tiers", _history, (), fold=_history_in)
TIER: Final = Read[str | None]("the tier at the instant of the command", _tier, None, fold=_tier_in)


def member_tier(wallet: Wallet, scene: Scene[Any]) -> Tier:
    """The member's tier at the instant of the command, before anything that the command brings.

    The command's handler must name TIER among its Reads; otherwise this raises KeyError.
    """
    tier: Tier = scene.live.rules.ladder.tier(scene.recall(TIER), wallet.loaded.growth)
    return tier
