"""Statements that name only the columns in which any row of a batch differs from what was loaded."""

import re

import pytest

from loyalty.engine.updates import IN_ACCOUNT, IN_LOT, Change, differing, update_accounts, update_lots
from tests.ledger import Ledger

ACCOUNT_COLUMNS = {"member_id", "version", "posted_at", "last_seen_on"}
LOT_COLUMNS = {"member_id", "expires_on", "opens_on", "terms", "has_remaining"}


def test_a_column_is_written_for_all_rows_as_soon_as_one_differs() -> None:
    changes = [Change((1, 2, 3), (1, 5, 3)), Change((4, 5, 6), (4, 5, 7))]
    assert differing(("a", "b", "c"), changes) == {"b": [5, 5], "c": [3, 7]}


def test_nothing_is_written_where_nothing_differs() -> None:
    assert differing(("a", "b"), [Change((1, 2), (1, 2))]) == {}
    assert "SET version = a.version + 1, posted_at" in update_accounts(())


def test_rows_of_another_width_are_found_out() -> None:
    with pytest.raises(ValueError, match="zip"):
        differing(("a",), [Change((1, 2), (1, 3))])


@pytest.mark.parametrize("statement", [update_accounts(("chain", "available")), update_lots(("remaining",))])
def test_every_parameter_is_an_array_with_a_name(statement: str) -> None:
    arrays = re.findall(r"\$(\d+)::\w+\[\]", statement)
    names = re.search(r"AS u\(([^)]*)\)", statement)
    assert names is not None
    assert [int(place) for place in arrays] == list(range(1, len(names[1].split(", ")) + 1))


async def test_every_column_that_a_command_may_change_is_known(ledger: Ledger) -> None:
    types = "SELECT column_name, udt_name FROM information_schema.columns WHERE table_name = $1"
    short = {"int8": "bigint", "bool": "boolean", "bytea": "bytea", "text": "text"}
    for table, known, others in (("account", IN_ACCOUNT, ACCOUNT_COLUMNS), ("lot", IN_LOT, LOT_COLUMNS)):
        rows = await ledger.pool.fetch(types, table)
        found = {row[0]: short[row[1]] for row in rows if row[0] not in others}
        assert found == known
