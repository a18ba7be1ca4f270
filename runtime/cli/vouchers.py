"""`jifen vouchers`: what a clerk does with a voucher in the shop."""

from typing import Annotated

import typer

from operators.desk import Desk, user_name
from runtime.cli.desks import at_desk
from runtime.cli.starting import err, out

app = typer.Typer(help="处理会员的券。", no_args_is_help=True)


@app.command()
def use(
    code: Annotated[str, typer.Argument(metavar="券码", help="会员出示的券码，大小写、空格和连字符都不要紧")],
    *,
    by: Annotated[str, typer.Option(help="经手人；不写就用这台机器的登录名")] = "",
    store: Annotated[str, typer.Option(help="门店的编号，可以不写")] = "",
) -> None:
    """核销一张券：只成功一次，并记下时间、经手人和门店。已经用过、取消或过期的券会说明原因，以 1 退出。

    例：jifen vouchers use K7M9-PQ2R-TUVW --by 小王 --store 一店
    """
    clerk = (by or user_name()).strip()
    if not clerk:
        err.print("请写明经手人：--by 名字。", style="red", markup=False)
        raise typer.Exit(1)

    async def take(desk: Desk) -> tuple[bool, str]:
        from loyalty.vouchers.outcomes import VoucherUsed
        from operators.voucher_words import outcome_text
        from operators.vouchers import verify

        outcome = await verify(desk, code, store.strip() or None)
        return isinstance(outcome, VoucherUsed), outcome_text(outcome, desk.resources.settings.timezone)

    taken, sentence = at_desk(take, clerk)
    if not taken:
        err.print(sentence, style="red", markup=False)
        raise typer.Exit(1)
    out.print(sentence, markup=False)
