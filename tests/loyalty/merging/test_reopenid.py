"""New openids for old ones after an account's migration: dry, applied, and applied again."""

import pytest

from loyalty.merging.reopenid import BadPairs, Pair, read_pairs, reopen
from tests.ledger import Ledger

PAIRS = [Pair("o1", "n1"), Pair("o2", "n2"), Pair("o3", ""), Pair("gone", "n4")]


async def test_a_dry_run_writes_nothing_and_running_again_changes_nothing(ledger: Ledger) -> None:
    one, two = await ledger.member(wx_old="o1"), await ledger.member(wx_old="o2")
    dry = await reopen(ledger.engine, PAIRS, "wx_old", "wx_new", apply=False)
    assert dry.counts == {"linked": 2, "without": 1, "unknown": 1}
    assert await ledger.count("identity") == 2
    done = await reopen(ledger.engine, PAIRS, "wx_old", "wx_new", apply=True)
    assert done.counts == dry.counts
    again = await reopen(ledger.engine, PAIRS, "wx_old", "wx_new", apply=True)
    assert again.counts == {"already": 2, "without": 1, "unknown": 1}
    rows = await ledger.pool.fetch(
        "SELECT subject, member_id FROM identity WHERE provider = 'wx_new' ORDER BY subject"
    )
    assert [tuple(row) for row in rows] == [("n1", one), ("n2", two)]


async def test_who_came_before_the_file_did_is_merged(ledger: Ledger) -> None:
    one, new = await ledger.member(wx_old="o1"), await ledger.member(wx_new="n1")
    assert (await reopen(ledger.engine, PAIRS[:1], "wx_old", "wx_new", apply=True)).counts == {"merged": 1}
    assert await ledger.balance(one) == 200
    assert await ledger.count("account", status="merged", member_id=new) == 1


def test_a_file_with_a_header_and_without() -> None:
    plain = ["a,b", "c,"]
    assert read_pairs(plain) == [Pair("a", "b"), Pair("c", "")]
    assert read_pairs(["\ufefforI_openid,new_openid".replace("orI", "ori"), *plain, ""]) == read_pairs(plain)


@pytest.mark.parametrize(
    ("lines", "named"),
    [(["a"], "第 1 行"), (["a,b", "x y,c"], "第 2 行"), (["a,b", "a,c"], "第 2 行"), (["a,=1+1"], "第 1 行")],
)
def test_every_bad_line_is_named(lines: list[str], named: str) -> None:
    with pytest.raises(BadPairs, match=named):
        read_pairs(lines)
