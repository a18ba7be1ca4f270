"""`jifen export`: members, balances, entries, orders and rules into CSV and Excel files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn

from base.settings import Settings
from loyalty.ledger.words import number
from models.database import open_database
from runtime.cli.arguments import Overwrite
from runtime.cli.starting import err, out, run, started

if TYPE_CHECKING:
    from moving.tables import Table

app = typer.Typer(help="把会员、积分、流水和规则导出成文件，CSV 或 XLSX。", no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="文件", help="以 .csv 或 .xlsx 结尾")]
WithPhones = Annotated[bool, typer.Option("--with-phones", help="写出完整的手机号；不写就打星号")]


@app.command()
def members(file: File, *, with_phones: WithPhones = False, overwrite: Overwrite = False) -> None:
    """导出会员：各种号、昵称、加入日期、积分合计、成长值和状态。

    例：jifen export members 会员.csv
    """
    _export("members", file, with_phones=with_phones, overwrite=overwrite)


@app.command()
def balances(file: File, *, with_phones: WithPhones = False, overwrite: Overwrite = False) -> None:
    """导出积分余额：每位会员的每一笔积分和到期日，可以再导入别处。

    例：jifen export balances 余额.xlsx --with-phones
    """
    _export("balances", file, with_phones=with_phones, overwrite=overwrite)


@app.command()
def entries(file: File, *, overwrite: Overwrite = False) -> None:
    """导出全部积分流水：每一笔的时间、变动、余额、名目、说明和单据。

    例：jifen export entries 流水.csv
    """
    _export("entries", file, overwrite=overwrite)


@app.command()
def orders(file: File, *, overwrite: Overwrite = False) -> None:
    """导出全部订单：实付金额、时间、门店、得到和扣回的积分。

    例：jifen export orders 订单.csv
    """
    _export("orders", file, overwrite=overwrite)


@app.command()
def rules(file: File, *, overwrite: Overwrite = False) -> None:
    """导出每一版规则，一个项目一行。能再发布的规则文件用 jifen rules export。

    例：jifen export rules 规则.xlsx
    """
    _export("rules", file, overwrite=overwrite)


def _export(what: str, file: Path, *, overwrite: bool, with_phones: bool = False) -> None:
    from moving.tables import NewFile

    new = NewFile(file, overwrite=overwrite)
    with started(demo=False, accounts_needed=False) as (settings, _), new as table:
        written = run(_go(what, table, settings, with_phones=with_phones))
    out.print(f"已写出 {number(written)} 行：{file}", markup=False, highlight=False, soft_wrap=True)


async def _go(what: str, table: "Table", settings: Settings, *, with_phones: bool) -> int:
    from moving.exporting import EXPORTS, Source, export

    apps = (settings.oa_app_id, settings.miniapp_app_id)
    async with open_database(settings.database_url or "") as pool:
        with Progress(
            SpinnerColumn(), TextColumn("{task.description}"), console=err, transient=True
        ) as progress:
            task = progress.add_task("导出")
            return await export(
                pool,
                EXPORTS[what],
                table,
                lambda connection: Source(connection, settings.timezone, settings.keyring, apps, with_phones),
                lambda rows: progress.update(task, description=f"已写 {number(rows)} 行"),
            )
