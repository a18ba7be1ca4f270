"""`jifen operators`: who may log in to the console, in which role, and the log of what operators did."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, TypeVar
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from operators.access.people import (
    Listed,
    OperatorFault,
    add_operator,
    disable_operator,
    enable_operator,
    end_all_sessions,
    list_operators,
    reset_operator,
)
from operators.desk import Desk
from operators.roles import ROLE_NAMES
from runtime.cli.desks import at_desk
from runtime.cli.starting import fail, out

if TYPE_CHECKING:
    from operators.log import Operation

T = TypeVar("T")

app = typer.Typer(help="管理后台的操作员，查看操作日志。", no_args_is_help=True)

ROLES_HELP = "角色：" + "，".join(f"{code} {title}" for code, title in ROLE_NAMES.items())
Name = Annotated[str, typer.Argument(metavar="名字", help="操作员的名字，登录时用它")]
Reason = Annotated[str, typer.Option(help="为什么，会留在操作日志里")]


@app.command("add")
def add(
    name: Name,
    *,
    role: Annotated[str, typer.Option(help=ROLES_HELP)],
    store: Annotated[str, typer.Option(help="店员所在的门店（编号）；别的角色不用写")] = "",
) -> None:
    """新增一位操作员，显示一次性密码。他用它第一次登录，设置自己的密码和验证码。

    例：jifen operators add 小王 --role operations

    例：jifen operators add 小李 --role clerk --store sh-01
    """
    _show_once(name, _told(lambda desk: add_operator(desk, name, role, store)))


@app.command("list")
def list_all() -> None:
    """列出所有操作员：名字、角色、门店和状态。"""

    async def listed(desk: Desk) -> tuple[list[Listed], ZoneInfo, datetime]:
        return await list_operators(desk.resources.pool), desk.resources.settings.timezone, desk.now()

    operators, zone, now = at_desk(listed)
    if not operators:
        out.print("还没有操作员。用 jifen operators add 名字 --role owner 新增老板。")
        return
    table = Table("名字", "角色", "门店", "新增于", "状态", box=None)
    for one in operators:
        created = f"{one.created_at.astimezone(zone):%Y-%m-%d}"
        table.add_row(
            one.operator.name, one.operator.role_name, one.operator.store or "", created, _state(one, now)
        )
    out.print(table)


@app.command("disable")
def disable(name: Name, *, reason: Reason = "") -> None:
    """停用一位操作员：立刻退出登录，不能再登录。

    例：jifen operators disable 小王 --reason 已离职
    """
    _told(lambda desk: disable_operator(desk, name, reason))
    out.print(f"{name} 已停用。", markup=False)


@app.command("enable")
def enable(name: Name, *, reason: Reason = "") -> None:
    """让停用的操作员，或者试错太多次被锁住的操作员，又能登录。

    例：jifen operators enable 小王
    """
    _told(lambda desk: enable_operator(desk, name, reason))
    out.print(f"{name} 可以登录了。", markup=False)


@app.command("reset")
def reset(name: Name, *, reason: Reason = "") -> None:
    """给忘了密码或换了手机的操作员一个新的一次性密码；原来的密码和登录都失效。

    例：jifen operators reset 小王 --reason 换了手机
    """
    _show_once(name, _told(lambda desk: reset_operator(desk, name, reason)))


@app.command("end-sessions")
def end_sessions(name: Name, *, reason: Reason = "") -> None:
    """让一位操作员在所有地方退出登录；他可以再登录。

    例：jifen operators end-sessions 小王 --reason "电脑丢了"
    """
    _told(lambda desk: end_all_sessions(desk, name, reason))
    out.print(f"{name} 已在所有地方退出登录。", markup=False)


@app.command("log")
def log(
    *,
    operator: Annotated[str, typer.Option(help="只看这位操作员的")] = "",
    member: Annotated[int, typer.Option(help="只看关于这位会员的（会员号）", min=0)] = 0,
    count: Annotated[int, typer.Option(help="最多列出几条", min=1, max=1000)] = 50,
) -> None:
    """列出操作日志，最近的在前：谁、在哪里、做了什么、为什么。

    例：jifen operators log --operator 小王
    """
    from operators.operation_log.pages import Filters, list_operations

    filters = Filters(operator=operator or None, member_id=member or None)

    async def listed(desk: Desk) -> tuple["list[Operation]", ZoneInfo]:
        rows = await list_operations(desk.resources.pool, filters, limit=count)
        return rows, desk.resources.settings.timezone

    operations, zone = at_desk(listed)
    if not operations:
        out.print("没有操作记录。")
    for one in operations:
        out.print(_line(one, zone), markup=False, soft_wrap=True)


def _line(one: "Operation", zone: ZoneInfo) -> str:
    parts = [
        f"{one.at.astimezone(zone):%Y-%m-%d %H:%M:%S}", f"{one.operator}（{one.role_name}，{one.origin}）", one.label,
        f"会员 {one.member_id}" if one.member_id else "", one.subject,
        "，".join(f"{name} {value}" for name, value in one.after.items() if value is not None),
        f"原因：{one.reason}" if one.reason else "",
    ]  # fmt: skip
    return "  ".join(part for part in parts if part)


def _state(one: Listed, now: datetime) -> str:
    if one.disabled_at is not None:
        return "已停用"
    if one.once_until is None:
        return "使用中"
    return "还没有设置密码" if one.once_until > now else "一次性密码已过期，请 reset"


def _show_once(name: str, once: str) -> None:
    out.print(f"{name} 的一次性密码（只显示这一次，3 天内有效）：", markup=False)
    out.print(once, style="bold", markup=False, highlight=False)


def _told(work: Callable[[Desk], Awaitable[T]]) -> T:
    try:
        return at_desk(work)
    except OperatorFault as fault:
        fail(str(fault))
