"""Where features meet, in the second ledger."""

from functools import partial
from typing import Final

from loyalty.checkin.outcomes import CheckedIn
from loyalty.checkin.repair.commands import GiveRepairCards
from loyalty.games.outcomes import Drawn
from loyalty.missions.commands import AdvanceMissions
from loyalty.referral.commands import QualifyReferral
from loyalty.rewards.outcomes import Redeemed
from tests.loyalty.checkin.second_ledger import SignIns
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
    missions = made.scene.version.rules.missions
    if any(name == action and of for mission in missions for step in mission.steps for name, of in step):
        times = len(made.outcome.draws) if isinstance(made.outcome, Drawn) else 1
        fields = {"action": action, "times": times, "on": str(made.scene.day), "source": member.version + 1}
        key = f"engine:advance_missions:{member.version + 1}"
        made.owes.append(Owes(member.member_id, key, AdvanceMissions, fields))


LEDGER: Final = FeatureLedger(
    reactions=(
        (CheckedIn, partial(_counts_for_missions, "check_in")),
        (Drawn, partial(_counts_for_missions, "draw")),
        (Redeemed, partial(_counts_for_missions, "redeem")),
        (CheckedIn, _first_sign_in),
        (Drawn, _won_cards),
    )
)
