"""`jifen keys`: what an operator sees, and that a key is shown once."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from channels.webhooks.endpoints import add_webhook
from partner_api.keys import find_key
from tests.ledger import KEYS, Ledger
from tests.runtime.program import jifen

pytestmark = pytest.mark.slow


@pytest.fixture
def given(given: dict[str, str], tmp_path: Path) -> dict[str, str]:
    return given | {"DATA_DIR": str(tmp_path)}


def text_in(said: str) -> str:
    (found,) = re.findall(r"jf_live_\w{8}_[\w-]{43}", said)
    return str(found)


async def test_a_key_from_its_birth_to_its_end(ledger: Ledger, given: dict[str, str]) -> None:
    await ledger.pool.execute("DELETE FROM partner_key")
    assert "还没有密钥" in jifen("keys", "list", **given).stdout
    words = ("--name", "一店收银台", "--scopes", "members, events", "--store", "sh-01")
    told = jifen("keys", "new", *words, **given)
    assert told.returncode == 0, told.stderr
    assert "还没有编号为 sh-01 的门店" in told.stderr.replace("\n", "")
    text = text_in(told.stdout)
    now = datetime.now(UTC) + timedelta(minutes=5)  # the program has a clock of its own
    key = await find_key(ledger.pool, text, now)
    assert key is not None
    assert (key.scopes, key.store, key.per_minute) == (("events", "members"), "sh-01", 600)
    listed = jifen("keys", "list", **given).stdout
    assert key.id in listed
    assert "使用中" in listed
    assert text not in listed
    changed = jifen("keys", "change", key.id, "--scopes", "vouchers", "--reason", "只核销", **given)
    assert "的权限改为：vouchers" in changed.stdout
    assert "没有用过" in listed
    rotated = jifen("keys", "rotate", key.id, "--grace-hours", "0", **given)
    assert "已失效" in rotated.stdout
    assert await find_key(ledger.pool, text, now) is None
    revoked = jifen("keys", "revoke", key.id, **given)
    assert "已作废" in revoked.stdout
    assert await find_key(ledger.pool, text_in(rotated.stdout), now) is None
    assert "作废" in jifen("keys", "list", **given).stdout


async def test_a_webhook_is_run_from_the_command_line(ledger: Ledger, given: dict[str, str]) -> None:
    given |= {"SECRET_KEY": "test-secret-key-of-the-house"}
    made = await add_webhook(
        ledger.pool, KEYS, "key22222", None, "https://127.0.0.1:1/hook", ledger.clock.now()
    )
    for words, status, said in (
        (("list",), 0, "https://127.0.0.1:1/hook"),
        (("stop", made.id, "--reason", "对方在搬家"), 0, "推送已停下"),
        (("stop", made.id), 1, "已经停下"),
        (("resume", made.id), 0, "继续推送了"),
        (("rotate", made.id, "--grace-hours", "1"), 0, "whsec_"),
        (("test", made.id), 1, "网址不能用"),
        (("replay", made.id), 1, "没有可以重送的"),
        (("deliveries", made.id), 0, "编号"),
        (("remove", made.id), 0, "推送已去掉"),
        (("remove", made.id), 1, "已经去掉"),
    ):
        told = jifen("webhooks", *words, **given)
        assert told.returncode == status, (words, told.stderr)
        assert said in told.stdout + told.stderr, words


def test_mistakes_are_told_in_a_sentence(ledger: Ledger, given: dict[str, str]) -> None:
    for words, said in (
        (("new", "--name", "x", "--scopes", "money"), "没有「money」这项权限"),
        (("new", "--name", "x", "--scopes", "events", "--store", "一店"), "门店编号"),
        (("rotate", "nokey222"), "没有编号为 nokey222 的密钥"),
        (("revoke", "nokey222"), "没有编号为 nokey222 的密钥"),
    ):
        told = jifen("keys", *words, **given)
        assert told.returncode == 1
        assert said in told.stderr
        assert "Traceback" not in told.stderr
