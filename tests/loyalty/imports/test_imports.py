"""期初积分: one line of a file becomes points with a day of their own, once."""

from datetime import date, timedelta
from typing import Any

import pytest

from loyalty.engine.outcomes import Outcome
from loyalty.imports.commands import ImportBalance
from loyalty.imports.outcomes import BalanceImported, ImportedTooLate
from tests.ledger import Ledger, demo_rules
from tests.loyalty.purse import MEMBER, TODAY, decided, noon, wallet_of

FILE = "ab" * 32
LATER = TODAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("expires_on", "expected"),
    [
        (LATER, BalanceImported(50, 50, LATER, 50)),
        (None, BalanceImported(50, 50, date(2027, 4, 1), 50)),
        (TODAY, ImportedTooLate(TODAY)),
    ],
)
def test_a_line(expires_on: date | None, expected: Outcome) -> None:
    wallet = wallet_of()
    command = ImportBalance(
        member_id=MEMBER, request_key="k", at=noon(TODAY), file=FILE, line=2, points=50, expires_on=expires_on
    )
    assert decided(command, wallet, demo_rules()) == expected
    assert wallet.available == (0 if isinstance(expected, ImportedTooLate) else 50)


def test_a_line_without_points_is_no_command() -> None:
    with pytest.raises(ValueError, match="points or growth"):
        ImportBalance(member_id=MEMBER, request_key="k", at=noon(TODAY), file=FILE, line=2, points=0)


@pytest.mark.parametrize(
    ("points", "growth", "expected"), [(50, 700, 700), (50, 0, 0), (0, 3, 3), (50, None, 50)]
)
def test_growth_of_a_line(points: int, growth: int | None, expected: int) -> None:
    wallet = wallet_of()
    command = ImportBalance(
        member_id=MEMBER, request_key="k", at=noon(TODAY), file=FILE, line=2, points=points, growth=growth
    )
    decided(command, wallet, demo_rules())
    assert (wallet.available, wallet.account.growth) == (points, expected)


async def test_a_line_counts_once(ledger: Ledger) -> None:
    member_id, line = await ledger.member(), {"file": FILE, "line": 2, "actor": "operator"}
    first = await ledger.run(ImportBalance, member_id, key="a", points=50, **line)
    again = await ledger.run(ImportBalance, member_id, key="a", points=50, **line)
    other = await ledger.run(ImportBalance, member_id, key="a", points=51, **line)
    fact: Any = (await ledger.run(ImportBalance, member_id, key="b", points=50, **line)).outcome
    assert (first.replayed, again.replayed, again.outcome) == (False, True, first.outcome)
    assert (other.outcome.code, fact.code) == ("idempotency_key_reused", "already_done")
    assert await ledger.balance(member_id) == 150
