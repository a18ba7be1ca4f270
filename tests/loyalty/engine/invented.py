"""A feature that is no part of the programme: lanterns (灯). The engine runs it, and the audit checks it, from this file alone.

A reaction to a sign-in lights the member's own lantern (`Light`), and a reaction to that makes it glow (`Glow`). `HangFor` owes a
lantern to each of many members. Members take lamp oil from a budget per day (`Fetch`) and bring it back (`BringBack`).
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from typing_extensions import override

from loyalty.checkin.outcomes import CheckedIn
from loyalty.engine.auditing import Check
from loyalty.engine.command import Command
from loyalty.engine.feature import Feature, Reaction
from loyalty.engine.follow_ups import own_follow_up
from loyalty.engine.handler import Handler
from loyalty.engine.outcomes import Outcome, Refusal, Result
from loyalty.engine.reads import Read, ReadRequest
from loyalty.engine.scene import Scene
from loyalty.features import FEATURES
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.words import Sentence
from loyalty.ledger.writes import FollowUp, MeterKey, Table

TABLE = """
CREATE TABLE IF NOT EXISTS oil (
    member_id bigint NOT NULL, receipt_no bigint NOT NULL, day date NOT NULL, drops bigint NOT NULL,
    CONSTRAINT oil_pkey PRIMARY KEY (member_id, receipt_no)
)
"""


@dataclass
class LanternRule:
    """What a test may set; the rule set of the programme knows nothing of it."""

    oil_per_day: int = 100
    may_light: bool = True
    while_lighting: "Callable[[ReadRequest], Awaitable[None]] | None" = None
    while_fetching: "Callable[[ReadRequest], Awaitable[None]] | None" = None


RULE: Final = LanternRule()


@dataclass(frozen=True, kw_only=True)
class Light(Command):
    """Light one lantern, which pays two points."""

    name = "light"

    lantern: str = ""

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "light", self.lantern or self.request_key


@dataclass(frozen=True)
class Lit(Result):
    """A lantern is alight."""

    code = "lit"
    balance: int


@dataclass(frozen=True)
class NotNow(Refusal):
    """No lantern may be lit now; what is owed stays owed."""

    code = "not_now"
    title = "现在不能点灯"

    sentence = "现在不能点灯。"


@dataclass(frozen=True, kw_only=True)
class Glow(Command):
    """What follows from lighting one's own lantern."""

    name = "glow"

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "glow", self.request_key


@dataclass(frozen=True)
class Glowed(Result):
    """It glows."""

    code = "glowed"
    moves_points = False


@dataclass(frozen=True, kw_only=True)
class HangFor(Command):
    """Owe a lantern to each of `members`."""

    name = "hang_for"

    members: tuple[int, ...] = ()

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "hang_for", self.request_key


@dataclass(frozen=True)
class Hung(Result):
    """So many members are owed a lantern."""

    code = "hung"
    moves_points = False
    lanterns: int


@dataclass(frozen=True, kw_only=True)
class Fetch(Command):
    """Take `drops` of the day's oil."""

    name = "fetch"

    drops: int = 1

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "fetch", self.request_key


@dataclass(frozen=True)
class Fetched(Result):
    """Oil was taken; `drops_today` is what the member has taken on that day."""

    code = "fetched"
    moves_points = False
    drops_today: int


@dataclass(frozen=True)
class NoOil(Refusal):
    """The day's oil does not reach."""

    code = "no_oil"
    title = "灯油不够"
    left: int

    sentence = "今天的灯油不够了。"


@dataclass(frozen=True, kw_only=True)
class BringBack(Command):
    """Give `drops` of the oil of `of_day` back."""

    name = "bring_back"

    of_day: date
    drops: int = 1

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "bring_back", self.request_key


@dataclass(frozen=True)
class BroughtBack(Result):
    """Oil is there again."""

    code = "brought_back"
    moves_points = False


class OilRow(NamedTuple):
    """Oil taken, or, below zero, brought back."""

    day: date
    drops: int


OIL: Final = Table("oil", OilRow)


async def _lighting(asking: ReadRequest) -> Mapping[int, None]:
    if RULE.while_lighting is not None:
        await RULE.while_lighting(asking)
    return {}


async def _fetching(asking: ReadRequest) -> Mapping[int, None]:
    if RULE.while_fetching is not None:
        await RULE.while_fetching(asking)
    return {}


WHILE_LIGHTING: Final = Read[None]("lets a test act between load and store of a lantern", _lighting, None)
WHILE_FETCHING: Final = Read[None]("lets a test act between load and store of oil", _fetching, None)


