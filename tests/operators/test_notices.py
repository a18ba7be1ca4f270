"""消息: one notice that failed is sent once more when an operator says so, and the counts by state."""

from datetime import timedelta

import pytest

from channels.outbox import NoticeKey
from operators.log import Filters, list_operations
from operators.notices import try_again
from operators.roles import NotAllowed
from operators.views.notices import counts_since, notice_line
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
