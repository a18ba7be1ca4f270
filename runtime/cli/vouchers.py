"""`jifen vouchers`: what a clerk does with vouchers in the shop."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from operators.desk import Desk, user_name
from runtime.cli.arguments import Member
from runtime.cli.desks import at_desk
from runtime.cli.starting import fail, out

if TYPE_CHECKING:
    from loyalty.vouchers.counter import CounterVoucher

app = typer.Typer(help="处理会员的券。", no_args_is_help=True)


@app.command()
def use(
    code: Annotated[
        str,
        typer.Argument(
            metavar="券码", help="会员出示的券码，固定的或每 30 秒一换的；大小写、空格和连字符都不要紧"
        ),
    ],
    *,
    by: Annotated[str, typer.Option(help="经手人；不写就用这台机器的登录名")] = "",
    store: Annotated[str, typer.Option(help="门店的编号，可以不写")] = "",
) -> None:
    """核销一张券：只成功一次，并记下时间、经手人和门店。已经用过、取消或过期的券会说明原因，以 1 退出。

    例：jifen vouchers use K7M9-PQ2R-TUVW --by 小王 --store 一店
    """
    clerk = (by or user_name()).strip()
    if not clerk:
        fail("请写明经手人：--by 名字。")

    async def take(desk: Desk) -> tuple[bool, str]:
        from loyalty.vouchers.outcomes import VoucherUsed
        from operators.counter.vouchers import verify
        from operators.counter.words import outcome_text

        outcome = await verify(desk, code, store.strip() or None)
        return isinstance(outcome, VoucherUsed), outcome_text(outcome, desk.resources.settings.timezone)

    taken, sentence = at_desk(take, clerk)
    if not taken:
        fail(sentence)
    out.print(sentence, markup=False)


@app.command()
def show(code: Annotated[str, typer.Argument(metavar="券码", help="大小写、空格和连字符都不要紧")]) -> None:
    """看一张券：是什么、谁的、能不能用；不核销。"""
    from loyalty.vouchers.counter import CounterVoucher
    from operators.counter.vouchers import look_at_voucher

    found = at_desk(lambda desk: look_at_voucher(desk, code))
    if not isinstance(found, CounterVoucher):
        fail(found.sentence)
    _list([found])


@app.command("of")
def of_member(member: Member) -> None:
    """列出一位会员现在能用的券。"""
    from operators.counter.vouchers import look_at_vouchers_of

    _list(at_desk(lambda desk: look_at_vouchers_of(desk, member)))


@app.command()
def today(*, by: Annotated[str, typer.Option(help="经手人；不写就用这台机器的登录名")] = "") -> None:
    """列出这位经手人今天核销的券。"""
    from operators.counter.vouchers import taken_today

    table = Table("时间（UTC）", "会员", "券", "数量", "门店", box=None)
    for one in at_desk(taken_today, by):
        table.add_row(f"{one.at:%H:%M}", one.whose, one.name, str(one.quantity), one.store or "")
    out.print(table)


def _list(found: "Sequence[CounterVoucher]") -> None:
    table = Table("券码", "会员", "券", "数量", "状态", "有效期至", box=None)
    for one in found:
        table.add_row(one.code, one.whose, one.name, str(one.quantity), one.state, str(one.expires_on))
    out.print(table)
