"""The facts of receipts: what each adds to which flow on which day. All is pure, so reading them again gives the same facts."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from loyalty.changes import Position
from loyalty.engine.command import MEMBER
from loyalty.flows import BETWEEN_HALVES, flow_of
from loyalty.ledger.calendar import business_day
from loyalty.numbers.sources import award_rule, campaign_of, rule_of
from loyalty.programme.rules import RuleSet

DEEDS: Final = ("record_event", "hold_points", "capture_hold", "use_voucher")
"""What members do although a till, a shop or a clerk reports it."""
VOUCHER_FLOWS: Final[Mapping[str, str]] = {
    "redeem": "redeemed",
    "cancel": "cancelled",
    "use_voucher": "written_off",
}
"""The flow of vouchers by the command of the receipt."""
ENTRY_POINTS: Final[Mapping[str, str]] = {
    "oa": "oa", "api": "miniapp", "partner": "partner", "event": "partner", "import": "import", "cli": "operator", "job": "system",
}  # fmt: skip
"""The channel of a receipt by the prefix of its request key, where no event names one."""


class Key(NamedTuple):
    """The dimensions of a fact; the day is that of the deed, `booked_on` that of the ledger."""

    day: date
    booked_on: date
    flow: str
    store: str
    region: str
    channel: str
    tier: str
    rule: str
    campaign: str
    version: int


class Amount(NamedTuple):
    """Points, how many times, and money in fen."""

    points: int
    times: int
    fen: int = 0

    def __add__(self, other: "tuple[Any, ...]") -> "Amount":
        return Amount(*(one + more for one, more in zip(self, other, strict=True)))


NOTHING: Final = Amount(0, 0)


class Movement(NamedTuple):
    """An entry of a receipt, or the part of it that an award explains: then `rule` is the award's."""

    reason: str
    detail: Mapping[str, Any]
    src: str
    dst: str
    points: int
    gone_on: date | None
    rule: str | None = None


class Bought(NamedTuple):
    """The redemption that a receipt makes, cancels or uses up; `priced_by` is the rule version of its purchase."""

    item: str
    quantity: int
    points: int
    priced_by: int


class Rolled(NamedTuple):
    """How often a receipt's draws rolled a prize, which is written as `prize:<wheel>:<prize>`."""

    item: str
    times: int


class Move(NamedTuple):
    """The facts of a member, and of those merged into them before, that belonged to the person `before` belong to `after`."""

    member_id: int
    before: int
    after: int


@dataclass(frozen=True)
class Deed:
    """A receipt with what it wrote. `tier` is the tier in the member's history before it; "" without history."""

    position: Position
    command: str
    actor: str
    request_key: str
    version: int
    at: datetime
    store: str
    channel: str
    tier: str
    movements: Sequence[Movement]
    bought: Bought | None = None
    rolls: Sequence[Rolled] = ()
    sold_fen: int | None = None
    refunded_fen: int | None = None
    move: Move | None = None

    @property
    def is_act(self) -> bool:
        """Whether the member did something, rather than a job, an operator or a rule."""
        return self.actor == MEMBER or self.command in DEEDS


@dataclass
class MemberDay:
    """What a member did on a day; `first_minute` is None for a day on which others did all."""

    first_minute: int | None = None
    acts: int = 0
    issued: int = 0
    used: int = 0
    returned: int = 0
    redeemed: int = 0
    orders: int = 0
    sold_fen: int = 0
    is_new: bool = False


@dataclass
class Facts:
    """The facts of a page of receipts."""

    daily: dict[Key, Amount] = field(default_factory=lambda: defaultdict(lambda: NOTHING))
    minutes: dict[tuple[date, int, str], Amount] = field(default_factory=lambda: defaultdict(lambda: NOTHING))
    members: dict[tuple[int, date], MemberDay] = field(default_factory=lambda: defaultdict(MemberDay))
    moves: list[Move] = field(default_factory=list)


def facts_of(
    deeds: Sequence[Deed], known: frozenset[int], rules: Mapping[int, RuleSet], zone: ZoneInfo
) -> Facts:
    """The facts of receipts in the order of the feed. `known` are the members of whom there are facts already."""
    facts, seen = Facts(), set(known)
    for deed in deeds:
        flows = list(_flows(deed, rules[deed.version]))
        if deed.bought is not None:
            flows.append(_voucher(deed, deed.bought, rules))
        if deed.move is not None:
            facts.moves.append(deed.move)
        if deed.is_act:
            flows.append((None, "acted", deed.store, "", Amount(0, 1)))
        if not flows:
            continue
        if deed.position.member_id not in seen:
            seen.add(deed.position.member_id)
            flows.append((None, "joined", "", "", Amount(0, 1)))
        _add(facts, deed, flows, rules[deed.version], zone)
    return facts


