"""`jifen rules publish` and `jifen rules withdraw`: the two commands that change which rules are in force."""

import sys
from dataclasses import replace
from datetime import datetime
from typing import Annotated, NamedTuple

import typer

from base.clock import Clock
from base.settings import Settings
from loyalty.programme.files.reading import NotPublished, read_rules
from loyalty.programme.publishing.draft import Terms
from loyalty.programme.rules import RuleSet
from runtime.cli.arguments import RulesFile
from runtime.cli.desks import open_desk
from runtime.cli.starting import err, out, run, started

Waiting = list[tuple[int, datetime]]
Reason = Annotated[str, typer.Option(help="为什么，会留在记录里；改动对会员不利时，会员也会看到")]


class _Asked(NamedTuple):
    """What the operator asks for: rules made from version `base`, and how they are published."""

    rules: RuleSet
    base: int
    terms: Terms


def publish(
    file: RulesFile,
    *,
    base: Annotated[int, typer.Option(help="这份规则改自第几版；还没有规则时填 0")] = -1,
    reason: Reason = "",
    effective_from: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="从何时起生效（当地时间）；不写就立即生效"),
    ] = None,
    until_replaced: Annotated[
        bool, typer.Option("--until-replaced", help="已经有排定的版本时：这次的改动只用到那一版生效为止")
    ] = False,
    urgent: Annotated[
        bool,
        typer.Option("--urgent", help="法律或主管部门要求立刻改：对会员不利也不等 7 天，会一直记在这一版上"),
    ] = False,
    transition_until: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="过渡期：涨价的礼品，生效前得到的积分到这一天以前还按原价兑换"
        ),
    ] = None,
) -> None:
    """检查一份规则文件，发布为新的一版。

    要写明改自哪一版（--base）：这期间别人发布过新版本时会被拒绝，不会悄悄盖掉。内容没有变化时不发布。
    对每位会员都只好不坏的改动可以立即生效；有一处对会员不利，就至少要提前 7 天公布，否则会被拒绝，并列出是哪几处。

    例：jifen rules publish rules.yaml --base 3 --reason '国庆双倍' --effective-from 2026-10-01
    """
    rules = read_rules(file)
    if not reason or base < 0:
        raise NotPublished("发布要写明改自哪一版和原因：--base N --reason '…'（还没有规则时 N 填 0）。")
    warn(rules)
    with started(demo=False, accounts_needed=False) as (settings, clock):
        since = effective_from.replace(tzinfo=settings.timezone) if effective_from else None
        ends = transition_until.date() if transition_until else None
        terms = Terms(reason, since, until_replaced, urgent, ends)
        run(_publish_and_tell(settings, clock, _Asked(rules, base, terms)))


def warn(rules: RuleSet) -> None:
    """Tell what is allowed, and should be looked at again."""
    from loyalty.features import FEATURES
    from loyalty.programme.publishing.publication import warnings

    for told in warnings(rules, FEATURES):
        err.print(f"请留意：{told}", style="yellow", markup=False, soft_wrap=True)


def withdraw(
    version: Annotated[int, typer.Argument(help="第几版")],
    *,
    reason: Reason = "",
) -> None:
    """撤回一个还没有生效的版本。它仍留在记录里，只是到时候不会生效。

    例：jifen rules withdraw 4 --reason '活动改期'
    """
    if not reason:
        raise NotPublished("撤回要写明原因：--reason '…'。")
    with started(demo=False, accounts_needed=False) as (settings, clock):
        _tell_waiting(
            settings, run(_withdraw(settings, clock, version, reason)), f"第 {version} 版已经撤回。"
        )


async def _publish_and_tell(settings: Settings, clock: Clock, asked: _Asked) -> None:
    """Publish; if a scheduled version will replace the rules, ask first where a person sits at the terminal."""
    from loyalty.programme.publishing.draft import TooSoon, Unchanged, WouldBeReplaced

    try:
        await _publish(settings, clock, asked)
    except TooSoon as refused:
        raise NotPublished(
            f"{refused}\n生效时间写作 --effective-from 2026-10-01，紧急发布加上 --urgent。"
        ) from None
    except Unchanged as same:
        out.print(str(same), markup=False, soft_wrap=True)
    except WouldBeReplaced as warning:
        if not sys.stdin.isatty():
            raise
        err.print(str(warning), markup=False, soft_wrap=True)
        if not typer.confirm("现在就发布，只用到那时为止吗？", err=True):
            raise NotPublished("没有发布。") from None
        await _publish(settings, clock, asked._replace(terms=replace(asked.terms, until_replaced=True)))


async def _publish(settings: Settings, clock: Clock, asked: _Asked) -> None:
    from loyalty.programme.publishing.versions import scheduled
    from operators.rules.publishing import publish_rules

    async with open_desk(settings, clock) as desk:
        done = await publish_rules(desk, *asked)
        waiting = await scheduled(desk.resources.pool, clock.now())
    since = "到时候" if asked.terms.effective_from else "立即"
    told = (
        f"已发布为第 {done} 版，{since}生效。"
        if isinstance(done, int)
        else f"已提交申请 {done.id}，等另一个人批准。"
    )
    _tell_waiting(settings, waiting, told)


async def _withdraw(settings: Settings, clock: Clock, version: int, reason: str) -> Waiting:
    from loyalty.programme.publishing.versions import scheduled
    from operators.rules.versions import withdraw_version

    async with open_desk(settings, clock) as desk:
        await withdraw_version(desk, version, reason)
        return await scheduled(desk.resources.pool, clock.now())


def _tell_waiting(settings: Settings, waiting: Waiting, done: str) -> None:
    out.print(done)
    for version, begins in waiting:
        out.print(f"第 {version} 版定于 {begins.astimezone(settings.timezone):%Y-%m-%d %H:%M} 起生效。")
