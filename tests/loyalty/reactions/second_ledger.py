"""Where features meet, in the second ledger."""

from dataclasses import replace
from datetime import date
from functools import partial
from typing import Final

from loyalty.checkin.outcomes import CheckedIn
from loyalty.checkin.repair.commands import GiveRepairCards
from loyalty.checkin.repair.outcomes import CheckInRepaired
from loyalty.earning.outcomes import EventRecorded, OrderRefunded
from loyalty.games.outcomes import Drawn
from loyalty.missions.commands import AdvanceMissions
from loyalty.referral.commands import QualifyReferral
from loyalty.rewards.outcomes import Redeemed
from tests.loyalty.checkin.second_ledger import SignIns
from tests.loyalty.earning.second_ledger import PENDING, Orders
from tests.loyalty.missions.second_ledger import wants
from tests.loyalty.referral.second_ledger import Referral
from tests.simulation.feature import FeatureLedger
from tests.simulation.prediction import Owes, Prediction
from tests.simulation.second_ledger import Member


def _first_sign_in(member: Member, made: Prediction) -> None:
    """The first sign-in ever of an invited member qualifies their referral."""
    referral = member.of(Referral)
    if member.of(SignIns).last is None and referral.inviter is not None and not referral.qualified:
        key = f"engine:qualify_referral:{member.version + 1}"
        made.owes.append(Owes(member.member_id, key, QualifyReferral, {}))


def _won_cards(member: Member, made: Prediction) -> None:
    """Repair cards among the prizes come into the member's hands."""
    assert isinstance(made.outcome, Drawn)
    cards = sum(draw.kind == "repair_card" for draw in made.outcome.draws)
    if cards:
        key = f"engine:give_repair_cards:{member.version + 1}"
        fields = {"cards": cards, "source": member.version + 1}
        made.owes.append(Owes(member.member_id, key, GiveRepairCards, fields))


def _counts_for_missions(action: str, member: Member, made: Prediction) -> None:
    """What a member does is owed to the missions that have it among their steps."""
    assert made.scene is not None
    _owe(
        action,
        len(made.outcome.draws) if isinstance(made.outcome, Drawn) else 1,
        made.scene.day,
        member,
        made,
    )


def _owe(action: str, times: int, day: date, member: Member, made: Prediction) -> None:
    assert made.scene is not None
    missions = made.scene.version.rules.missions
    if any(wants(step)[0] == action for mission in missions for step in mission.steps):
        fields = {"action": action, "times": times, "on": str(day), "source": member.version + 1}
        key = f"engine:advance_missions:{member.version + 1}"
        made.owes.append(Owes(member.member_id, key, AdvanceMissions, fields))


def _unlocks_nothing(_: Member, made: Prediction) -> None:
    """This crowd's ladders unlock no reward."""
    assert made.scene is not None
    assert not any(step.unlock for step in made.scene.version.rules.check_in.ladder)


def _bought(member: Member, made: Prediction) -> None:
    """An order counts, unless refunds that waited for it have paid it back.

    What is learnt of an order is all that is known of it, so it is learnt by a member of whom nothing was kept.
    """
    assert isinstance(made.outcome, EventRecorded)
    assert made.scene is not None
    after = replace(member, kept={})
    for learn in made.learn:
        learn(after)
    order = after.of(Orders).orders[str(made.outcome.order)]
    if order.refunded < order.paid:
        _owe("event:purchase", 1, made.scene.day, member, made)


def _paid_back(member: Member, made: Prediction) -> None:
    """An order that is paid back no longer counts on its day."""
    assert isinstance(made.outcome, OrderRefunded)
    if made.outcome.full:
        order = member.of(Orders).orders[str(made.outcome.order)]
        _owe("event:purchase", -1, order.opens - PENDING, member, made)


LEDGER: Final = FeatureLedger(
    reactions=(
        (CheckedIn, partial(_counts_for_missions, "check_in")),
        (Drawn, partial(_counts_for_missions, "draw")),
        (Redeemed, partial(_counts_for_missions, "redeem")),
        (CheckedIn, _unlocks_nothing),
        (CheckInRepaired, _unlocks_nothing),
        (EventRecorded, _bought),
        (OrderRefunded, _paid_back),
        (CheckedIn, _first_sign_in),
        (Drawn, _won_cards),
    )
)
