"""Redeeming and cancelling in the second ledger."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NotEnoughPoints
from loyalty.programme.rules import RuleSet
from loyalty.rewards.commands import Cancel, Redeem
from loyalty.rewards.outcomes import (
    Cancelled,
    NotCancellable,
    OutOfStock,
    Redeemed,
    UnknownRedemption,
    UnknownReward,
)
from loyalty.shown.outcomes import PriceChanged
from tests.loyalty.shown.second_ledger import seen_as
from tests.loyalty.vouchers.second_ledger import Bought, Vouchers, state_of, void_on, voucher
from tests.simulation.feature import AskKind, Expected, FeatureLedger, Situation
from tests.simulation.prediction import Piece, Prediction, Scene
from tests.simulation.second_ledger import Member, Sheet


def _redeem(member: Member, command: Redeem, scene: Scene, sheet: Sheet, made: Prediction) -> Outcome:
    reward = {reward.id: reward for reward in scene.version.rules.rewards}.get(command.reward)
    if reward is None:
        return UnknownReward(command.reward)
    price = str(reward.price_points)
    sent = command.price_points in (None, reward.price_points) and not command.price_fen
    if not (sent and seen_as(member, command, f"reward:{reward.id}", price, made)):
        return PriceChanged(reward.price_points, reward.name)
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
    code, void = voucher(command.entropy, 0), void_on(scene.posted_at, reward.valid_days)
    until = scene.posted_at + timedelta(hours=reward.cancel_hours) if reward.cancel_hours else None
    pieces = quantity if limited else 0
    bought = Bought("redeem", item, reward.name, quantity, cost, code, void, paid_from, pieces, until)
    receipt_no = member.version + 1
    made.learn.append(lambda one: one.of(Vouchers).bought.update({(receipt_no, 0): bought}))
    return Redeemed(
        receipt_no, 0, reward.id, reward.name, quantity, cost, code, "issued", void, sheet.spendable, until
    )


def _cancel(member: Member, command: Cancel, scene: Scene, sheet: Sheet, made: Prediction) -> Outcome:
    place = (command.receipt_no, command.line)
    bought = member.of(Vouchers).bought.get(place)
    if bought is None:
        return UnknownRedemption(f"{command.receipt_no}-{command.line}")
    if bought.source == "draw":
        return NotCancellable("won")
    if (state := state_of(bought, scene.today)) != "issued":
        return NotCancellable(state)
    if bought.cancellable_until is None:
        return NotCancellable("never")
    if scene.posted_at > bought.cancellable_until:
        return NotCancellable("too_late")
    lapsed = sheet.restore(bought.paid_from, "cancel")
    if bought.pieces:
        made.pieces.append(Piece(bought.item, bought.pieces))

    def keep(one: Member) -> None:
        one.of(Vouchers).bought[place] = bought._replace(state="cancelled")
        one.of(Vouchers).closed[place] = scene.posted_at

    made.learn.append(keep)
    return Cancelled(*place, bought.name, bought.points, lapsed, sheet.spendable)


def _ask_to_redeem(now: Situation) -> Redeem:
    reward = now.dice.choice(("cup", "cup", "cup", "cookie", "cookie", "cookie", "mug", "nothing"))
    quantity = now.dice.choice((1, 1, 1, 2, 4, 10**12))
    shown: dict[str, Any] = now.dice.choice(
        ({}, {}, {}, {}, {}, {"as_shown": True}, {"price_points": 30}, {"price_points": 12})
    )
    return Redeem(**now.common, reward=reward, quantity=quantity, entropy=now.entropy, **shown)


def _ask_to_cancel(now: Situation) -> Cancel | None:
    bought = now.member.of(Vouchers).bought
    if bought or now.dice.random() < 0.2:
        receipt_no, line = now.dice.choice([*bought, (99_999, 0)][-6:])
        return Cancel(**now.common, receipt_no=receipt_no, line=line)
    return None


def _pieces(rules: RuleSet) -> dict[str, int]:
    return {f"reward:{reward.id}": reward.stock for reward in rules.rewards if reward.stock is not None}


LEDGER: Final = FeatureLedger(
    commands=(
        Expected(
            Redeem,
            _redeem,
            fact=lambda command, day: ("redeem", command.request_key),
            chosen=lambda command: (command.reward, command.quantity, command.price_points),
            otherwise=lambda earlier: replace(earlier, quantity=earlier.quantity + 1),
        ),
        Expected(
            Cancel,
            _cancel,
            fact=lambda command, day: ("cancel", f"{command.receipt_no}-{command.line}"),
            chosen=lambda command: (command.receipt_no, command.line),
            otherwise=lambda earlier: replace(earlier, line=earlier.line + 1),
            explains_repeats=True,
        ),
    ),
    asks=(
        AskKind("redeem", Redeem, _ask_to_redeem, share=15, together=True),
        AskKind("cancel", Cancel, _ask_to_cancel, share=8),
    ),
    pieces=_pieces,
    left={OutOfStock: lambda outcome, item: outcome.left},
    stored=(OutOfStock,),
)
