"""The wheel in the second ledger: every roll worked out once more."""

import hmac
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final, NamedTuple

from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NotEnoughPoints
from loyalty.games.commands import Draw
from loyalty.games.outcomes import DrawLimitReached, Drawn, DrawnPrize, OddsChanged, UnknownWheel
from loyalty.games.rule import Prize
from loyalty.programme.rules import RuleSet
from tests.loyalty.missions.second_ledger import Missions
from tests.loyalty.shown.second_ledger import seen_as
from tests.loyalty.vouchers.second_ledger import Bought, Vouchers, void_on, voucher
from tests.simulation.feature import AskKind, Expected, FeatureLedger, Rows, Situation
from tests.simulation.prediction import ANY, Piece, Prediction, Scene
from tests.simulation.second_ledger import Member, Sheet, Version, World, table_of


class Spin(NamedTuple):
    """A draw as its row should tell it."""

    round_id: int
    nonce: int
    roll: int
    candidate: str
    prize: str
    cost: int
    points: int


@dataclass
class Draws:
    """A member's spins, how many on each wheel and day, and how many in each round."""

    spins: list[Spin] = field(default_factory=list)
    drawn: Counter[tuple[str, date]] = field(default_factory=Counter)
    nonces: Counter[int] = field(default_factory=Counter)


def roll(seed: bytes, round_id: int, member_id: int, nonce: int, client_seed: str) -> int:
    """HMAC-SHA256(seed, "round:member:nonce:attempt:client_seed") as 64-bit numbers, the first fair one modulo a million."""
    for attempt in range(100):
        digest = hmac.digest(
            seed, f"{round_id}:{member_id}:{nonce}:{attempt}:{client_seed}".encode(), "sha256"
        )
        for place in (0, 8, 16, 24):
            number = int.from_bytes(digest[place : place + 8], "big")
            if number < 2**64 - 2**64 % 1_000_000:
                return number % 1_000_000
    raise AssertionError("a hundred unfair attempts")


def _draw(member: Member, command: Draw, scene: Scene, sheet: Sheet, made: Prediction) -> Outcome:
    wheel = {wheel.id: wheel for wheel in scene.version.rules.wheels}.get(command.wheel)
    round_ = scene.rounds.get(command.wheel)
    if wheel is None or round_ is None:
        return UnknownWheel(command.wheel)
    as_shown = seen_as(member, command, f"wheel:{wheel.id}", wheel.odds_version, made)
    if not as_shown or command.odds_version not in (None, wheel.odds_version):
        return OddsChanged(wheel.id, wheel.odds_version)
    so_far = member.of(Draws)
    before = so_far.drawn[wheel.id, scene.day]
    left = max(wheel.draws_per_day - before, 0)
    if command.count > left:
        return DrawLimitReached(wheel.draws_per_day, left)
    unpaid = max(min(before + command.count - wheel.free_per_day, command.count), 0)
    tickets = min(member.of(Missions).tickets.get(wheel.id, 0), unpaid) if wheel.cost_points else 0
    paid = unpaid - tickets
    if paid * wheel.cost_points > sheet.spendable:
        return NotEnoughPoints(paid * wheel.cost_points, sheet.spendable)
    prizes = {prize.id: prize for prize in wheel.prizes}
    took: Counter[str] = Counter()
    limited = [one for one in sorted(wheel.prizes, key=lambda one: one.slot) if one.stock is not None]

    def item_of(prize: Prize) -> str:
        return f"prize:{wheel.id}:{prize.id}"

    spins: list[Spin] = []
    draws: list[DrawnPrize] = []
    won: dict[int, Bought] = {}
    for line in range(command.count):
        cost = wheel.cost_points if line >= command.count - paid else 0
        if cost:
            sheet.spend(cost, "draw")
        nonce = so_far.nonces[round_.number] + line + 1
        number = roll(round_.seed, round_.number, member.member_id, nonce, command.client_seed)
        out = {one.id for one in limited if took[item_of(one)] >= scene.left(item_of(one))}
        prize = candidate = on_table(wheel.prizes, number)
        item = f"prize:{wheel.id}:{candidate.id}"
        if candidate.stock is not None:
            if took[item] < scene.left(item):
                took[item] += 1
            else:
                prize = prizes[candidate.substitute or ""]
        code = None
        if prize.kind == "points":
            sheet.grant(prize.points, "prize", scene.lapse_day)
        if prize.kind == "voucher":
            code = voucher(command.entropy, line)
            void = void_on(scene.posted_at, prize.valid_days)
            won[line] = Bought("draw", f"prize:{wheel.id}:{prize.id}", prize.name, 1, 0, code, void, (), 0)
        spins.append(Spin(round_.number, nonce, number, candidate.id, prize.id, cost, prize.points))
        draws.append(
            DrawnPrize(
                round_.number,
                nonce,
                prize.id,
                prize.name,
                prize.kind,
                prize.level,
                prize.slot,
                prize.points,
                code,
                prize.odds_ppm
                + sum(one.odds_ppm for one in limited if one.id in out and one.substitute == prize.id),
            )
        )
    gone = tuple(one.id for one in limited if took[item_of(one)] >= scene.left(item_of(one)))
    for one in limited:
        item = item_of(one)
        made.pieces.append(
            Piece(item, -took[item], took[item] + (one.id not in gone), took[item] if one.id in gone else ANY)
        )

    def keep(one: Member) -> None:
        kept = one.of(Draws)
        kept.drawn[wheel.id, scene.day] += command.count
        kept.nonces[round_.number] += command.count
        kept.spins += spins
        one.of(Vouchers).bought |= {(one.version, line): bought for line, bought in won.items()}
        if tickets:
            one.of(Missions).tickets[wheel.id] -= tickets

    made.learn.append(keep)
    cost_points = paid * wheel.cost_points
    return Drawn(wheel.id, tuple(draws), cost_points, sheet.spendable, scene.version.number, gone, tickets)


