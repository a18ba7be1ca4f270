"""`jifen rules backtest`: what a rule file would have changed, had it been in force in the last days."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.progress import Progress

from base.clock import Clock
from base.settings import Settings
from loyalty.programme.files import read_rules
from loyalty.programme.rules import RuleSet
from models.database import open_database
from runtime.cli.starting import err, run, started

if TYPE_CHECKING:
    from loyalty.backtest import Backtest, Extreme, Group

ISSUED: Final = ("发出", "issued", -1)
FLOWS: Final = (
    ISSUED, ("用掉", "spent", 1), ("到期", "expired", 1), ("收回", "reversed", 1), ("调整", "adjusted", -1),
    ("作废", "forfeited", 1),
)  # fmt: skip
"""Name, bucket, and the sign that makes the usual direction positive."""
ASSUMED: Final = (
    "这样算的：每位会员当时做了什么，就当照样做了什么；抽奖用当时摇出的号，按这份规则的概率表开奖；"
    "当时没有抽完的奖品和库存，就当也够。当时被拒绝的，不算。"
)


def backtest(
    file: Annotated[
        Path | None, typer.Argument(help="规则文件（YAML）；不写就按当时各自的规则重算一遍")
    ] = None,
    *,
    days: Annotated[int, typer.Option("--days", min=1, max=3660, help="重放最近多少天")] = 90,
    processes: Annotated[
        int | None,
        typer.Option("--processes", min=1, max=64, help="用几个进程，不写就每个处理器一个，最多四个"),
    ] = None,
) -> None:
    """假如最近一段时间用的是这份规则，谁会多得，谁会少得。只读，不改动任何东西。

    不写文件时按当时各自生效的规则重算，结果应当和账本一分不差；有差别时以 1 退出。

    例：jifen rules backtest rules.yaml --days 90
    """
    rules = read_rules(file) if file else None
    with started(demo=False, accounts_needed=False) as (settings, clock):
        since = clock.now() - timedelta(days=days)
        found = run(_backtest(settings, clock, rules, since, processes))
    begin = f"{since.astimezone(settings.timezone):%Y-%m-%d %H:%M}"
    for line in told(found, begin, checking=rules is None):
        typer.echo(line)
    if rules is None and (found.differing or found.stopped):
        raise typer.Exit(1)


async def _backtest(
    settings: Settings, clock: Clock, rules: RuleSet | None, since: datetime, processes: int | None
) -> "Backtest":
    from loyalty.backtest import Plan, Processes, usual_processes
    from loyalty.backtest import backtest as run_backtest

    async with open_database(settings.database_url or "", command_timeout_s=None) as pool:
        with Progress(console=err, transient=True) as progress:
            bar = progress.add_task("重放", total=None)
            return await run_backtest(
                pool, Plan(rules, since), clock.now(), settings.keyring,
                lambda done, total: progress.update(bar, completed=done, total=total), zone=settings.timezone,
                processes=Processes(processes or usual_processes(), settings),
            )  # fmt: skip


def told(found: "Backtest", begin: str, *, checking: bool) -> Iterator[str]:
    """The report, line by line."""
    yield f"重放了 {begin} 以来 {found.members:,} 位会员的 {found.receipts:,} 张凭据。"
    if checking:
        yield f"和账本不同的会员有 {found.differing:,} 位。" if found.differing else "和账本一分不差。"
    yield from _sums(found)
    yield from _groups("", found.tiers)
    yield from _groups("人群 ", found.segments)
    yield from _extremes("多得最多", found.most)
    yield from _extremes("少得最多", found.least)
    if found.refused:
        yield f"当时办成、按这份规则办不成的：{_refusals(found.refused)}。"
    yield from _left_out(found)
    if not checking:
        yield ASSUMED


def _sums(found: "Backtest") -> Iterator[str]:
    for name, bucket, sign in FLOWS:
        then, now = sign * found.then[bucket], sign * found.now[bucket]
        if then or now:
            yield f"  {name}：实际 {then:,}，这样 {now:,}，相差 {now - then:+,}"
    owing = found.held_then + found.held_more
    yield f"  会员手里的积分（负债）：实际 {found.held_then:,}，这样 {owing:,}，相差 {found.held_more:+,}"


def _groups(kind: str, groups: "Mapping[str, Group]") -> Iterator[str]:
    for name, group in groups.items():
        yield (
            f"  {kind}{name}：{group.members:,} 位，多得 {group.gaining:,} 位，少得 {group.losing:,} 位，"
            f"合计 {group.points:+,} 积分"
        )


def _extremes(title: str, extremes: "list[Extreme]") -> Iterator[str]:
    if extremes:
        told = "，".join(f"会员 {member_id} {points:+,}" for points, member_id in extremes)
        yield f"{title}的：{told}。"


def _refusals(refused: Counter[str]) -> str:
    from loyalty.engine.registry import Registry
    from loyalty.features import FEATURES

    outcomes = Registry(FEATURES).outcomes
    return "，".join(
        f"{getattr(outcomes[code], 'title', code)} {times:,} 次" for code, times in refused.most_common()
    )


def _left_out(found: "Backtest") -> Iterator[str]:
    if found.unmade:
        yield f"没有算进去的：按这份规则还要给别的会员 {sum(found.unmade.values()):,} 项奖励（如邀请人的奖励）。"
    if found.stopped:
        errors = "，".join(f"{name} {times:,} 位" for name, times in found.stopped.items())
        yield f"有 {sum(found.stopped.values()):,} 位会员算不出来，没有算在内：{errors}。"
    if found.untraced:
        yield f"有 {found.untraced:,} 张凭据由旧版程序写下，没有记下重算所需的内容，没有算在内。"
