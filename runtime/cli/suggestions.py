"""`jifen suggestions`: what members wrote to the shop, and erasing it."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Final

import typer

from base.settings import Settings
from models.database import open_database
from runtime.cli.arguments import Member
from runtime.cli.starting import run, started

if TYPE_CHECKING:
    from loyalty.suggestions import Suggestion

MOST: Final = 1000

app = typer.Typer(help="会员提的建议。", no_args_is_help=True)


@app.command("list")
def list_suggestions(
    *, days: Annotated[int, typer.Option("--days", min=1, max=3660, help="看最近多少天的")] = 30
) -> None:
    """列出会员最近的建议，新的在前，最多 1,000 条。

    例：jifen suggestions list --days 7
    """
    with started(demo=False, accounts_needed=False) as (settings, clock):
        found = run(_list(settings, clock.now() - timedelta(days=days)))
    for one in found:
        said_at = one.said_at.astimezone(settings.timezone)
        typer.echo(f"{said_at:%Y-%m-%d %H:%M}  会员 {one.member_id}  {one.text}")
    if not found:
        typer.echo(f"最近 {days} 天没有建议。")


async def _list(settings: Settings, since: datetime) -> "list[Suggestion]":
    from loyalty.suggestions import suggestions

    async with open_database(settings.database_url or "") as pool:
        return await suggestions(pool, since, MOST)


@app.command()
def erase(
    member: Member,
) -> None:
    """删除一位会员写过的全部建议的文字；因此得到的积分不变。

    例：jifen suggestions erase 42
    """
    with started(demo=False, accounts_needed=False) as (settings, _):
        erased = run(_erase(settings, member))
    typer.echo(f"已删除会员 {member} 的 {erased:,} 条建议。")


async def _erase(settings: Settings, member_id: int) -> int:
    from loyalty.suggestions import erase_suggestions

    async with open_database(settings.database_url or "") as pool:
        return await erase_suggestions(pool, member_id)
