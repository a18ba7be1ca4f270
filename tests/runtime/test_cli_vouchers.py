"""`jifen vouchers use`: what a clerk is told, and that each voucher is handed out once."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from loyalty.rewards.commands import Cancel, Redeem
from loyalty.vouchers.rotating import voucher_code_now
from loyalty.vouchers.views import VoucherKey
from tests.ledger import KEYS, Ledger, rules_with
from tests.runtime.program import ACCOUNTS, jifen

pytestmark = pytest.mark.slow
CUP = {
    "id": "cup",
    "name": "杯子",
    "kind": "voucher",
    "price_points": 30,
    "valid_days": 2,
    "terms": "到店领取。",
}


@pytest.fixture
def given(given: dict[str, str], tmp_path: Path) -> dict[str, str]:
    return given | {"DATA_DIR": str(tmp_path), "SECRET_KEY": ACCOUNTS["SECRET_KEY"]}


async def a_code(ledger: Ledger) -> str:
    """The code of a cup that was bought now, by the program's own clock."""
    ahead = await ledger.pool.fetchval("SELECT extract(epoch FROM now() - $1)", ledger.clock.now())
    ledger.clock.advance(float(ahead) - 60)
    await ledger.publish(rules_with(rewards=[CUP]))
    bought: Any = (await ledger.run(Redeem, await ledger.member(), reward="cup")).outcome
    return str(bought.voucher)


async def use(given: dict[str, str], *words: str) -> tuple[int, str]:
    """Exit code and everything said."""
    told = await asyncio.to_thread(jifen, "vouchers", "use", *words, **given)
    assert "Traceback" not in told.stderr
    return told.returncode, (told.stdout + told.stderr).replace("\n", "")


async def test_a_voucher_is_used_and_the_next_clerk_hears_of_it(
    ledger: Ledger, given: dict[str, str]
) -> None:
    code = await a_code(ledger)
    grouped = f"{code[:4]}-{code[4:8]} {code[8:].lower()}"
    assert await use(given, grouped, "--by", "小王", "--store", "一店") == (
        0,
        "核销成功：杯子 ×1。到店领取。",
    )
    status, said = await use(given, code, "--by", "小李")
    assert status == 1
    assert "已经用过了，经手人：命令行:小王，门店：一店。" in said
    assert await ledger.count("redemption", state="used", used_by="命令行:小王") == 1


async def test_two_clerks_at_once(ledger: Ledger, given: dict[str, str]) -> None:
    code = await a_code(ledger)
    answers = await asyncio.gather(*(use(given, code, "--by", name) for name in ("小王", "小李")))
    assert sorted(status for status, _ in answers) == [0, 1]
    assert await ledger.count("receipt", scope="use", accepted=True) == 1


async def test_codes_that_cannot_be_used(ledger: Ledger, given: dict[str, str]) -> None:
    code = await a_code(ledger)
    assert await use(given, "K7M9PQ2RTUVW", "--by", "小王") == (1, "没有这张券，请核对券码。")
    row = await ledger.pool.fetchrow("SELECT member_id, receipt_no FROM redemption")
    place = VoucherKey(row["member_id"], row["receipt_no"], 0)
    old = voucher_code_now(KEYS, place, ledger.clock.now() - timedelta(hours=1)).code
    assert await use(given, old, "--by", "小王") == (1, "这个码已过期或有误，请会员刷新后再出示。")
    await ledger.run(Cancel, row["member_id"], receipt_no=row["receipt_no"], line=0)
    status, said = await use(given, code, "--by", "小王")
    assert (status, said) == (1, "杯子：这笔兑换已经取消，积分已退回，券不能再用。")
    bought: Any = (await ledger.run(Redeem, row["member_id"], reward="cup")).outcome
    await ledger.pool.execute("UPDATE redemption SET expires_on = current_date - 2")
    status, said = await use(given, bought.voucher, "--by", "小王")
    assert status == 1
    assert "这张券已经过期" in said
    assert await ledger.count("redemption", state="used") == 0
