"""`jifen keys`: the keys with which tills, shops and CRMs call the partner API."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, TypeVar
from zoneinfo import ZoneInfo

import asyncpg
import typer
from rich.table import Table

from models.database import open_database
from runtime.cli.desks import at_desk
from runtime.cli.starting import err, fail, out, run, started

if TYPE_CHECKING:
    from partner_api.keys import Key, NewKey

T = TypeVar("T")

app = typer.Typer(help="管理收银台、门店和 CRM 调用接口用的密钥。", no_args_is_help=True)

SCOPES_HELP = (
    "权限，用逗号隔开：events 上报消费等事件，members 查会员，deductions 抵扣，vouchers 核销，"
    "changes 读变动，webhooks 推送"
)
Reason = Annotated[str, typer.Option("--reason", help="原因，记进操作日志")]
KeyId = Annotated[str, typer.Argument(metavar="编号", help="密钥的编号，见 jifen keys list")]


@app.command("new")
def new(
    *,
    name: Annotated[str, typer.Option(help="给谁用，例如「一店收银台」；没有门店的密钥，同名的算同一个来源")],
    scopes: Annotated[str, typer.Option(help=SCOPES_HELP)],
    store: Annotated[str, typer.Option(help="只用于这个门店（编号）；不写就不限门店")] = "",
    per_minute: Annotated[int, typer.Option(help="每分钟最多多少次请求")] = 600,
) -> None:
    """新建一个密钥并显示它。它只显示这一次，数据库里只有它的摘要。

    例：jifen keys new --name 一店收银台 --scopes events,members --store sh-01
    """
    from operators.partners.keys import create_key
    from partner_api.keys import KeyFault

    wanted = _words(scopes)
    try:
        made = at_desk(lambda desk: create_key(desk, name.strip(), wanted, store.strip() or None, per_minute))
    except KeyFault as fault:
        fail(str(fault))
    _show(made)
    if made.key.store is not None and made.key.store not in _stores():
        err.print(
            f"规则里还没有编号为 {made.key.store} 的门店：发布带这家门店的规则之前，它的事件会被拒绝。",
            style="yellow", markup=False,
        )  # fmt: skip


@app.command("list")
def list_all() -> None:
    """列出所有密钥：编号、名称、权限、门店、次数和状态；看不到密钥本身。"""
    from partner_api.keys import list_keys

    zone, keys = _zoned(lambda pool, *_: list_keys(pool))
    if not keys:
        out.print("还没有密钥。用 jifen keys new 新建。")
        return
    table = Table("编号", "名称", "开头", "权限", "门店", "每分钟", "新建于", "最近用过", "状态", box=None)
    for key in keys:
        table.add_row(
            key.id, key.name, key.shown, "\n".join(key.scopes), key.store or "不限", str(key.per_minute),
            _day(key.created_at, zone), _day(key.used_at, zone) if key.used_at else "没有用过", _state(key, zone),
        )  # fmt: skip
    out.print(table)


@app.command("rotate")
def rotate(
    key: KeyId,
    *,
    grace_hours: Annotated[
        int, typer.Option(help="原来的还能用几小时，好让各处换上新的；0 表示立刻失效", min=0, max=720)
    ] = 24,
    reason: Reason = "",
) -> None:
    """给一个密钥换上新的内容并显示它；编号、权限和门店不变。

    例：jifen keys rotate k7m2p9x3
    """
    from operators.partners.keys import rotate_key

    made = at_desk(lambda desk: rotate_key(desk, key, grace=timedelta(hours=grace_hours), reason=reason))
    if made is None:
        fail(f"没有编号为 {key} 的密钥，或者它已经作废。")
    _show(made)
    out.print(f"原来的密钥{f'还能用 {grace_hours} 小时' if grace_hours else '已失效'}。")


@app.command("change")
def change(
    key: KeyId,
    *,
    scopes: Annotated[str, typer.Option(help=SCOPES_HELP)],
    per_minute: Annotated[int, typer.Option(help="每分钟最多多少次请求")] = 600,
    reason: Reason = "",
) -> None:
    """改一个密钥的权限和每分钟的次数，从它的下一次请求起生效；密钥本身和门店不变。

    例：jifen keys change k7m2p9x3 --scopes events,members,vouchers
    """
    from operators.partners.keys import change_key
    from partner_api.keys import KeyFault

    wanted = _words(scopes)
    try:
        changed = at_desk(lambda desk: change_key(desk, key, wanted, per_minute, reason))
    except KeyFault as fault:
        fail(str(fault))
    if changed is None:
        fail(f"没有编号为 {key} 的密钥，或者它已经作废。")
    out.print(
        f"密钥 {changed.shown}（{changed.name}）的权限改为：{'、'.join(changed.scopes)}。", markup=False
    )


@app.command("revoke")
def revoke(key: KeyId, *, reason: Reason = "") -> None:
    """立刻作废一个密钥，不能恢复。

    例：jifen keys revoke k7m2p9x3 --reason 收银台丢了
    """
    from operators.partners.keys import revoke_key

    revoked = at_desk(lambda desk: revoke_key(desk, key, reason))
    if revoked is None:
        fail(f"没有编号为 {key} 的密钥。")
    out.print(f"密钥 {revoked.shown}（{revoked.name}）已作废。", markup=False)


def _words(scopes: str) -> list[str]:
    return [scope.strip() for scope in scopes.split(",") if scope.strip()]


def _stores() -> set[str]:
    """The ids of the stores that the rules in force know; none where no rules are published yet."""
    from loyalty.programme.in_force.live import NoRulesPublished, rules_between

    async def read(pool: asyncpg.Pool, now: datetime, zone: ZoneInfo) -> set[str]:
        try:
            live = (await rules_between(pool, now, now, zone)).at(now)
        except NoRulesPublished:
            return set()
        return {store.id for store in live.rules.stores}

    return _zoned(read)[1]


def _show(made: "NewKey") -> None:
    out.print(f"密钥 {made.key.id}（{made.key.name}），请现在就保存好，它不会再显示：", markup=False)
    out.print(made.text, markup=False, highlight=False, soft_wrap=True)


def _state(key: "Key", zone: ZoneInfo) -> str:
    if key.revoked_at is not None:
        return f"{_day(key.revoked_at, zone)} 作废"
    return f"{_day(key.rotated_at, zone)} 换过" if key.rotated_at else "使用中"


def _day(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d}"


def _zoned(work: Callable[[asyncpg.Pool, datetime, ZoneInfo], Awaitable[T]]) -> tuple[ZoneInfo, T]:
    """What the work returns, and the programme's time zone, which it is also given."""

    async def opened(address: str, now: datetime, zone: ZoneInfo) -> T:
        async with open_database(address) as pool:
            return await work(pool, now, zone)

    with started(demo=False, accounts_needed=False) as (settings, clock):
        zone = settings.timezone
        return zone, run(opened(settings.database_url or "", clock.now(), zone))
