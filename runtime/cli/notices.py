"""`jifen notices`: the faults at WeChat for which notices wait, and the operator's word that they are mended."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import typer

from base.clock import Clock
from base.settings import Settings
from models.database import open_database
from runtime.cli.starting import out, run, started

if TYPE_CHECKING:
    from channels.faults import Fault

app = typer.Typer(help="查看和重试因微信那边的设置出错而停下的通知。", no_args_is_help=True)

SCOPES = {"account": "账号", "api": "接口", "template": "模板"}


@app.command()
def faults() -> None:
    """列出微信那边还没有修好的设置：哪个账号、接口或模板，错误码，从何时起，何时再试。

    等着它的通知不会丢，修好以后各发一次；到那时已经没有意义的（例如积分已到期）不再发。

    例：jifen notices faults
    """
    with started(demo=False, accounts_needed=False) as (settings, _):
        _show(run(_open(settings)), settings.timezone)


@app.command()
def retry() -> None:
    """说明设置已经修好：后台任务马上各用一条通知去试，成功后把等着的都发出去。

    安静时段里不会用到期提醒和唤醒去试，它们到时段结束后再试。

    例：jifen notices retry
    """
    with started(demo=False, accounts_needed=False) as (settings, clock):
        found = run(_retry(settings, clock))
        _show(found, settings.timezone)
    if found:
        out.print("后台任务马上重试。")


async def _open(settings: Settings) -> "list[Fault]":
    from channels.faults import open_faults

    async with open_database(settings.database_url or "") as pool:
        return await open_faults(pool)


async def _retry(settings: Settings, clock: Clock) -> "list[Fault]":
    from channels.faults import probe_now

    async with open_database(settings.database_url or "") as pool:
        return await probe_now(pool, clock.now())


def _show(found: "Sequence[Fault]", zone: ZoneInfo) -> None:
    if not found:
        out.print("没有因为微信那边的设置而停下的通知。")
    for fault in found:
        scope, _, named = fault.target.partition(":")
        out.print(
            f"{SCOPES[scope]} {named}：{fault.api} 返回错误码 {fault.errcode}，"
            f"从 {fault.since.astimezone(zone):%Y-%m-%d %H:%M} 起；{fault.probe_at.astimezone(zone):%m-%d %H:%M} 再试。",
            markup=False,
        )
