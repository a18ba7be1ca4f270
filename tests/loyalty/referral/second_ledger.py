"""Referrals in the second ledger."""

from dataclasses import dataclass, replace
from typing import Final

from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NothingDue
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
from tests.loyalty.checkin.second_ledger import SignIns
from tests.simulation.feature import AskKind, Expected, FeatureLedger, Rows, Situation
from tests.simulation.prediction import Owes, Prediction, Scene
from tests.simulation.second_ledger import Member, Sheet


@dataclass
class Referral:
    """Who invited a member, whether that is qualified, and for how many friends of their own the member was paid."""

    inviter: int | None = None
    qualified: bool = False
    friends_paid: int = 0


def _bind(member: Member, command: BindReferral, scene: Scene, sheet: Sheet, made: Prediction) -> Outcome:
    inviter = member.of(Referral).inviter
    if command.inviter_id == 0:
        return UnknownReferralCode()
    if command.inviter_id == member.member_id:
        return SelfReferral()
    if inviter is not None:
        return AlreadyBound(inviter)
    if member.of(SignIns).last is not None:
        return ReferralTooLate()
    if command.inviter_id > member.member_id:
        return InviterTooNew()
    made.learn.append(lambda one: setattr(one.of(Referral), "inviter", command.inviter_id))
    return ReferralBound(command.inviter_id)


def _qualify(
    member: Member, command: QualifyReferral, scene: Scene, sheet: Sheet, made: Prediction
) -> Outcome:
    rule, referral = scene.version.rules.referral, member.of(Referral)
    if referral.inviter is None or referral.qualified:
        return NotReferred()
    made.learn.append(lambda one: setattr(one.of(Referral), "qualified", True))
    if not rule.enabled:
        return ReferralQualified(referral.inviter, 0, 0, sheet.spendable)
    if rule.friend_points:
        sheet.grant(rule.friend_points, "referral_friend", scene.lapse_day)
    key = f"engine:reward_referral:{member.member_id}"
    made.owes.append(Owes(referral.inviter, key, RewardReferral, {"friend_id": member.member_id}))
    return ReferralQualified(referral.inviter, rule.friend_points, rule.inviter_points, sheet.spendable)


def _reward(member: Member, command: RewardReferral, scene: Scene, sheet: Sheet, made: Prediction) -> Outcome:
    rule, place = scene.version.rules.referral, member.of(Referral).friends_paid + 1
    if not rule.enabled:
        return NothingDue()
    bonus = {step.qualified: step.bonus for step in rule.ladder}.get(place, 0)
    if rule.inviter_points:
        sheet.grant(rule.inviter_points, "referral_inviter", scene.lapse_day)
    if bonus:
        sheet.grant(bonus, "referral_ladder", scene.lapse_day)
    if rule.inviter_points + bonus:
        made.tells.append(("referral_rewarded", str(command.friend_id)))
    made.learn.append(lambda one: setattr(one.of(Referral), "friends_paid", place))
    return ReferralRewarded(command.friend_id, place, rule.inviter_points + bonus, bonus, sheet.spendable)


def _ask_to_bind(now: Situation) -> BindReferral:
    others = [*now.world.members, now.member.member_id, 0]
    return BindReferral(**now.common, inviter_id=now.dice.choice(others), code=now.dice.choice(("", "x")))


def _ask_for_a_reward(now: Situation) -> RewardReferral | None:
    """A member's reward for a friend, asked for once more."""
    invited = ((one.member_id, one.of(Referral)) for one in now.world.members.values())
    friends = [
        friend for friend, known in invited if known.inviter == now.member.member_id and known.qualified
    ]
    return RewardReferral(**now.common, friend_id=now.dice.choice(friends)) if friends else None


def _rows(member: Member) -> list[tuple[int, bool]]:
    referral = member.of(Referral)
    return [] if referral.inviter is None else [(referral.inviter, referral.qualified)]


def _inviter(member: Member) -> tuple[int, ...]:
    inviter = member.of(Referral).inviter
    return () if inviter is None else (inviter,)


LEDGER: Final = FeatureLedger(
    commands=(
        Expected(
            BindReferral,
            _bind,
            fact=lambda command, day: ("referral_bind", "inviter"),
            chosen=lambda command: (command.code or command.inviter_id,),
            otherwise=lambda earlier: replace(earlier, code=f"{earlier.code}y"),
            explains_repeats=True,
            names=lambda command: (command.inviter_id,),
        ),
        Expected(QualifyReferral, _qualify, fact=lambda command, day: ("referral_qualify", "friend")),
        Expected(
            RewardReferral,
            _reward,
            fact=lambda command, day: ("referral", f"{command.friend_id}:inviter"),
            chosen=lambda command: (command.friend_id,),
        ),
    ),
    asks=(
        AskKind("bind", BindReferral, _ask_to_bind, share=4),
        AskKind("qualify", QualifyReferral, lambda now: QualifyReferral(**now.common), share=1),
        AskKind("reward", RewardReferral, _ask_for_a_reward, share=1),
    ),
    rows=(Rows("referrals", "SELECT member_id, inviter_id, qualified_at IS NOT NULL FROM referral", _rows),),
    nothing_owed=(NotReferred,),
    concerns=_inviter,
)
