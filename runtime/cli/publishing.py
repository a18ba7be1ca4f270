"""`jifen rules`: checks a file of rules, and publishes it as a new version."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from base.clock import Clock
from base.settings import Settings
from loyalty.programme.files import InvalidRules, read_rules
from loyalty.programme.rules import RuleSet
from models.database import open_database
from runtime.cli.starting import out, run, started


def rules(
    file: Annotated[Path, typer.Argument(help="规则文件（YAML）")],
    *,
    reason: Annotated[str, typer.Option(help="为什么调整，会留在记录里")] = "",
    base: Annotated[int, typer.Option(help="这份规则是在第几版上修改的；第一版填 0")] = -1,
    publish: Annotated[bool, typer.Option("--publish", help="检查之后发布；不写 --from 就立即生效")] = False,
    since: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="从何时起生效（当地时间）"),
    ] = None,
) -> None:
    """检查一份规则文件；加 --publish 发布为新版本，加 --from 让它到时候再生效。

    发布要写明它改自哪一版（--base）：这期间别人发布过新版本时会被拒绝，不会悄悄盖掉。
    """
    draft = read_rules(file)
    out.print(f"规则没有问题：{len(draft.wheels)} 个转盘，{len(draft.rewards)} 件礼品。")
    if not publish:
        return
    if not reason or base < 0:
        raise InvalidRules("发布需要写明原因和改自哪一版：--reason '…' --base N（第一版填 0）")
    with started(demo=False, accounts_needed=False) as (settings, clock):
        starts = since.replace(tzinfo=settings.timezone) if since else None
        number, waiting = run(_publish(settings, clock, draft, base, reason, starts))
        out.print(f"已发布为第 {number} 版，{'到时候' if starts else '立即'}生效。")
        for version, begins in waiting:
            out.print(f"第 {version} 版定于 {begins.astimezone(settings.timezone):%Y-%m-%d %H:%M} 起生效。")


async def _publish(
    settings: Settings, clock: Clock, draft: RuleSet, base: int, reason: str, starts: datetime | None
) -> tuple[int, list[tuple[int, datetime]]]:
    """Publish, and return the new version's number with all versions that are not in force yet."""
    from loyalty.opening import open_engine
    from loyalty.programme.publication import publish, scheduled

    async with (
        open_database(settings.database_url or "") as pool,
        open_engine(pool, clock, settings.timezone) as engine,
    ):
        number = await publish(engine, draft, base=base, by="operator", reason=reason, effective_from=starts)
        return number, await scheduled(pool, clock.now())