def budget_of(day: date) -> str:
    """The pool of a day's oil."""
    return f"oil:{day.isoformat()}"


def drops_of(day: date) -> MeterKey:
    """How much a member has taken on a day and not brought back."""
    return MeterKey("oil", day.isoformat())


def _light(wallet: Wallet, _: Light, scene: Scene[LanternRule]) -> Outcome:
    if not scene.rule.may_light:
        return NotNow()
    wallet.grant(2, "lantern", {}, scene.lapse_day)
    return Lit(wallet.available)


def _glow(_: Wallet, __: Glow, ___: Scene[LanternRule]) -> Outcome:
    return Glowed()


def _hang_for(wallet: Wallet, command: HangFor, _: Scene[LanternRule]) -> Outcome:
    key = f"engine:light:{wallet.member_id}:{wallet.receipt_no}"
    wallet.writes.follow_ups.extend(
        FollowUp(member, key, Light.name, {"lantern": key}) for member in command.members
    )
    return Hung(len(command.members))


def _fetch(wallet: Wallet, command: Fetch, scene: Scene[LanternRule]) -> Outcome:
    pool, meter = budget_of(scene.day), drops_of(scene.day)
    left = scene.pools.short_of(pool, command.drops, wallet.writes)
    if left is not None:
        return NoOil(left)
    wallet.writes.pools[pool] += command.drops
    wallet.count(meter, command.drops)
    wallet.writes.add(OIL, OilRow(scene.day, command.drops))
    return Fetched(wallet.meter(meter) + command.drops)


def _bring_back(wallet: Wallet, command: BringBack, _: Scene[LanternRule]) -> Outcome:
    drops = min(command.drops, wallet.meter(drops_of(command.of_day)))
    wallet.writes.pools[budget_of(command.of_day)] -= drops
    wallet.count(drops_of(command.of_day), -drops)
    wallet.writes.add(OIL, OilRow(command.of_day, -drops))
    return BroughtBack()


def _light_own(wallet: Wallet, _: CheckedIn, __: Scene[LanternRule]) -> Iterator[FollowUp]:
    yield own_follow_up(wallet, Light.name)


def _glow_after(wallet: Wallet, _: Lit, __: Scene[LanternRule]) -> Iterator[FollowUp]:
    yield own_follow_up(wallet, Glow.name)


LANTERNS: Final = Feature(
    "lanterns",
    handlers=(
        Handler(Light, _light, gives=Lit, reads=(WHILE_LIGHTING,)),
        Handler(Glow, _glow, gives=Glowed),
        Handler(HangFor, _hang_for, gives=Hung),
        Handler(
            Fetch, _fetch, gives=Fetched, reads=(WHILE_FETCHING,),
            meters=lambda _, day: (drops_of(day),),
            pools=lambda _, rule, day: {budget_of(day): rule.oil_per_day},
        ),
        Handler(
            BringBack, _bring_back, gives=BroughtBack,
            meters=lambda command, _: (drops_of(command.of_day),),
            pools=lambda command, rule, _: {budget_of(command.of_day): rule.oil_per_day},
        ),
    ),
    rule=lambda _: RULE,
    outcomes=(Lit, NotNow, Glowed, Hung, Fetched, NoOil, BroughtBack),
    tables=(OIL,),
    reactions=(Reaction(CheckedIn, _light_own, follow_up=Light), Reaction(Lit, _glow_after, follow_up=Glow)),
    taken="SELECT 'oil:' || to_char(day, 'YYYY-MM-DD') AS item, sum(drops) AS pieces FROM oil GROUP BY day",
    checks=(
        Check(
            "meters",
            "the oil of a day is counted as it was taken",
            """
            SELECT member_id, format('oil of %s: %s counted, %s taken', period, m.value, o.drops) AS detail FROM (
                SELECT member_id, period, value FROM meter WHERE name = 'oil'
            ) m FULL JOIN (
                SELECT member_id, to_char(day, 'YYYY-MM-DD') AS period, sum(drops) AS drops FROM oil GROUP BY member_id, day
            ) o USING (member_id, period)
            WHERE coalesce(m.value, 0) <> coalesce(o.drops, 0)
            """,
        ),
    ),
    words={"lantern": Sentence(lambda _: "点灯", lambda _: "点亮一盏灯。")},
)  # fmt: skip
ALL: Final = (*FEATURES, LANTERNS)
"""The programme's features and the invented one."""
