"""Mending a missed day, in the second ledger: rows are counted day by day, and nothing is remembered but the days."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from loyalty.checkin.outcomes import AlreadyCheckedIn
from loyalty.checkin.repair.commands import GiveRepairCards, RepairCheckIn
from loyalty.checkin.repair.outcomes import (
    CheckInRepaired,
    NoRepairCard,
    NotRepairable,
    RepairCardsGiven,
    RepairLimitReached,
    RepairsOff,
)
from loyalty.checkin.rule import CheckInRule
from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NotEnoughPoints
from loyalty.shown.outcomes import PriceChanged
from tests.loyalty.checkin.second_ledger import SignIns, bonus_of, capped
from tests.loyalty.shown.second_ledger import seen_as
from tests.simulation.feature import AskKind, Expected, FeatureLedger, Rows, Situation
from tests.simulation.prediction import Prediction, Scene
from tests.simulation.second_ledger import Member, Sheet

WEEK: Final = 7


@dataclass
class Repairs:
    """The cards a member holds, what each mended day cost, and how many days were mended in each month."""

    cards: int = 0
    prices: dict[date, int] = field(default_factory=dict)
    per_month: Counter[tuple[int, int]] = field(default_factory=Counter)


def _award(rule: CheckInRule, streak: int) -> int:
    return rule.points + bonus_of(rule, streak)


def _can_be_mended(signed: SignIns, day: date, today: date, within_days: int) -> bool:
    age = (today - day).days
    return bool(signed.days) and 1 <= age <= within_days and day > min(signed.days) and day not in signed.days


def _worth(signed: SignIns, day: date, rule: CheckInRule) -> int:
    """What the day would have paid, at most what the days since would have paid more without the gap."""
    place = signed.in_a_row(day - timedelta(days=1)) + 1
    since = 0
    while day + timedelta(days=since + 1) in signed.days:
        since += 1
    paid = sum(signed.days[day + timedelta(days=ahead)][1] for ahead in range(1, since + 1))
    unbroken = sum(_award(rule, place + ahead) for ahead in range(since + 1))
    return max(0, min(_award(rule, place), unbroken - paid))


def _repair(member: Member, command: RepairCheckIn, scene: Scene, sheet: Sheet, made: Prediction) -> Outcome:
    rules, day, today = scene.version.rules, command.day, scene.day
    signed, repairs = member.of(SignIns), member.of(Repairs)
    if rules.repair is None:
        return RepairsOff()
    if day in signed.days and (today - day).days <= WEEK + 1:
        return AlreadyCheckedIn(day, signed.in_a_row(day), signed.days[day][1], sheet.spendable)
    if not _can_be_mended(signed, day, today, rules.repair.within_days):
        return NotRepairable(day)
    month = (today.year, today.month)
    if repairs.per_month[month] >= rules.repair.per_month:
        return RepairLimitReached(rules.repair.per_month)
    price = 0 if repairs.cards else rules.repair.price_points
    if price is None:
        return NoRepairCard()
    seen = seen_as(member, command, "repair", str(price), made)
    if price and not (seen if command.as_shown else command.price_points == price):
        return PriceChanged(price)
    if price > sheet.spendable:
        return NotEnoughPoints(price, sheet.spendable)
    place, points = signed.in_a_row(day - timedelta(days=1)) + 1, _worth(signed, day, rules.check_in)
    points = capped(signed, rules.check_in, today, points)
    if price:
        sheet.spend(price, "repair_card")
    if points:
        sheet.grant(points, "check_in_repair", scene.lapse_day)

    def keep(one: Member) -> None:
        days, kept = one.of(SignIns), one.of(Repairs)
        days.days[day] = (place, points)
        days.last = max(day, days.last or day)
        days.paid[today] += points if rules.check_in.most_per_day else 0
        kept.prices[day] = price
        kept.per_month[month] += 1
        kept.cards -= not price

    made.learn.append(keep)
    left = repairs.cards - (not price)
    return CheckInRepaired(day, place, points, price, left, sheet.spendable)


def _give(member: Member, command: GiveRepairCards, _: Scene, __: Sheet, made: Prediction) -> Outcome:
    held = member.of(Repairs).cards + command.cards

    def keep(one: Member) -> None:
        one.of(Repairs).cards = held

    made.learn.append(keep)
    return RepairCardsGiven(command.cards, held)


def _ask(now: Situation) -> RepairCheckIn:
    """Mostly a day of the last week at the price of the rules; now and then a day or a price that cannot be."""
    day = now.today - timedelta(days=now.dice.choice((1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 0, 40)))
    price = now.dice.choice((15, 15, 15, 15, None, 9))
    if now.dice.random() < 0.3:
        return RepairCheckIn(**now.common, day=day, as_shown=True)
    return RepairCheckIn(**now.common, day=day, price_points=price)


def _ask_for_cards(now: Situation) -> GiveRepairCards:
    """Cards from a receipt that no draw wrote; now and then the same one twice."""
    source = 10**9 + now.dice.randrange(20)
    return GiveRepairCards(**now.common, cards=now.dice.choice((1, 1, 2)), source=source)


LEDGER: Final = FeatureLedger(
    commands=(
        Expected(
            RepairCheckIn,
            _repair,
            fact=lambda command, _: ("check_in", str(command.day)),
            chosen=lambda command: (command.day, command.price_points),
            otherwise=lambda earlier: replace(earlier, day=earlier.day - timedelta(days=1)),
            explains_repeats=True,
        ),
        Expected(
            GiveRepairCards,
            _give,
            fact=lambda command, _: ("repair_cards", str(command.source)),
            chosen=lambda command: (command.cards, command.source),
        ),
    ),
    asks=(
        AskKind("repair", RepairCheckIn, _ask, share=6),
        AskKind("repair_cards", GiveRepairCards, _ask_for_cards, share=1),
    ),
    rows=(
        Rows(
            "mended days",
            "SELECT member_id, day, price_points FROM check_in_repair",
            lambda member: member.of(Repairs).prices.items(),
        ),
    ),
)