def on_table(prizes: tuple[Prize, ...], number: int) -> Prize:
    """The prize in whose stretch of the table the number falls."""
    for prize in sorted(prizes, key=lambda one: one.slot):
        number -= prize.odds_ppm
        if number < 0:
            return prize
    raise AssertionError("the table is short")


def _is_late(draw: Draw, version: Version, world: World) -> bool:
    """Whether the wheel's open round is on another table than the version's."""
    tables = {wheel.id: table_of(wheel) for wheel in version.rules.wheels}
    round_ = world.rounds.get(draw.wheel)
    return draw.wheel in tables and (round_ is None or round_.table != tables[draw.wheel])


def _ask(now: Situation) -> Draw:
    wheel = now.dice.choice(("hot", "hot", "hot", "hot", "hot", "free", "free", "nowhere"))
    count = now.dice.choice((1, 1, 1, 1, 2, 3, 10, 10**9))
    seed = now.dice.choice(("", "a", "好运"))
    shown: dict[str, Any] = now.dice.choice(
        ({}, {}, {}, {"as_shown": True}, {"as_shown": True}, {"odds_version": "2-another"})
    )
    return Draw(**now.common, wheel=wheel, count=count, client_seed=seed, entropy=now.entropy, **shown)


def _prizes_that_ran_out(outcome: Drawn, item: str) -> int:
    """Of each prize as many were left as were drawn, and of one that is not out afterwards at least one more."""
    drawn = sum(f"prize:{outcome.wheel}:{draw.prize}" == item for draw in outcome.draws)
    return drawn + (item.removeprefix(f"prize:{outcome.wheel}:") not in outcome.gone)


def _pieces(rules: RuleSet) -> dict[str, int]:
    return {
        f"prize:{wheel.id}:{prize.id}": prize.stock
        for wheel in rules.wheels
        for prize in wheel.prizes
        if prize.stock is not None
    }


LEDGER: Final = FeatureLedger(
    commands=(
        Expected(
            Draw,
            _draw,
            fact=lambda command, day: ("draw", f"{command.wheel}:{command.request_key}"),
            chosen=lambda command: (command.wheel, command.count, command.client_seed, command.odds_version),
            otherwise=lambda earlier: replace(earlier, client_seed=f"{earlier.client_seed}x"),
            is_late=_is_late,
        ),
    ),
    asks=(AskKind("draw", Draw, _ask, share=20, together=True),),
    rows=(
        Rows(
            "draws",
            "SELECT member_id, round_id, nonce, roll, candidate, prize, cost_points, points FROM draw",
            lambda member: member.of(Draws).spins,
        ),
    ),
    pieces=_pieces,
    left={Drawn: _prizes_that_ran_out},
    stored=(DrawLimitReached, OddsChanged),
)
