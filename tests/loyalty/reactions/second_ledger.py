"""Where features meet, in the second ledger."""

from typing import Final

from loyalty.checkin.outcomes import CheckedIn
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


LEDGER: Final = FeatureLedger(reactions=((CheckedIn, _first_sign_in),))