Flow = tuple[date | None, str, str, str, Amount]
"""A flow of a receipt: the day it belongs to if that is not the receipt's, its name, store and rule, and the amount."""


def _flows(deed: Deed, rules: RuleSet) -> Iterator[Flow]:
    """What the entries, the order and the refund of a receipt add."""
    for one in deed.movements:
        flow = flow_of(one.src, one.dst)
        if flow is None or one.reason in BETWEEN_HALVES:
            continue
        day = one.gone_on if flow == "expired" else None
        rule = one.rule or rule_of(one.reason, one.detail)
        yield day, flow, one.detail.get("store", ""), rule, Amount(one.points, 1)
    for roll in deed.rolls:
        yield None, "rolled", "", roll.item, Amount(0, roll.times)
    if deed.sold_fen is not None:
        yield None, "sold", deed.store, "", Amount(0, 1, deed.sold_fen)
    if deed.refunded_fen is not None:
        yield None, "refunded", deed.store, "", Amount(0, 1, deed.refunded_fen)


def _voucher(deed: Deed, bought: Bought, rules: Mapping[int, RuleSet]) -> Flow:
    """`redeemed`, `cancelled` or `written_off`: the points that paid, the pieces, and what they cost."""
    amount = Amount(
        bought.points, bought.quantity, bought.quantity * unit_cost(bought.item, rules[bought.priced_by])
    )
    return None, VOUCHER_FLOWS[deed.command], deed.store, bought.item, amount


def unit_cost(item: str, rules: RuleSet) -> int:
    """What a piece of a reward or prize costs, in fen, by the rules under which it was bought or won; 0 if they do not say."""
    kind, _, name = item.partition(":")
    if kind == "reward":
        return next((one.cost_fen or 0 for one in rules.rewards if one.id == name), 0)
    wheel, _, prize = name.partition(":")
    prizes = [one for owner in rules.wheels if owner.id == wheel for one in owner.prizes]
    return next((one.value_fen for one in prizes if one.id == prize), 0)


def _add(facts: Facts, deed: Deed, flows: Sequence[Flow], rules: RuleSet, zone: ZoneInfo) -> None:
    local = deed.at.astimezone(zone)
    today, minute = local.date(), 60 * local.hour + local.minute
    booked_on = business_day(deed.position.posted_at, zone)
    for day, flow, store, rule, amount in flows:
        region = next((one.region or "" for one in rules.stores if one.id == store), "")
        key = Key(
            day or today, booked_on, flow, store, region, _channel(deed), deed.tier, rule, campaign_of(rule, rules),
            deed.version,
        )  # fmt: skip
        facts.daily[key] += amount
        at = (day, 0, flow) if day else (today, minute, flow)
        facts.minutes[at] += amount
    _add_to_member(facts.members[deed.position.member_id, today], deed, flows, minute)


def _channel(deed: Deed) -> str:
    return deed.channel or ENTRY_POINTS.get(deed.request_key.partition(":")[0], "")


def _add_to_member(day: MemberDay, deed: Deed, flows: Sequence[Flow], minute: int) -> None:
    points: Counter[str] = Counter()
    times: Counter[str] = Counter()
    for _, flow, _, _, amount in flows:
        points[flow] += amount.points
        times[flow] += amount.times
    day.acts += times["acted"]
    if deed.is_act:
        day.first_minute = minute if day.first_minute is None else min(minute, day.first_minute)
    day.issued += points["issued"]
    day.used += points["used"] + points["captured"]
    day.returned += points["returned"]
    day.redeemed += times["redeemed"]
    day.orders += times["sold"]
    day.sold_fen += deed.sold_fen or 0
    day.is_new = day.is_new or "joined" in times


def awarded(movements: Sequence[Movement], awards: Mapping[str, int]) -> list[Movement]:
    """The movements, with the issue of an event divided among the awards of its rules; the rest belongs to the event itself."""
    granted = [one for one in movements if one.reason == "event" and one.src == "issued"]
    if not granted or not awards:
        return list(movements)
    first, total = granted[0], sum(one.points for one in granted)
    parts = [
        first._replace(points=points, rule=award_rule(name)) for name, points in awards.items() if points
    ]
    rest = total - sum(awards.values())
    if rest < 0:
        return list(movements)
    parts += [first._replace(points=rest)] if rest else []
    return [one for one in movements if one not in granted] + parts
