"""`jifen report`: what operators read about the programme as a whole."""

from datetime import datetime
from typing import TYPE_CHECKING, Final

import typer
from rich.table import Table

from base.clock import Clock
from base.settings import Settings
from loyalty.ledger.calendar import business_day
from loyalty.ledger.words import number
from models.database import open_database
from runtime.cli.spans import First, Last, span
from runtime.cli.starting import out, run, started

if TYPE_CHECKING:
    from loyalty.flows import Flows

app = typer.Typer(help="经营报表。", no_args_is_help=True)

TITLES: Final = {
    "issued": "发放", "used": "使用", "captured": "抵现", "returned": "退回", "expired": "过期", "written_off": "核销",
    "reversed": "退款收回", "forfeited": "久未来访清零", "revived": "补办延期", "given_by_hand": "人工加",
    "taken_by_hand": "人工扣",
}  # fmt: skip
ALWAYS: Final = ("issued", "used", "captured", "expired", "written_off")
"""Columns that are shown even where all are 0."""


@app.callback()
def reports() -> None:
    """Keep `flows` a command of its own, though it is the only one."""


@app.command("flows")
def show_flows(
    *,
    first: First = None,
    last: Last = None,
) -> None:
    """一段日子里发放、使用、过期、核销了多少积分，各门店分开，最后是合计和发放与使用之比。

    例：jifen report flows --from 2026-11-01 --to 2026-11-30
    """
    with started(demo=False, accounts_needed=False) as (settings, clock):
        run(_show(settings, clock, first, last))


async def _show(settings: Settings, clock: Clock, first: datetime | None, last: datetime | None) -> None:
    from loyalty.flows import flows, total

    since, until = span(first, last, business_day(clock.now(), settings.timezone))
    async with open_database(settings.database_url or "") as pool:
        found = await flows(pool, since, until, settings.timezone)
    whole = total(found.values())
    out.print(_table(found, whole, f"{since} 至 {until}"))
    out.print(ratio_text(whole, settings.issued_per_used_alert), markup=False)


def _table(found: "dict[str, Flows]", whole: "Flows", title: str) -> Table:
    columns = [name for name in TITLES if name in ALWAYS or getattr(whole, name)]
    table = Table("门店", *(TITLES[name] for name in columns), title=title)
    rows = [(store or "不分门店", found[store]) for store in sorted(found)]
    for name, one in [*rows, ("合计", whole)]:
        table.add_row(name, *(number(getattr(one, column)) for column in columns))
    return table


def ratio_text(whole: "Flows", most: int) -> str:
    """The points issued per point used, and a warning above `most`; 0 for no limit."""
    if whole.ratio is None:
        return "这段日子没有用掉积分，算不出发放与使用之比。"
    said = f"每用掉 1 分，发放了 {whole.ratio:.1f} 分"
    if most and whole.ratio > most:
        return f"{said}，超过了设置的 {most} 分（JIFEN_ISSUED_PER_USED_ALERT）：积分发得多、用得少，请看看兑换的门槛。"
    return f"{said}。"
