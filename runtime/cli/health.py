"""`jifen health` and `jifen wechat-check`: what the console's 系统 · 健康 and 微信接入检查 show, on the screen."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import typer
from rich.table import Table

from base.clock import Clock
from base.settings import Settings
from runtime.cli.starting import Demo, out, run, started

if TYPE_CHECKING:
    from runtime.resources import Resources

T = TypeVar("T")
STATES = {"good": "正常", "warn": "请看", "bad": "有问题"}
CHECKED = {"good": "设好了", "bad": "没有设好", "look": "请核对"}


def health(*, demo: Demo = False) -> None:
    """数据库、时钟、Redis、规则、后台任务和积压各怎么样，不好的该怎么办；有问题时以 1 退出。"""
    from operators.views.health import signs

    found = _with_resources(lambda resources: signs(resources, resources.clock.now()), demo=demo)
    table = Table("项目", "状态", "说明", box=None)
    for one in found:
        table.add_row(one.name, STATES[one.state], one.told)
    out.print(table)
    if any(one.state == "bad" for one in found):
        raise typer.Exit(1)


def wechat_check(*, demo: Demo = False) -> None:
    """问一遍微信：真实账号要设的每一处设好了没有，没有的在哪里设。什么也不改。"""
    from operators.wechat.check import check

    found = _with_resources(check, demo=demo)
    table = Table("项目", "状态", "说明", box=None)
    for one in found:
        table.add_row(one.title, CHECKED[one.state], one.told)
    out.print(table)


def _with_resources(work: "Callable[[Resources], Awaitable[T]]", *, demo: bool) -> T:
    from runtime.resources import open_resources

    async def opened(settings: Settings, clock: Clock) -> T:
        async with open_resources(settings, clock, lanes=1) as resources:
            return await work(resources)

    with started(demo=demo) as (settings, clock):
        return run(opened(settings, clock))
