"""`jifen members find`, `show` and `phone`: looking a member up by whatever is at hand, and what the ledger says of them."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from base.sealing import KeyMissing
from operators.desk import Desk
from operators.roles import NotAllowed
from runtime.cli.arguments import Member
from runtime.cli.desks import at_desk
from runtime.cli.starting import err, fail, out

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from loyalty.entries import EntryView
    from operators.members.tails import TailPage
    from operators.views.finding import Hit
    from operators.views.members import MemberLine

ENTRIES_SHOWN = 10
TAILS_SHOWN = 100
Text = Annotated[
    str,
    typer.Argument(
        metavar="线索", help="会员号、昵称开头、手机号或它的后四位、会员码、OpenID、订单号、券码或邀请码"
    ),
]


def find(text: Text) -> None:
    """找会员：会员码、OpenID、订单号、券码和邀请码要写完整，手机号写完整或者后四位，昵称写开头几个字。

    例：jifen members find 13800138000，或者 jifen members find 8000
    """
    from loyalty.members.tails import is_tail
    from operators.members.tails import find_by_tail
    from operators.views.finding import find as find_all

    async def look(desk: Desk) -> "tuple[list[Hit], TailPage | None]":
        hits = await find_all(desk.resources.pool, desk.resources.settings, text)
        if not is_tail(text):
            return hits, None
        try:
            return hits, await find_by_tail(desk, text, limit=TAILS_SHOWN)
        except (NotAllowed, KeyMissing) as fault:
            err.print(str(fault), markup=False)
            return hits, None

    hits, tails = at_desk(look)
    if not hits and not (tails and tails.hits):
        fail("没有找到。订单号、券码和 OpenID 要写完整。")
    table = Table("会员号", "昵称", "凭什么找到", box=None)
    for hit in hits:
        table.add_row(str(hit.member_id), hit.nickname or "", hit.words)
    for tail in tails.hits if tails else ():
        table.add_row(str(tail.member_id), tail.nickname or "", f"手机号 {tail.phone}")
    out.print(table)
    if tails and tails.after is not None:
        err.print(f"手机号这样结尾的会员不止 {TAILS_SHOWN} 位，请用别的线索找。", markup=False)


def show(member: Member) -> None:
    """一位会员的积分、成长值、状态，和最近的 10 笔流水。

    例：jifen members show 42
    """

    async def look(desk: Desk) -> "tuple[MemberLine | None, list[EntryView], ZoneInfo]":
        from loyalty.entries import entries
        from operators.views.members import member_line

        line = await member_line(desk.resources.pool, member)
        rows = await entries(member, before=None, limit=ENTRIES_SHOWN) if line else []
        return line, rows, desk.resources.settings.timezone

    line, rows, zone = at_desk(look)
    if line is None:
        fail(f"没有会员 {member}。")
    out.print(
        f"会员 {member}（{line.nickname or '没有昵称'}）：可用 {line.available:,}，待入账 {line.pending:,}，欠 {line.debt:,}，"
        f"成长值 {line.growth:,}，状态 {line.status}。",
        markup=False, soft_wrap=True,
    )  # fmt: skip
    table = Table("时间", "事项", "变动", "余额", box=None)
    for row in rows:
        table.add_row(
            f"{row.created_at.astimezone(zone):%Y-%m-%d %H:%M}",
            row.title,
            f"{row.delta:+,}",
            f"{row.balance_after:,}",
        )
    out.print(table)


def phone(
    member: Member, *, reason: Annotated[str, typer.Option(help="为什么要看，会留在操作日志里")]
) -> None:
    """看一位会员完整的手机号；谁在什么时候看过，会留在操作日志里。

    例：jifen members phone 42 --reason "快递退回，联系收件人"
    """

    async def look(desk: Desk) -> str | None:
        from operators.members.account import unmask

        return await unmask(desk, member, reason)

    number = at_desk(look)
    if number is None:
        fail(f"会员 {member} 没有绑定手机号。")
    out.print(number, markup=False, highlight=False)
