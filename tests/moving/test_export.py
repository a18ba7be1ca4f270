"""O13: exports: the same ways round, harmless in a spreadsheet, and of one moment."""

import asyncio
import csv
from pathlib import Path

import pytest
from python_calamine import load_workbook

from loyalty.checkin.commands import CheckIn
from loyalty.entries import entries
from loyalty.members.profile import rename
from loyalty.rewards.commands import Redeem
from moving.balances import BALANCES
from moving.exporting import EXPORTS, PAGE, Source, export
from moving.members import MEMBERS
from moving.problems import CannotBegin
from moving.tables import NewFile
from tests.ledger import KEYS, ZONE, Ledger, empty, rules_with
from tests.moving.tables import imported, written


async def exported(
    ledger: Ledger, what: str, path: Path, *, phones: bool = False, overwrite: bool = False
) -> int:
    with NewFile(path, overwrite=overwrite) as table:
        return await export(
            ledger.pool, EXPORTS[what], table, lambda one: Source(one, ZONE, KEYS, ("wx_oa", "wx_mini"), phones), lambda _: None
        )  # fmt: skip


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


async def state(ledger: Ledger) -> list[tuple[object, ...]]:
    rows = await ledger.pool.fetch(
        "SELECT i.provider, i.subject, m.nickname, m.joined_at, a.growth, l.remaining, l.expires_on FROM member m"
        " JOIN account a USING (member_id) JOIN identity i USING (member_id) LEFT JOIN lot l USING (member_id) ORDER BY 1, 2, 7"
    )
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
async def test_an_export_can_be_imported_again(ledger: Ledger, tmp_path: Path, suffix: str) -> None:
    """Into an empty installation: the same members, names, days, points and growth."""
    people = written(
        tmp_path / "m.csv", "会员号,手机,unionid,openid,昵称,加入日期", "A-1,13800138000,u1,o1,小明,2024-05-01",
        "B-2,,,,=小红,2025-01-31", "C-3,,,,小李,2025-02-01"
    )  # fmt: skip
    await imported(ledger, MEMBERS, people)
    points = written(
        tmp_path / "b.csv", "会员号,积分,到期日,成长值", "A-1,100,2026-12-31,900", "A-1,20,长期有效,", "B-2,7,2027-02-28,0",
        "C-3,0,,50"
    )  # fmt: skip
    await imported(ledger, BALANCES, points)
    before, files = await state(ledger), [tmp_path / f"{name}{suffix}" for name in ("members", "balances")]
    counts = [await exported(ledger, file.stem, file, phones=True) for file in files]
    assert counts == [3, 4]
    await empty(ledger.pool)
    await ledger.publish_anew()
    for kind, file in zip((MEMBERS, BALANCES), files, strict=True):
        report = await imported(ledger, kind, file, mapping=("本系统会员号=ignore",))
        assert report.first_bad == []
    assert await state(ledger) == before


async def test_an_export_comes_back_to_where_it_was_made(ledger: Ledger, tmp_path: Path) -> None:
    """Our own numbers lead to the members; masked phones and numbers of unnamed systems are passed over."""
    await imported(ledger, MEMBERS, written(tmp_path / "m.csv", "会员号,手机,昵称", "A-1,13800138000,小明"))
    before = await state(ledger)
    await exported(ledger, "members", tmp_path / "out.csv")
    report = await imported(ledger, MEMBERS, tmp_path / "out.csv", external=None)
    assert (report.already, report.created, report.first_bad) == (1, 0, [])
    assert await state(ledger) == before


