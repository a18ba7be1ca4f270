"""`jifen import`: members, balances, orders and segments from CSV and Excel files."""

from collections.abc import Callable
from inspect import Signature, signature
from typing import TYPE_CHECKING, Annotated, Any

import typer

from runtime.cli.importing import Choices, import_file

if TYPE_CHECKING:
    from moving.kind import Kind

app = typer.Typer(help="把会员、积分和订单从文件导入，CSV 或 XLSX。", no_args_is_help=True)

Again = Annotated[bool, typer.Option("--again", help="从别的文件导入过期初积分的会员，再加上这个文件里的")]


def _command(kind_of: Callable[..., "Kind"]) -> Callable[..., "Kind"]:
    """Add a command with the name and the help of `kind_of`, which imports a table of that kind.

    The command takes the options of every import and then those of `kind_of`.
    """
    own = signature(kind_of).parameters

    def command(**given: Any) -> None:
        kind = kind_of(**{name: given.pop(name) for name in own})
        import_file(kind, Choices(**given))

    shared = signature(Choices).parameters
    command.__signature__ = Signature([*shared.values(), *own.values()])  # type: ignore[attr-defined]  # typer reads it
    app.command(kind_of.__name__, help=kind_of.__doc__)(command)
    return kind_of


@_command
def members() -> "Kind":
    """导入会员：认得的补上身份，不认得的先建好，等本人来了就是这位会员。不送新人礼。

    每行至少要有一个号：手机号、原系统会员号、unionid、公众号或小程序的 openid。昵称和加入日期可以没有。
    重复运行不会多出会员；中断了，再运行一次就接着导入。

    例：jifen import members 会员.xlsx --external crm --dry-run
    """
    from moving.members import MEMBERS

    return MEMBERS


@_command
def balances(*, again: Again = False) -> "Kind":
    """导入积分余额：每行一笔期初积分，记在会员账上；没有的会员先建好。

    一位会员的积分到期日不同，就写成几行。到期日是最后可用的一天，不写就按现在的规则到期。
    同一个文件的同一行只记一次；中断了，再运行一次就接着导入。

    例：jifen import balances 余额.csv --external crm --dry-run
    """
    from moving.balances import BALANCES, BALANCES_AGAIN

    return BALANCES_AGAIN if again else BALANCES


@_command
def segments() -> "Kind":
    """导入人群：哪些会员在哪个人群里，从哪天到哪天。规则里的条件 segment 按它判断。

    每行写会员的号、人群和到期日（最后一天），开始日期不写就是今天。没有的会员不会新建。
    同一位会员、同一个人群、同一个开始日期再导入一次，就改成新的到期日；写得早一些，就提前结束。

    例：jifen import segments 流失预警.xlsx --external crm --dry-run
    """
    from moving.segments import SEGMENTS

    return SEGMENTS


@_command
def orders() -> "Kind":
    """导入订单：每行一笔，按当时的规则得积分；收银已经报过的订单不会再算一次。

    要有会员、订单号、实付金额（元）和时间；门店写规则里的编号。最远 400 天以前的订单。
    同一个文件请按时间先后排，首单、第几单都按这个顺序算。

    例：jifen import orders 订单.csv --dry-run
    """
    from moving.orders import ORDERS

    return ORDERS
