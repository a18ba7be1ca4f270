"""docs/examples/till.py: a shop's developer runs it against a server and sees a sale, and a refund."""

import asyncio
import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.house import House
from tests.miniapp_api.client import Mini
from tests.partner_api.shop import shop_rules
from tests.partner_api.till import till
from tests.source import ROOT

TILL = ROOT / "docs" / "examples" / "till.py"


async def test_a_sale_and_a_refund(house: House, ming: Mini, tmp_path: Path) -> None:
    await house.ledger.publish(shop_rules())
    house.clock.move_to(datetime.now(UTC) + timedelta(seconds=60))  # the program has the machine's clock
    key, file = (await till(house)).text, tmp_path / "demo.json"
    file.write_text(json.dumps({"server": house.server_url, "partner_key": key}), encoding="utf-8")

    def ran(*words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, TILL, file, *words], capture_output=True, text=True, check=False
        )

    async def run(*words: str) -> tuple[int, str]:
        told = await asyncio.to_thread(ran, *words)
        assert "Traceback" not in told.stderr
        return told.returncode, told.stdout + told.stderr

    member = str(ming.member_id)
    assert await run("member", member) == (0, "会员（普通会员），现有 100 积分\n")
    assert await run("member", "99999") == (1, "没有找到这位会员，请核对编号、手机号或会员码。\n")
    status, said = await run("sell", member, "88.80")
    assert (status, "得 88 积分。余额 188" in said) == (0, True), said
    (order,) = re.findall(r"SO-[\w-]+", said)
    status, said = await run("refund", member, order, "10.00")
    assert (status, "收回 10 积分。余额 178" in said) == (0, True), said
    status, said = await run("refund", member, order, "80.00")
    assert (status, "最多还能退 78.8" in said, "refund_too_large" in said) == (1, True, True), said
    for amount in ("0.001", "0", "-1", "1e3", "abc"):
        status, said = await run("sell", member, "--", amount)
        assert (status, "应为金额" in said) == (2, True), said


def test_it_is_about_a_hundred_lines_of_the_standard_library() -> None:
    text = TILL.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 130
    imported = {name.split(".")[0] for name in re.findall(r"^(?:from|import) ([\w.]+)", text, re.M)}
    assert imported <= sys.stdlib_module_names
