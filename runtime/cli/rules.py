"""`jifen rules`: the commands that only read, such as `validate` and `diff`. Those that change something are in `publishing`."""

from datetime import datetime
from typing import Annotated, Final

import typer

from base.clock import Clock
from base.settings import Settings
from loyalty.programme.comparing.differences import differences, rule_lines
from loyalty.programme.comparing.favour import NOTICE, losses
from loyalty.programme.files.reading import NotPublished, read_rules
from loyalty.programme.files.writing import written
from loyalty.programme.in_force.live import NoRulesPublished, rules_between, rules_of
from loyalty.programme.outline.contents import contents
from loyalty.programme.publishing.history import State, Version
from loyalty.programme.rules import RuleSet
from models.database import open_database
from runtime.cli import backtesting, publishing
from runtime.cli.arguments import RulesFile
from runtime.cli.starting import out, run, started

app = typer.Typer(help="积分规则：检查、比较、回测、发布、撤回。", no_args_is_help=True)

STATES: Final[dict[State, str]] = {
    "in_force": "生效中",
    "scheduled": "已排定",
    "replaced": "已被取代",
    "withdrawn": "已撤回",
}
Number = Annotated[int | None, typer.Argument(help="第几版；不写就是正在生效的那一版")]


@app.command()
def validate(file: RulesFile) -> None:
    """检查一份规则文件，不发布。有问题时，一次列出全部。

    例：jifen rules validate rules.yaml
    """
    from loyalty.features import FEATURES
    from loyalty.programme.publishing.draft import Misleading
    from loyalty.programme.publishing.publication import objections

    rules = read_rules(file)
    if found := objections(rules, FEATURES):
        raise Misleading("\n".join(found))
    publishing.warn(rules)
    out.print("规则没有问题。这份规则有：")
    for line in contents(rules):
        out.print(f"  {line}", markup=False, soft_wrap=True)


@app.command()
def history() -> None:
    """列出发布过的每一版：何时生效，谁发布的，为什么，改了什么，哪些对会员不利，有没有撤回。"""
    with started(demo=False, accounts_needed=False) as (settings, clock):
        versions = run(_history(settings, clock))
    for one, changes in versions:
        typer.echo(_line(one, settings))
        for change in changes:
            typer.echo(f"  {change}")
        for loss in one.losses:
            typer.echo(f"  对会员不利：{loss}")
    if not versions:
        typer.echo("还没有发布过规则。")


@app.command()
def export(version: Number = None) -> None:
    """把一版规则写成规则文件，改好后可以再发布。

    例：jifen rules export > rules.yaml
    """
    with started(demo=False, accounts_needed=False) as (settings, clock):
        number, rules = run(_stored(settings, clock, version))
    typer.echo(
        f"# 第 {number} 版。改好后发布：jifen rules publish 文件 --base {number} --reason '…'\n{written(rules)}",
        nl=False,
    )


@app.command()
def show(version: Number = None) -> None:
    """用中文逐项列出一版规则，连同没有写而取默认值的项目。"""
    with started(demo=False, accounts_needed=False) as (settings, clock):
        number, rules = run(_stored(settings, clock, version))
    typer.echo(f"第 {number} 版：")
    for line in rule_lines(rules):
        typer.echo(line)


@app.command()
def diff(
    file: RulesFile,
    *,
    base: Annotated[int | None, typer.Option(help="和第几版比；不写就是最后发布的那一版")] = None,
) -> None:
    """列出一份规则文件和已发布的规则有什么不同：原来是什么，改成了什么。

    例：jifen rules diff rules.yaml
    """
    rules = read_rules(file)
    with started(demo=False, accounts_needed=False) as (settings, clock):
        number, before = run(_base(settings, clock, base))
    lines = differences(before, rules)
    typer.echo(f"和第 {number} 版相比，改了 {len(lines)} 处：" if lines else f"和第 {number} 版完全一样。")
    for line in lines:
        typer.echo(f"  {line}")
    worse = losses(before, rules)
    if worse:
        typer.echo(f"其中 {len(worse)} 处对会员不利或可能不利，至少要提前 {NOTICE.days} 天公布：")
    elif lines:
        typer.echo("对每位会员都只好不坏，可以立即生效。")
    for line in worse:
        typer.echo(f"  {line}")


@app.command()
def reference() -> None:
    """列出规则文件里可以写的每一项：是什么意思，可以填什么，不写时怎样。"""
    from loyalty.programme.outline.reference import reference as page

    typer.echo(page(), nl=False)


app.command()(backtesting.backtest)
app.command()(publishing.publish)
app.command()(publishing.withdraw)


async def _history(settings: Settings, clock: Clock) -> list[tuple[Version, list[str]]]:
    """Each version, newest first, with what it changed in the one that it was made from."""
    from loyalty.programme.publishing.history import history as all_versions

    async with open_database(settings.database_url or "") as pool:
        return [
            (one, differences(await rules_of(pool, one.base), await rules_of(pool, one.version)))
            if one.base
            else (one, [])
            for one in await all_versions(pool, clock.now())
        ]


async def _stored(settings: Settings, clock: Clock, version: int | None) -> tuple[int, RuleSet]:
    """A version by its number, or the one in force."""
    async with open_database(settings.database_url or "") as pool:
        try:
            if version is not None:
                return version, await rules_of(pool, version)
            now = clock.now()
            live = (await rules_between(pool, now, now, settings.timezone)).at(now)
        except NoRulesPublished:
            raise NotPublished("现在没有生效的规则。") from None
        except LookupError:
            raise NotPublished(f"没有第 {version} 版规则。") from None
        return live.version, live.rules


async def _base(settings: Settings, clock: Clock, version: int | None) -> tuple[int, RuleSet]:
    """A version by its number, or the last one published and not withdrawn, on which the next one is based."""
    from loyalty.programme.publishing.versions import newest

    if version is not None:
        return await _stored(settings, clock, version)
    async with open_database(settings.database_url or "") as pool:
        last = await newest(pool)
    if not last:
        raise NotPublished("还没有发布过规则，没有可以比较的。")
    return await _stored(settings, clock, last)


def _line(one: Version, settings: Settings) -> str:
    """One version in a line, such as `第 3 版（已排定）：2026-12-01 00:00 起。operator 在 2026-11-20 18:00 发布：年终双倍`."""
    planned = "原定 " if one.state == "withdrawn" else ""
    published = f"{one.published_by} 在 {_local(one.published_at, settings)} 发布：{one.reason}"
    urgent = "，紧急" if one.urgent else ""
    line = f"第 {one.version} 版（{STATES[one.state]}{urgent}）：{planned}{_local(one.effective_from, settings)} 起。{published}"
    if one.withdrawn_at is None:
        return line
    return f"{line}；{one.withdrawn_by} 在 {_local(one.withdrawn_at, settings)} 撤回：{one.withdrawal_reason}"


def _local(instant: datetime, settings: Settings) -> str:
    return f"{instant.astimezone(settings.timezone):%Y-%m-%d %H:%M}"
