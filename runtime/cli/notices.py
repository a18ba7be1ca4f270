"""`jifen notices`: the notices, one more try of one that failed, and the faults at WeChat for which notices wait."""

from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING, Annotated, TypeVar
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from base.settings import Settings
from models.database import open_database
from operators.desk import Desk
from runtime.cli.arguments import Member
from runtime.cli.desks import at_desk
from runtime.cli.starting import fail, out, run, started

if TYPE_CHECKING:
    from channels.faults import Fault

T = TypeVar("T")

app = typer.Typer(help="查看通知，再发一次失败的，重试因微信那边的设置出错而停下的。", no_args_is_help=True)

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
    from operators.wechat.notices import retry

    found, zone = at_desk(lambda desk: _zoned(desk, retry(desk)))
    _show(found, zone)
    if found:
        out.print("后台任务马上重试。")


@app.command("list")
def list_all(
    *,
    state: Annotated[
        str, typer.Option("--state", help="只看：due 待发送，sent 已发出，waiting 等待中，failed 发送失败……")
    ] = "",
    member: Annotated[int, typer.Option("--member", help="只看这位会员的（会员号）", min=1)] = 0,
) -> None:
    """列出最近的 50 条通知：谁的、什么内容、什么状态、为什么没有发。

    例：jifen notices list --state failed
    """
    from operators.views.notices import KIND_TITLES, list_notices

    found, zone = at_desk(
        lambda desk: _zoned(desk, list_notices(desk.resources.pool, member_id=member or None, state=state))
    )
    table = Table("会员号", "种类", "内容", "编号", "状态", "应发时间", "原因", box=None)
    for one in found.rows:
        due = f"{one.due_at.astimezone(zone):%Y-%m-%d %H:%M}"
        title = KIND_TITLES.get(one.kind, one.kind)
        table.add_row(str(one.member_id), one.kind, title, one.key, one.state, due, one.why)
    out.print(table)


@app.command("again")
def again(
    member: Member,
    kind: Annotated[str, typer.Argument(metavar="种类", help="见 jifen notices list")],
    key: Annotated[str, typer.Argument(metavar="编号", help="见 jifen notices list")],
) -> None:
    """把一条发送失败的通知再发一次；已经没有用的、会员退订的，仍然不发。

    例：jifen notices again 42 expiry 2026-12-31
    """
    from channels.outbox import NoticeKey
    from operators.wechat.notices import try_again

    if not at_desk(lambda desk: try_again(desk, NoticeKey(member, kind, key))):
        fail("没有这条通知，或者它不是「发送失败」。")
    out.print("后台任务马上再发一次。")


async def _zoned(desk: Desk, work: Awaitable[T]) -> tuple[T, ZoneInfo]:
    return await work, desk.resources.settings.timezone


async def _open(settings: Settings) -> "list[Fault]":
    from channels.faults import open_faults

    async with open_database(settings.database_url or "") as pool:
        return await open_faults(pool)


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
