"""O13: balances from a file: dry run, a report of every bad row, and a second run that imports nothing twice."""

import asyncio
import csv
from datetime import date
from pathlib import Path

import pytest

from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.members.enrolment import Newcomer, enroll
from loyalty.merging.run import merge
from moving import importing
from moving.balances import BALANCES, BALANCES_AGAIN
from moving.members import MEMBERS
from moving.problems import CannotBegin
from tests.ledger import KEYS, Ledger, rules_with
from tests.moving.tables import imported, written

HEADER = "会员号,昵称,积分,到期日"


async def lots(ledger: Ledger, subject: str) -> list[tuple[date, int]]:
    rows = await ledger.pool.fetch(
        "SELECT expires_on, remaining FROM lot JOIN identity USING (member_id) WHERE subject = $1 ORDER BY 1",
        subject,
    )
    return [tuple(row) for row in rows]


async def test_balances_become_lots_once(ledger: Ledger, tmp_path: Path) -> None:
    """Each line is a lot with its own day; another run of the same file brings nothing."""
    file = written(
        tmp_path / "余额.csv", HEADER, "1001,小明,\"1,200\",2026-12-31", "1001,小明,300,2027/6/30",
        "1002,小红,50,", "1003,小李,0,", "1004,小王,7,长期有效", encoding="gbk",
    )  # fmt: skip
    dry = await imported(ledger, BALANCES, file, apply=False)
    assert (dry.rows, dry.bad, dry.points, dry.persons) == (5, 0, 1557, 4)
    assert await ledger.count("account") == 0
    first = await imported(ledger, BALANCES, file)
    assert (first.done, first.already, first.created, first.points) == (5, 0, 4, 1557)
    assert await lots(ledger, "1001") == [(date(2027, 1, 1), 1200), (date(2027, 7, 1), 300)]
    assert await lots(ledger, "1002") == [(date(2027, 4, 1), 50)]  # by the rule of twelve months
    assert await lots(ledger, "1004") == [(date(9999, 12, 31), 7)]
    second = await imported(ledger, BALANCES, file)
    assert (second.done, second.already, second.created) == (
        1,
        4,
        0,
    )  # the line without points has no receipt
    assert await ledger.pool.fetchval("SELECT sum(available) FROM account") == 1557
    entry = await ledger.pool.fetchrow(
        "SELECT reason, actor, scope FROM entry JOIN receipt r USING (member_id) LIMIT 1"
    )
    assert tuple(entry) == ("opening_balance", "operator", "import")
    report = await audit(ledger.pool, ledger.clock.now(), KEYS)
    assert report.violations == []


async def test_who_was_imported_arrives_by_their_unionid(ledger: Ledger, tmp_path: Path) -> None:
    """The person who comes later is the member who was imported, and goes on from their points."""
    await imported(
        ledger, MEMBERS, written(tmp_path / "m.csv", "unionid,昵称,加入日期", "u-1,小明,2024-05-01")
    )
    await imported(ledger, BALANCES, written(tmp_path / "b.csv", "unionid,积分", "u-1,500"))
    arrived = await enroll(
        ledger.engine, Newcomer((("wx_oa", "o-1"), ("unionid", "u-1")), ledger.clock.now())
    )
    assert not arrived.created
    await ledger.run(CheckIn, arrived.member_id)
    assert await ledger.balance(arrived.member_id) == 510
    member = await ledger.pool.fetchrow("SELECT nickname, joined_at::date::text FROM member")
    assert tuple(member) == ("小明", "2024-04-30")  # midnight in Shanghai


