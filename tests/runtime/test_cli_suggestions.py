"""`jifen suggestions`, as an operator runs it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from loyalty.suggestions import Said, suggest
from tests.ledger import Ledger, rules_with
from tests.loyalty.test_suggestions import TAKEN
from tests.runtime.program import ACCOUNTS, jifen


@pytest.fixture
def given(given: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """The addresses of this worker's database and Redis, the key of the ledger's seeds, and a folder, as settings."""
    return given | {"DATA_DIR": str(tmp_path), "SECRET_KEY": ACCOUNTS["SECRET_KEY"]}


async def test_suggestions_are_read_and_erased(ledger: Ledger, given: dict[str, str]) -> None:
    """C10: operators read what members wrote, newest first, and erase what one of them wrote."""
    ledger.clock.move_to(datetime.now(UTC))
    await ledger.publish(rules_with(**TAKEN))
    member = await ledger.member()
    for key, text in (("a", "早点开门"), ("b", "多放点糖")):
        said = Said(member, key, text, ledger.clock.now())
        await suggest(ledger.engine, ledger.pool, await ledger.live(), said)
        ledger.clock.advance(1)
    told = jifen("suggestions", "list", "--days", "7", **given).stdout.splitlines()
    assert [line.split("  ")[1:] for line in told] == [
        [f"会员 {member}", "多放点糖"],
        [f"会员 {member}", "早点开门"],
    ]
    erased = jifen("suggestions", "erase", str(member), **given)
    assert erased.stdout == f"已删除会员 {member} 的 2 条建议。\n"
    assert jifen("suggestions", "list", **given).stdout == "最近 30 天没有建议。\n"
