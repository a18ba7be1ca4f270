"""消息: one notice that failed is sent once more when an operator says so, and the counts by state."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

import channels
from channels.notices.kinds import KINDS
from channels.outbox import HELD, NoticeKey
from operators.operation_log.pages import Filters, list_operations
from operators.roles import NotAllowed
from operators.views.notices import KIND_TITLES, REASONS, counts_since, notice_line
from operators.wechat.notices import try_again
from tests.ledger import Ledger
from tests.operators.desks import desk_for

NOTICE = """
INSERT INTO notice (member_id, kind, key, receipt_no, payload, created_at, due_at, state, attempts, channel, message_id)
VALUES ($1, 'expiry', $2, 1, '{}', $3, $3, $2, 8, 'template', '7')
"""


async def test_only_what_failed_is_tried_again_and_once(ledger: Ledger) -> None:
    wang, member, now = (
        await desk_for(ledger, "小王", "operations"),
        await ledger.member(),
        ledger.clock.now(),
    )
    for state in ("failed", "unknown", "delivered", "suppressed", "waiting"):
        await ledger.pool.execute(NOTICE, member, state, now)
    assert (await counts_since(ledger.pool, now - timedelta(days=7)))["unknown"] == 1
    assert await counts_since(ledger.pool, now + timedelta(days=1)) == {}
    for state in ("unknown", "delivered", "suppressed", "waiting", "none"):
        assert not await try_again(wang, NoticeKey(member, "expiry", state))
    key = NoticeKey(member, "expiry", "failed")
    assert await try_again(wang, key)
    assert not await try_again(wang, key), "it is due already"
    line = await notice_line(ledger.pool, *key)
    assert line is not None
    assert (line.state, line.attempts, line.channel, line.due_at) == ("due", 0, None, now)
    rows = await list_operations(ledger.pool, Filters(action="notices"))
    assert [(row.member_id, row.subject) for row in rows] == [(member, "failed")]
    with pytest.raises(NotAllowed):
        await try_again(await desk_for(ledger, "小审", "auditor"), key)


CODES = re.compile(
    r'(?:Declined|NotNeeded)\("([a-z_]+)"|Verdict\("[a-z]+", "([a-z_]+)"|reason = \'([a-z_]+)\''
)


def test_every_kind_and_reason_of_the_outbox_has_its_words() -> None:
    assert {kind.code for kind in KINDS} <= set(KIND_TITLES)
    source = "".join(path.read_text("utf-8") for path in Path(channels.__file__).parent.rglob("*.py"))
    codes = {code for found in CODES.findall(source) for code in found if code}
    assert len(codes) > 12
    assert codes | {HELD, "monthly_quota", "not_following", "no_template"} <= set(REASONS)