async def test_an_import_that_was_killed_goes_on(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of the file is booked when the process dies; the next run books the rest, and nothing twice."""
    monkeypatch.setattr(importing, "CHUNK", 10)
    file = written(tmp_path / "b.csv", "会员号,积分", *(f"{number},{number}" for number in range(1, 101)))
    whole = asyncio.create_task(imported(ledger, BALANCES, file))
    while await ledger.count("receipt", scope="import") < 30:  # noqa: ASYNC110  # rows in the database
        await asyncio.sleep(0.001)
    whole.cancel()
    with pytest.raises(asyncio.CancelledError):
        await whole
    assert await ledger.count("receipt", scope="import") < 100
    rest = await imported(ledger, BALANCES, file)
    assert rest.already >= 30
    assert rest.done + rest.already == 100
    assert await ledger.pool.fetchval("SELECT sum(available) FROM account") == 5050


async def test_a_person_whose_lines_are_read_far_apart(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK", 2)
    rows = ["1,10,2027-01-01", "2,20,2027-01-01", "3,1,2027-01-01", "1,5,2027-06-30", "2,9,2027-01-01"]
    report = await imported(ledger, BALANCES, written(tmp_path / "b.csv", "会员号,积分,到期日", *rows))
    assert (report.done, report.bad, report.persons) == (4, 1, 3)
    assert report.first_bad == [(6, "和第 3 行重复：同一位会员、同一个到期日")]
    assert await lots(ledger, "1") == [(date(2027, 1, 2), 10), (date(2027, 7, 1), 5)]


async def test_two_imports_at_once(ledger: Ledger, tmp_path: Path) -> None:
    file = written(tmp_path / "b.csv", "会员号,积分", *(f"{number},1" for number in range(1, 301)))
    reports = await asyncio.gather(*(imported(ledger, BALANCES, file) for _ in range(2)))
    assert sum(one.done for one in reports) == 300
    assert await ledger.count("account") == 300
    assert await ledger.pool.fetchval("SELECT sum(available) FROM account") == 300


async def test_every_bad_row_is_reported_and_the_report_can_be_imported(
    ledger: Ledger, tmp_path: Path
) -> None:
    file = written(
        tmp_path / "b.csv", HEADER,
        "1,a,-5,", "2,b,1.5,", "3,c,99999999999999999999,", "4,d,5,2026/13/40", "5,e,5,2020-01-01", "6,f,,", ",g,5,",
        "8,h,5,2027-01-01", "8,h,5,2027-01-01", "=1+1,i,=5,", "9,j,5", "1.2E+17,k,5,", "10,ok,5,46387",
    )  # fmt: skip
    report = await imported(ledger, BALANCES, file)
    assert (report.done, report.bad) == (1, 12)
    assert report.bad_path == tmp_path / "b.csv.errors.csv"
    with report.bad_path.open(encoding="utf-8-sig") as opened:
        rows = list(csv.reader(opened))
    reasons = {int(line): reason for line, reason, *_ in rows[1:]}
    for line, words in {
        2: "积分 『-5』 太小，最少 0", 3: "积分 『1.5』 不是整数", 4: "太大，最多 100,000,000", 5: "日历上没有这一天",
        6: "到期日 2020-01-01 已经过了", 7: "没有写积分", 8: "没有写是哪位会员", 10: "和第 9 行重复：同一位会员、同一个到期日",
        11: "积分 『=5』 不是整数", 12: "这一行有 3 个字段，表头有 4 个", 13: "后面的位数已经丢了",
        14: "请在 Excel 里把这一列的格式设成日期",
    }.items():  # fmt: skip
        assert words in reasons[line], (line, reasons[line])
    assert rows[9][2:5] == ["'=1+1", "i", "'=5"]  # nothing that a spreadsheet would run
    fixed = report.bad_path.read_text("utf-8-sig").replace("2026/13/40", "2026-12-31")
    again = await imported(ledger, BALANCES, written(tmp_path / "fixed.csv", *fixed.splitlines()))
    assert (again.done, again.bad) == (1, 11)


async def test_a_corrected_file_does_not_bring_the_other_members_twice(
    ledger: Ledger, tmp_path: Path
) -> None:
    """The corrected file is another file, so that its lines are new facts; who has points already is named."""
    await imported(ledger, BALANCES, written(tmp_path / "b.csv", "会员号,积分", "1,100", "2,-1"))
    corrected = written(tmp_path / "c.csv", "会员号,积分", "1,100", "2,1")
    report = await imported(ledger, BALANCES, corrected)
    assert (report.done, report.bad) == (1, 1)
    assert "已经从另一个文件导入过期初积分" in report.first_bad[0][1]
    more = await imported(ledger, BALANCES_AGAIN, written(tmp_path / "d.csv", "会员号,积分", "1,7"))
    assert more.done == 1


async def test_ids_of_several_members_and_of_nobody(ledger: Ledger, tmp_path: Path) -> None:
    one, two = await ledger.member(unionid="u1"), await ledger.member(wx_oa="o2")
    three = await ledger.member(unionid="u3")
    await ledger.pool.execute("UPDATE account SET status = 'frozen' WHERE member_id = $1", three)
    file = written(
        tmp_path / "b.csv", "unionid,openid,本系统会员号,积分", "u1,o2,,1", f"u1,,{one},1", ",,999,1", "u3,,,1", f",o2,{one},1"
    )  # fmt: skip
    report = await imported(ledger, BALANCES, file)
    assert report.done == 1
    assert [reason for _, reason in report.first_bad] == [
        f"这些号属于不同的会员 {one} 和 {two}；是同一个人的话，先运行 jifen members merge {one} {two}",
        "没有会员 999",
        f"会员 {three} 的账户已停用",
        f"这些号属于不同的会员 {one} 和 {two}；是同一个人的话，先运行 jifen members merge {one} {two}",
    ]


@pytest.mark.parametrize(
    ("header", "external", "mapping", "words"),
    [
        ("姓名,积分", None, (), "表头里没有认得出会员的列"),
        ("会员号,姓名", "external:crm", (), "表头里没有积分"),
        ("会员号,积分", None, (), "请写 --external 名称"),
        ("会员号,卡号,积分", "external:crm", (), "两列都可以是原系统会员号"),
        ("会员号,积分", "external:crm", ("分数=积分",), "表头里没有 --map 写的列：分数"),
        ("会员号,积分", "external:crm", ("积分=价格",), "--map 应写成『列名=字段』"),
    ],
)
async def test_files_that_cannot_begin(
    ledger: Ledger, tmp_path: Path, header: str, external: str | None, mapping: tuple[str, ...], words: str
) -> None:
    file = written(tmp_path / "b.csv", header, *["1,1,1"[: 2 * header.count(",") + 1]])
    with pytest.raises(CannotBegin, match=words):
        await imported(ledger, BALANCES, file, external=external, mapping=mapping)


async def test_a_merge_between_two_runs(ledger: Ledger, tmp_path: Path) -> None:
    """The line counts once for the person, whichever of the two members it was booked for."""
    older = await ledger.member(unionid="u1")
    file = written(tmp_path / "b.csv", "会员号,积分", "C1,100")
    await imported(ledger, BALANCES, file)
    newer = await ledger.pool.fetchval("SELECT member_id FROM identity WHERE subject = 'C1'")
    await merge(ledger.engine, (older, newer), actor="operator", reason="同一个人")
    again = await imported(ledger, BALANCES, file)
    assert (again.done, again.already) == (0, 1)
    corrected = await imported(ledger, BALANCES, written(tmp_path / "d.csv", "会员号,积分", "C1,100", "C2,1"))
    assert (corrected.done, corrected.bad) == (1, 1), (
        "another file would bring a merged member's points again"
    )
    by_old_number = written(tmp_path / "c.csv", "本系统会员号,积分", f"{newer},5")
    report = await imported(ledger, BALANCES_AGAIN, by_old_number)
    assert report.done == 1
    assert await ledger.balance(older) == 100 + 100 + 5
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


@pytest.mark.parametrize(
    ("rows", "members"),
    [
        (["A,u1,,1", "A,,,2", ",u1,,4"], {7}),
        (["A,,,1", ",u1,,2", "A,u1,,4"], {7}),  # the third line says that the first two are one person
        (["A,,,1", ",u1,,2", "A,,13800138000,4", ",u1,13800138000,8"], {15}),
        (["A,u1,,1", "B,u2,,2"], {1, 2}),
        (["OLD,,13800138000,1", "OTHER,,13800138000,2", ",,13800138000,4"], {5, 2}),  # of two known members
    ],
)
async def test_lines_of_one_person_by_different_ids(
    ledger: Ledger, tmp_path: Path, rows: list[str], members: set[int]
) -> None:
    await ledger.publish(rules_with(welcome={"points": 0}))
    for known in ("OLD", "OTHER"):
        await ledger.member(**{"external:crm": known})
    dated = [f"{row},2099-01-{day:02}" for day, row in enumerate(rows, 1)]
    file = written(tmp_path / "b.csv", "会员号,unionid,手机,积分,到期日", *dated)
    report = await imported(ledger, BALANCES, file)
    assert report.done == len(rows)
    found = await ledger.pool.fetch("SELECT available FROM account WHERE available > 0")
    assert {row["available"] for row in found} == members
    assert len(found) == len(members)
