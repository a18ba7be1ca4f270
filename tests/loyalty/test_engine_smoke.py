from loyalty.checkin.commands import CheckIn
from loyalty.checkin.outcomes import CheckedIn
from tests.ledger import Ledger


async def test_a_member_signs_in(ledger: Ledger) -> None:
    member = await ledger.member()
    decision = await ledger.run(CheckIn, member)
    assert isinstance(decision.outcome, CheckedIn)
    assert await ledger.balance(member) == 110
