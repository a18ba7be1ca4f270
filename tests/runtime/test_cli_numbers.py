"""`jifen numbers` and `jifen stats rebuild` as an operator runs them."""

import asyncio
from pathlib import Path

import pytest

from tests.ledger import Ledger
from tests.loyalty.numbers.counting import count_all
from tests.loyalty.test_flows import spent_a_day
from tests.runtime.program import jifen

pytestmark = pytest.mark.slow


async def test_numbers_on_the_screen_and_in_a_file(
    ledger: Ledger, given: dict[str, str], tmp_path: Path
) -> None:
    settings = given | {"DATA_DIR": str(tmp_path)}
    await spent_a_day(ledger)
    await count_all(ledger)
    days = ("--from", "2026-03-01", "--to", "2026-03-03")
    file = tmp_path / "门店.csv"
    told = await asyncio.gather(*(
        asyncio.to_thread(jifen, *words, **settings)
        for words in (
            ("numbers", *days, "--by", "store"), ("numbers", *days, "--by", "store", "--csv", str(file)),
            ("numbers", "--by", "weather"), ("numbers", "compare", "1", "2", *days), ("stats", "rebuild"),
        )
    ))  # fmt: skip
    shown, written, unknown, compared, rebuilt = told
    assert shown.returncode == 0, shown.stderr
    assert "598" in shown.stdout
    assert "合计" in shown.stdout
    assert written.returncode == 0
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    assert unknown.returncode == 2
    assert "weather" in unknown.stderr
    assert "没有对照组" in compared.stdout
    assert "与原来的完全一样" in rebuilt.stdout
