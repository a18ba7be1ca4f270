"""Where features meet, in the second ledger."""

from typing import Final

from loyalty.checkin.outcomes import CheckedIn
from loyalty.checkin.repair.commands import GiveRepairCards
from loyalty.games.outcomes import Drawn
from loyalty.referral.commands import QualifyReferral
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


LEDGER: Final = FeatureLedger(reactions=((CheckedIn, _first_sign_in), (Drawn, _won_cards)))
