"""Commands that set up an installation: `jifen migrate` for the database, `jifen menu` for the official account."""

from typing import Annotated

import typer

from base.clock import Clock
from base.settings import Settings, load_settings
from embedded import running_servers
from loyalty.schema import GRANTS
from models.database import migrate as run_migrations
from models.grants import grant_all
from models.installation import Binding
from models.placement import DEFAULT_SHARDS
from runtime.cli.starting import Demo, out, run, started
from runtime.installation import binding_of, check_installation
from runtime.installation import rebind as rebind_database


def migrate(
    *,
    app_role: Annotated[str, typer.Option(metavar="角色", help="再把应用所需的权限授给这个数据库角色")] = "",
    distribute: Annotated[
        bool, typer.Option("--distribute", help="再用 Citus 把各表分布到工作节点上（在协调节点上运行）")
    ] = False,
    shards: Annotated[
        int, typer.Option(min=1, metavar="个数", help="第一次分布时把会员的表切成几片")
    ] = DEFAULT_SHARDS,
) -> None:
    """把数据库结构升级到最新。

    正式环境里用表的主人来运行它，并用 --app-role 写明服务所用的角色：那个角色不能改动或删除任何一笔账。
    """
    settings = load_settings()
    with running_servers(settings) as servers:
        settings = settings.model_copy(update={"database_url": servers.database_url})
        if binding_of(settings).is_complete:
            run(check_installation(settings, first=False))
        run(run_migrations(servers.database_url, shards=shards if distribute else None, grants=GRANTS))
        if binding_of(settings).is_complete:
            run(check_installation(settings, first=True))
        if distribute:
            out.print("各表都已放在应在的节点上。")
        if app_role:
            run(grant_all(servers.database_url, app_role, GRANTS))
            out.print(f"角色 {app_role} 的权限已是应有的样子。", markup=False)
    out.print("数据库结构已是最新。")


def rebind(
    *,
    reason: Annotated[str, typer.Option(help="为什么改，会留在记录里")],
    demo: Demo = False,
) -> None:
    """把数据库改为属于现在设置的公众号、小程序和时区。

    每个进程启动时都核对这三项，对不上就不启动。换账号后，原来的 openid 不再认得；换时区后，一天从另一个时刻开始。先停下所有进程。

    例：jifen rebind --reason '公众号迁移到新主体'
    """
    with started(demo=demo, checked=False) as (settings, _):
        before, after = run(rebind_database(settings, reason))
    if before == after:
        out.print("没有变化。")
        return
    out.print(f"原来：{_words(before)}", markup=False, soft_wrap=True)
    out.print(f"现在：{_words(after)}", markup=False, soft_wrap=True)


def _words(binding: Binding | None) -> str:
    if binding is None:
        return "还不属于任何账号。"
    return f"公众号 {binding.oa_app_id}，小程序 {binding.miniapp_app_id}，时区 {binding.time_zone}。"


def menu(*, demo: Demo = False) -> None:
    """在公众号里创建自定义菜单。"""
    with started(demo=demo) as (settings, clock):
        run(_create_menu(settings, clock))
    out.print("菜单已创建，手机上最多五分钟后可见。")


async def _create_menu(settings: Settings, clock: Clock) -> None:
    from bot import menu as bot_menu
    from runtime.resources import open_resources

    async with open_resources(settings, clock) as resources:
        await bot_menu.create(resources.official_account, resources.settings)
