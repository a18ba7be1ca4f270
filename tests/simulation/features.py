"""What each feature's command should come to by the written rules; nothing changes before the judge takes it over."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from loyalty.checkin.commands import CheckIn
from loyalty.checkin.outcomes import AlreadyCheckedIn, CheckedIn, DayPassed
from loyalty.checkin.rule import CheckInRule
from loyalty.engine.command import Command
from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NotEnoughPoints, NothingDue
from loyalty.expiry.commands import Book, WarnExpiry
from loyalty.expiry.outcomes import Booked, ExpiryWarned
from loyalty.games.commands import Draw
from loyalty.games.outcomes import DrawLimitReached, Drawn, DrawnPrize, UnknownWheel
from loyalty.games.rule import Prize
from loyalty.referral.commands import BindReferral, QualifyReferral, RewardReferral
from loyalty.referral.outcomes import (
    AlreadyBound,
    InviterTooNew,
    NotReferred,
    ReferralBound,
    ReferralQualified,
    ReferralRewarded,
    ReferralTooLate,
    SelfReferral,
    UnknownReferralCode,
)
from loyalty.rewards.commands import Cancel, Redeem
from loyalty.rewards.outcomes import (
    Cancelled,
    NotCancellable,
    OutOfStock,
    Redeemed,
    UnknownRedemption,
    UnknownReward,
)
from loyalty.wakeup import WakeUp, WokenUp
from loyalty.welcome import Welcome, Welcomed
from tests.simulation.prediction import ANY, Owes, Piece, Prediction, Scene
from tests.simulation.second_ledger import Bought, Member, Sheet, Spin, gone_on, roll, voucher


def _lapse_day(scene: Scene) -> date:
    return gone_on(scene.day, scene.version.rules.expiry.months)


def _welcome(member: Member, command: Command, scene: Scene, sheet: Sheet, made: Prediction) -> Outcome:
    points = scene.version.rules.welcome.points
    if points == 0:
        return NothingDue()
    sheet.grant(points, "welcome", _lapse_day(scene))
    return Welcomed(points, sheet.spendable)


def _bonus(rule: CheckInRule, streak: int) -> int:
    place = streak % rule.cycle_days or rule.cycle_days
    return {step.streak: step.bonus for step in rule.ladder}.get(place, 0)


def _next_bonus(rule: CheckInRule, streak: int) -> tuple[int | None, int | None]:
    for ahead in range(1, rule.cycle_days + 1):
        if bonus := _bonus(rule, streak + ahead):
            return bonus, ahead
    return None, None


def _check_in(member: Member, command: Command, scene: Scene, sheet: Sheet, made: Prediction) -> Outcome:
    rule, day, last = scene.version.rules.check_in, scene.day, member.last_signed
    if last == day:
        streak, points = member.signed[day]
        return AlreadyCheckedIn(day, streak, points, sheet.spendable, *_next_bonus(rule, streak))
    if last is not None and day < last:
        return DayPassed(day)
    streak = member.signed[last][0] + 1 if last is not None and day - last == timedelta(days=1) else 1
    bonus = _bonus(rule, streak)
    points = rule.points + bonus
    sheet.grant(rule.points, "check_in", _lapse_day(scene))
    if bonus:
        sheet.grant(bonus, "check_in_bonus", _lapse_day(scene))
    if last is None and member.inviter is not None and not member.qualified:
        made.owes.append(
            Owes(member.member_id, f"engine:qualify_referral:{member.version + 1}", QualifyReferral, {})
        )

    def sign(one: Member) -> None:
        one.signed[day], one.last_signed = (streak, points), day

    made.learn.append(sign)
    return CheckedIn(day, streak, points, bonus, sheet.spendable, *_next_bonus(rule, streak))


def _draw(member: Member, command: Draw, scene: Scene, sheet: Sheet, made: Prediction) -> Outcome:
    wheel = {wheel.id: wheel for wheel in scene.version.rules.wheels}.get(command.wheel)
    round_ = scene.rounds.get(command.wheel)
    if wheel is None or round_ is None:
        return UnknownWheel(command.wheel)
    before = member.drawn[wheel.id, scene.day]
    left = max(wheel.draws_per_day - before, 0)
    if command.count > left:
        return DrawLimitReached(wheel.draws_per_day, left)
    paid = max(min(before + command.count - wheel.free_per_day, command.count), 0)
    if paid * wheel.cost_points > sheet.spendable:
        return NotEnoughPoints(paid * wheel.cost_points, sheet.spendable)
    prizes = {prize.id: prize for prize in wheel.prizes}
    took: Counter[str] = Counter()
    wished: Counter[str] = Counter()
    spins: list[Spin] = []
    draws: list[DrawnPrize] = []
    won: dict[int, Bought] = {}
    for line in range(command.count):
        cost = wheel.cost_points if line >= command.count - paid else 0
        if cost:
            sheet.spend(cost, "draw")
        nonce = member.nonces[round_.number] + line + 1
        number = roll(round_.seed, round_.number, member.member_id, nonce, command.client_seed)
        prize = candidate = _on_table(wheel.prizes, number)
        item = f"prize:{wheel.id}:{candidate.id}"
        if candidate.stock is not None:
            wished[item] += 1
            if took[item] < scene.left(item):
                took[item] += 1
            else:
                prize = prizes[candidate.substitute or ""]
        code = None
        if prize.kind == "points":
            sheet.grant(prize.points, "prize", _lapse_day(scene))
        if prize.kind == "voucher":
            code = voucher(command.entropy, line)
            void = scene.day + timedelta(days=prize.valid_days)
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
            )
        )
    for item, wishes in wished.items():
        short = took[item] < wishes
        made.pieces.append(Piece(item, -took[item], took[item], took[item] if short else ANY))

    def keep(one: Member) -> None:
        one.drawn[wheel.id, scene.day] += command.count
        one.nonces[round_.number] += command.count
        one.spins += spins
        one.bought |= {(one.version, line): bought for line, bought in won.items()}

    made.learn.append(keep)
    return Drawn(wheel.id, tuple(draws), paid * wheel.cost_points, sheet.spendable, scene.version.number)


def _on_table(prizes: tuple[Prize, ...], number: int) -> Prize:
    for prize in sorted(prizes, key=lambda one: one.slot):
        number -= prize.odds_ppm
        if number < 0:
            return prize
    raise AssertionError("the table is short")


def _redeem(member: Member, command: Redeem, scene: Scene, sheet: Sheet, made: Prediction) -> Outcome:
    reward = {reward.id: reward for reward in scene.version.rules.rewards}.get(command.reward)
    if reward is None:
        return UnknownReward(command.reward)
    item, limited, quantity = f"reward:{reward.id}", reward.stock is not None, command.quantity
    if limited and scene.left(item) < quantity:
        left = scene.left(item)
        made.pieces.append(Piece(item, 0, exactly=left))
        return OutOfStock(reward.id, reward.name, left)
    cost = reward.price_points * quantity
    if cost > sheet.spendable:
        if limited:
            made.pieces.append(Piece(item, 0, at_least=quantity))
        return NotEnoughPoints(cost, sheet.spendable)
    paid_from = sheet.spend(cost, "redeem")
    if limited:
        made.pieces.append(Piece(item, -quantity, at_least=quantity))
    code, void = voucher(command.entropy, 0), scene.day + timedelta(days=reward.valid_days)
    bought = Bought(
        "redeem", item, reward.name, quantity, cost, code, void, paid_from, quantity if limited else 0
    )
    receipt_no = member.version + 1
    made.learn.append(lambda one: one.bought.update({(receipt_no, 0): bought}))
    return Redeemed(
        receipt_no, 0, reward.id, reward.name, quantity, cost, code, "issued", void, sheet.spendable
    )


def _cancel(member: Member, command: Cancel, scene: Scene, sheet: Sheet, made: Prediction) -> Outcome:
    place = (command.receipt_no, command.line)
    bought = member.bought.get(place)
    if bought is None:
        return UnknownRedemption(f"{command.receipt_no}-{command.line}")
    if bought.source == "draw":
        return NotCancellable("won")
    if bought.state != "issued":
        return NotCancellable(bought.state)
    if scene.today >= bought.void_on:
        return NotCancellable("expired")
    lapsed = sheet.restore(bought.paid_from, "cancel")
    if bought.pieces:
        made.pieces.append(Piece(bought.item, bought.pieces))
    made.learn.append(lambda one: one.bought.update({place: bought._replace(state="cancelled")}))
    return Cancelled(*place, bought.name, bought.points, lapsed, sheet.spendable)


def _expire(member: Member, command: Command, scene: Scene, sheet: Sheet, made: Prediction) -> Outcome:
    lapsed = sum(move.amount for move in sheet.moves)
    return Booked(opened=0, lapsed=lapsed, balance=sheet.spendable) if lapsed else NothingDue()


def _warn(member: Member, command: Command, scene: Scene, sheet: Sheet, made: Prediction) -> Outcome:
    warnings = []
    for day, lot in sorted(sheet.lots.items()):
        days = (day - scene.today).days
        for first, last in scene.version.rules.notices.expiry.ranges_days:
            key = f"{first}-{last}|{day}"
            if lot.remaining and last <= days <= first and ("expiry", key) not in member.told:
                made.tells.append(("expiry", key))
                warnings.append((f"{first}-{last}", lot.remaining, day))
    return ExpiryWarned(tuple(warnings)) if warnings else NothingDue()


def _wake(member: Member, command: WakeUp, scene: Scene, sheet: Sheet, made: Prediction) -> Outcome:
    silence = scene.today - member.seen_on
    if (
        member.seen_on != command.silent_since
        or silence.days < scene.version.rules.notices.wake_up.silent_days
    ):
        return NothingDue()
    made.tells.append(("wake_up", str(member.seen_on)))
    return WokenUp(member.seen_on, sheet.spendable)


def _bind(member: Member, command: BindReferral, scene: Scene, sheet: Sheet, made: Prediction) -> Outcome:
    if command.inviter_id == 0:
        return UnknownReferralCode()
    if command.inviter_id == member.member_id:
        return SelfReferral()
    if member.inviter is not None:
        return AlreadyBound(member.inviter)
    if member.last_signed is not None:
        return ReferralTooLate()
    if command.inviter_id > member.member_id:
        return InviterTooNew()
    made.learn.append(lambda one: setattr(one, "inviter", command.inviter_id))
    return ReferralBound(command.inviter_id)


def _qualify(member: Member, command: Command, scene: Scene, sheet: Sheet, made: Prediction) -> Outcome:
    rule = scene.version.rules.referral
    if member.inviter is None or member.qualified:
        return NotReferred()
    made.learn.append(lambda one: setattr(one, "qualified", True))
    if not rule.enabled:
        return ReferralQualified(member.inviter, 0, 0, sheet.spendable)
    if rule.friend_points:
        sheet.grant(rule.friend_points, "referral_friend", _lapse_day(scene))
    key = f"engine:reward_referral:{member.member_id}"
    made.owes.append(Owes(member.inviter, key, RewardReferral, {"friend_id": member.member_id}))
    return ReferralQualified(member.inviter, rule.friend_points, rule.inviter_points, sheet.spendable)


def _reward(member: Member, command: RewardReferral, scene: Scene, sheet: Sheet, made: Prediction) -> Outcome:
    rule, place = scene.version.rules.referral, member.friends_paid + 1
    if not rule.enabled:
        return NothingDue()
    bonus = {step.qualified: step.bonus for step in rule.ladder}.get(place, 0)
    if rule.inviter_points:
        sheet.grant(rule.inviter_points, "referral_inviter", _lapse_day(scene))
    if bonus:
        sheet.grant(bonus, "referral_ladder", _lapse_day(scene))
    if rule.inviter_points + bonus:
        made.tells.append(("referral_rewarded", str(command.friend_id)))
    made.learn.append(lambda one: setattr(one, "friends_paid", place))
    return ReferralRewarded(command.friend_id, place, rule.inviter_points + bonus, bonus, sheet.spendable)


RULES: dict[type[Command], Callable[[Member, Any, Scene, Sheet, Prediction], Outcome]] = {
    Welcome: _welcome, CheckIn: _check_in, Draw: _draw, Redeem: _redeem, Cancel: _cancel, Book: _expire,
    WarnExpiry: _warn, WakeUp: _wake, BindReferral: _bind, QualifyReferral: _qualify, RewardReferral: _reward,
}  # fmt: skip
