"""What members see of wheels: the wheels themselves, the member's draws, and the winners."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import asyncpg
from tortoise.expressions import Q

from loyalty.games.rows import draws_of
from loyalty.games.rule import Prize, Wheel, prize_pool
from loyalty.games.seeds import HERE
from loyalty.games.words import wheel_rule
from loyalty.ledger.ids import draw_id
from loyalty.members.profile import mask
from loyalty.programme.in_force.live import LiveRules
from loyalty.programme.tickets import tickets_of
from loyalty.tiers.ladder import Ladder
from loyalty.tiers.views import shown_titles
from models.features import Draw
from models.member import Member


@dataclass(frozen=True)
class PrizeView:
    """One slot of the wheel. `stock_left` null means unlimited; at 0 the prize is `sold_out` and the `substitute` is given.

    `odds_ppm` are the published odds. `odds_now_ppm` are those of now: of a prize that is sold out 0, and its substitute has them.
    """

    id: str
    slot: int
    name: str
    level: str
    kind: str
    odds_ppm: int
    odds_now_ppm: int
    sold_out: bool
    stock_left: int | None
    substitute: str | None


@dataclass(frozen=True)
class WheelView:
    """`draws_left` today, `free_left` of them free or paid by tickets; `commitment`: SHA-256 (hex) of the round's seed.

    The odds sum to exactly 1,000,000, those of now too. The `odds_version` is a digest of `covered`, the text of everything that
    the wheel promises.

    At `round_ends_at` the round ends, and its seed is revealed. `round_id`, `commitment` and `round_ends_at` are null while no
    round is open on this table of odds: its version has just come into force or the last round has just ended, and the first draw
    opens the next.
    """

    id: str
    name: str
    cost_points: int
    free_left: int
    draws_left: int
    odds_version: str
    covered: str
    round_id: int | None
    commitment: str | None
    round_ends_at: datetime | None
    prizes: list[PrizeView]
    rule: str


@dataclass(frozen=True)
class DrawView:
    """One spin of a member. `id` is `<round>-<nonce>` within its member."""

    id: str
    receipt_no: int
    line: int
    wheel: str
    nonce: int
    prize: str
    name: str
    level: str
    slot: int
    won: bool
    points: int
    cost_points: int
    odds_version: str
    drawn_at: datetime


@dataclass(frozen=True)
class WinnerView:
    """A win under the member's masked name, with the title of their tier if they let others see it, else None.

    `place` is its position in the list, for keyset paging.
    """

    name: str
    title: str | None
    prize: str
    level: str
    won_at: datetime
    place: tuple[datetime, int, int, int]


DRAWN_TODAY = """
SELECT m.name, m.value FROM unnest($2::text[], $3::text[]) AS u(name, period)
JOIN meter m ON m.member_id = $1 AND m.name = u.name AND m.period = u.period
"""
ROUNDS_AND_STOCK = f"""
SELECT wheel AS name, odds_version, id AS round_id, commitment, ends_at, NULL::bigint AS stock_left FROM wheel_round
WHERE wheel = ANY($1::text[]) AND closed_at IS NULL AND ends_at > $3 AND opened_in = {HERE}
UNION ALL
SELECT item, NULL, NULL, NULL, NULL, stocked - taken FROM stock WHERE item = ANY($2::text[])
"""  # noqa: S608  # no values in the text
"""Open rounds by wheel, and pieces left by item. The member's meters are a statement of their own, because a distributed database
keeps these two tables at its coordinator and the meters elsewhere.
"""


class Shared(NamedTuple):
    """What is the same for all members: the open round of each wheel, and the pieces left in each pool that has a row."""

    rounds: dict[str, asyncpg.Record]
    stock: dict[str, int]


async def wheels(database: asyncpg.Pool, member_id: int, live: LiveRules, now: datetime) -> list[WheelView]:
    """Every wheel of the rules in force, in their order, with two statements for any number of wheels."""
    return await _wheels(database, member_id, live.rules.wheels, live, now)


async def wheel_view(
    database: asyncpg.Pool, member_id: int, wheel: Wheel, live: LiveRules, now: datetime
) -> WheelView:
    """One wheel as this member sees it at `now`."""
    (view,) = await _wheels(database, member_id, (wheel,), live, now)
    return view


async def _wheels(
    database: asyncpg.Pool, member_id: int, listed: Sequence[Wheel], live: LiveRules, now: datetime
) -> list[WheelView]:
    today, ladder = live.day(now), live.rules.ladder
    keys = [key for wheel in listed for key in (draws_of(wheel.id, today), tickets_of(wheel.id))]
    rows = await database.fetch(
        DRAWN_TODAY, member_id, [key.name for key in keys], [key.period for key in keys]
    )
    counted, shared = dict(rows), await _shared(database, listed, now)
    return [
        _wheel(
            wheel,
            counted.get(draws_of(wheel.id, today).name, 0),
            counted.get(tickets_of(wheel.id).name, 0),
            shared,
            ladder,
        )
        for wheel in listed
    ]


async def _shared(database: asyncpg.Pool, listed: Sequence[Wheel], now: datetime) -> Shared:
    limited = [item for wheel in listed for item in wheel.limited_pools]
    rows = await database.fetch(ROUNDS_AND_STOCK, [wheel.id for wheel in listed], limited, now)
    return Shared(
        rounds={row["name"]: row for row in rows if row["round_id"] is not None},
        stock={row["name"]: row["stock_left"] for row in rows if row["round_id"] is None},
    )


def _wheel(wheel: Wheel, drawn: int, tickets: int, shared: Shared, ladder: Ladder) -> WheelView:
    draws_left = max(0, wheel.draws_per_day - drawn)
    left = {prize.id: shared.stock.get(prize_pool(wheel.id, prize.id), prize.stock) for prize in wheel.prizes}
    gone = [prize.id for prize in wheel.limited if left[prize.id] == 0]
    odds = wheel.odds_now(gone)
    open_round = shared.rounds.get(wheel.id)
    if open_round is not None and open_round["odds_version"] != wheel.odds_version:
        open_round = None
    return WheelView(
        id=wheel.id,
        name=wheel.name,
        cost_points=wheel.cost_points,
        free_left=min(draws_left, max(0, wheel.free_per_day - drawn) + tickets),
        draws_left=draws_left,
        odds_version=wheel.odds_version,
        covered=wheel.covered_text,
        round_id=open_round["round_id"] if open_round else None,
        commitment=open_round["commitment"].hex() if open_round else None,
        round_ends_at=open_round["ends_at"] if open_round else None,
        prizes=[_prize(prize, left[prize.id], odds[prize.id]) for prize in wheel.by_slot],
        rule=wheel_rule(wheel, ladder, gone),
    )


def _prize(prize: Prize, left: int | None, odds_now_ppm: int) -> PrizeView:
    return PrizeView(
        id=prize.id,
        slot=prize.slot,
        name=prize.name,
        level=prize.level,
        kind=prize.kind,
        odds_ppm=prize.odds_ppm,
        odds_now_ppm=odds_now_ppm,
        sold_out=left == 0,
        stock_left=left,
        substitute=prize.substitute,
    )


async def draws(member_id: int, *, before: tuple[int, int] | None = None, limit: int = 20) -> list[DrawView]:
    """At most `limit` draws, newest first, only those before the receipt number and line `before`."""
    found = Draw.filter(member_id=member_id)
    if before is not None:
        receipt_no, line = before
        found = found.filter(Q(receipt_no__lt=receipt_no) | Q(receipt_no=receipt_no, line__lt=line))
    return [draw_view(row) for row in await found.order_by("-receipt_no", "-line").limit(limit)]


def draw_view(row: Draw) -> DrawView:
    """A stored draw as its member sees it."""
    return DrawView(
        id=draw_id(row.round_id, row.nonce),
        receipt_no=row.receipt_no,
        line=row.line,
        wheel=row.wheel,
        nonce=row.nonce,
        prize=row.prize,
        name=row.prize_name,
        level=row.level,
        slot=row.slot,
        won=row.won,
        points=row.points,
        cost_points=row.cost_points,
        odds_version=row.odds_version,
        drawn_at=row.drawn_at,
    )


WINNERS = """
SELECT member_id, round_id, nonce, prize_name, level, drawn_at FROM draw WHERE wheel = $1 AND won
ORDER BY drawn_at DESC, member_id DESC, round_id DESC, nonce DESC LIMIT $2
"""
WINNERS_AFTER = """
SELECT member_id, round_id, nonce, prize_name, level, drawn_at FROM draw WHERE wheel = $1 AND won
AND (drawn_at, member_id, round_id, nonce) < ($3::timestamptz, $4::bigint, $5::int, $6::bigint)
ORDER BY drawn_at DESC, member_id DESC, round_id DESC, nonce DESC LIMIT $2
"""
"""The comparison of whole rows lets a page begin within `draw_winners_idx`, however deep in the list it is."""


async def winners(
    database: asyncpg.Pool,
    wheel_id: str,
    live: LiveRules,
    *,
    before: tuple[datetime, int, int, int] | None = None,
    limit: int = 20,
) -> list[WinnerView]:
    """At most `limit` wins of a wheel, newest first, only those that follow the place `before` in the list."""
    rows = await database.fetch(WINNERS_AFTER if before else WINNERS, wheel_id, limit, *(before or ()))
    members = {row["member_id"] for row in rows}
    names = Member.filter(member_id__in=members).values_list("member_id", "nickname")
    nicknames = dict(await names)
    titles = await shown_titles(database, members, live)
    return [_winner(row, nicknames.get(row["member_id"]), titles.get(row["member_id"])) for row in rows]


def _winner(row: asyncpg.Record, nickname: str | None, title: str | None) -> WinnerView:
    place = (row["drawn_at"], row["member_id"], row["round_id"], row["nonce"])
    name = mask(nickname, row["member_id"])
    return WinnerView(name, title, row["prize_name"], row["level"], row["drawn_at"], place)
