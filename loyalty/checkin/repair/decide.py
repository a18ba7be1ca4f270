"""Mending a missed day with a repair card, which the member holds or buys at that moment."""

from loyalty.checkin.cap import within_cap
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
from loyalty.checkin.repair.rows import CARDS, RECENT, repairs_in
from loyalty.checkin.repair.rule import RepairRule
from loyalty.checkin.repair.streaks import Recent, mend, missed_days
from loyalty.checkin.rows import CHECK_INS, LONGEST_SHIFT_DAYS, REPAIRS, CheckInRow, RepairRow
from loyalty.checkin.rule import CheckInRule
from loyalty.engine.outcomes import Outcome, Refusal
from loyalty.engine.refusals import NotEnoughPoints
from loyalty.engine.scene import Scene
from loyalty.ledger.wallet import Wallet
from loyalty.shown.decide import shown_as
from loyalty.shown.outcomes import PriceChanged

RepairScene = Scene[tuple[CheckInRule, RepairRule | None]]


def decide_repair(wallet: Wallet, command: RepairCheckIn, scene: RepairScene) -> Outcome:
    """Mend the day for the price that the member was shown; refuse if another price is in force."""
    check_in, rule = scene.rule
    if rule is None:
        return RepairsOff()
    recent = scene.recall(RECENT)
    if refusal := _not_mendable(wallet, command, rule, recent, scene):
        return refusal
    price = 0 if wallet.meter(CARDS) else rule.price_points
    if refusal := _not_payable(wallet, command, price, scene):
        return refusal
    mended = mend(recent, command.day, check_in)
    if (
        mended.through - command.day
    ).days > LONGEST_SHIFT_DAYS:  # asked so long ago that the streaks of later days are settled
        return NotRepairable(command.day)
    detail = {"day": command.day.isoformat(), "streak": mended.streak}
    if price:
        wallet.spend(price, "repair_card", detail)
    else:
        wallet.count(CARDS, -1)
    points = within_cap(wallet, check_in, scene.day, mended.points)
    if points:
        wallet.grant(points, "check_in_repair", detail, scene.lapse_day)
    wallet.count(repairs_in(scene.day))
    wallet.writes.add(CHECK_INS, CheckInRow(command.day, mended.streak, points))
    wallet.writes.add(REPAIRS, RepairRow(command.day, mended.through, mended.streak, price or 0))
    cards = wallet.meter(CARDS) - (0 if price else 1)
    return CheckInRepaired(command.day, mended.streak, points, price or 0, cards, wallet.available)


def _not_mendable(
    wallet: Wallet, command: RepairCheckIn, rule: RepairRule, recent: Recent, scene: RepairScene
) -> Refusal | None:
    for signed in recent.days:
        if signed.day == command.day:
            return AlreadyCheckedIn(signed.day, signed.streak, signed.points, wallet.available)
    if command.day not in missed_days(recent, scene.day, rule.within_days):
        return NotRepairable(command.day)
    if wallet.meter(repairs_in(scene.day)) >= rule.per_month:
        return RepairLimitReached(rule.per_month)
    return None


def _not_payable(
    wallet: Wallet, command: RepairCheckIn, price: int | None, scene: RepairScene
) -> Refusal | None:
    if price is None:
        return NoRepairCard()
    agreed = shown_as(wallet, command, scene, str(price)) and (
        command.as_shown or command.price_points == price
    )
    if price and not agreed:
        return PriceChanged(price)
    if price > wallet.available:
        return NotEnoughPoints(needed=price, available=wallet.available)
    return None


def decide_give(wallet: Wallet, command: GiveRepairCards, _: RepairScene) -> Outcome:
    """Add the cards to those that the member holds."""
    wallet.count(CARDS, command.cards)
    return RepairCardsGiven(command.cards, wallet.meter(CARDS) + command.cards)