async def test_nothing_in_an_export_runs(ledger: Ledger, tmp_path: Path) -> None:
    """Names that begin like formulas are texts; phone numbers are masked; amounts stay numbers."""
    member_id = await ledger.member(wx_oa="-1+1")
    await rename(member_id, "=cmd|' /C calc'!A0", checked=True)
    await ledger.run(CheckIn, member_id)
    await imported(ledger, MEMBERS, written(tmp_path / "m.csv", "手机号", "13800138000"))
    await exported(ledger, "members", tmp_path / "m2.csv")
    header, first, second = read(tmp_path / "m2.csv")
    row = dict(zip(header, first, strict=True))
    assert (row["公众号openid"], row["昵称"], row["可用积分"]) == ("'-1+1", "'=cmd|' /C calc'!A0", "110")
    assert dict(zip(header, second, strict=True))["手机号"] == "138****8000"
    assert (tmp_path / "m2.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert (tmp_path / "m2.csv").stat().st_mode & 0o077 == 0
    await exported(ledger, "members", tmp_path / "m3.xlsx")
    cells = load_workbook(tmp_path / "m3.xlsx").get_sheet_by_index(0).to_python()
    assert cells[1][header.index("昵称")] == "=cmd|' /C calc'!A0"
    assert await exported(ledger, "entries", tmp_path / "e.csv") == 2
    assert read(tmp_path / "e.csv")[2][:7] == [
        str(member_id), "2", "2026-03-02 10:00:00", "10", "110", "每日签到",
        "2026年3月2日签到，已连续 1 天；得 10 分可用到2027年3月31日。",
    ]  # fmt: skip
    assert await exported(ledger, "rules", tmp_path / "r.csv") > 50
    assert read(tmp_path / "r.csv")[1][:2] == ["1", "2026-03-02 10:00:00"]


async def test_entries_are_explained_as_members_read_them(ledger: Ledger, tmp_path: Path) -> None:
    """Also those that take from lots, whichever page they stand on."""
    await ledger.publish(
        rules_with(rewards=[{"id": "cup", "name": "杯子", "kind": "voucher", "price_points": 60}])
    )
    member_id = await ledger.member()
    await ledger.run(CheckIn, member_id)
    await ledger.run(Redeem, member_id, reward="cup", price_points=60)
    await exported(ledger, "entries", tmp_path / "e.csv")
    told = [row[6] for row in read(tmp_path / "e.csv")[1:]]
    assert told == [one.reason for one in reversed(await entries(member_id))]
    assert "到期的 60 分" in told[-1]


async def test_an_export_is_of_one_moment(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sign-ins go on while it is written, over many pages: balances and entries of the file agree."""
    monkeypatch.setattr("moving.exporting.PAGE", 7)
    assert PAGE > 7
    members = [await ledger.member() for _ in range(30)]

    async def sign_in() -> None:
        for member_id in members:
            await ledger.run(CheckIn, member_id)

    busy = asyncio.create_task(sign_in())
    rows = await exported(ledger, "entries", tmp_path / "e.csv")
    await busy
    found = read(tmp_path / "e.csv")[1:]
    assert len(found) == rows
    for member_id in members:
        own = [row for row in found if row[0] == str(member_id)]
        assert sum(int(row[3]) for row in own) == int(own[-1][4])


def test_where_a_file_cannot_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "there.csv").write_text("precious")
    for name, words in (
        ("a.txt", "应以 .csv 或 .xlsx 结尾"),
        ("no/a.csv", "没有文件夹"),
        ("there.csv", "已经有了"),
    ):
        with pytest.raises(CannotBegin, match=words):
            NewFile(tmp_path / name, overwrite=False)
    with pytest.raises(ZeroDivisionError), NewFile(tmp_path / "there.csv", overwrite=True) as table:
        table.write(["half", 1 // 0])
    assert (tmp_path / "there.csv").read_text() == "precious"
    assert [path.name for path in tmp_path.iterdir()] == ["there.csv"]
    monkeypatch.setattr("moving.tables.MOST_ROWS", 2)
    with NewFile(tmp_path / "t.xlsx", overwrite=False) as sheet:
        sheet.write([1])
        sheet.write([2])
        with pytest.raises(CannotBegin, match="请写成"):
            sheet.write([3])
