"""`jifen members merge`, `unmerge` and `reopenid`: members who are one person, and openids that have changed."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

from base.clock import Clock
from base.settings import Settings
from loyalty.engine.outcomes import Outcome, Refusal
from loyalty.ledger.words import number
from models.database import open_database
from operators.desk import Desk
from runtime.cli.desks import at_desk
from runtime.cli.starting import fail, out, run, started

if TYPE_CHECKING:
    from loyalty.engine.engine import Engine

T = TypeVar("T")
Reason = Annotated[str, typer.Option(help="为什么这样做，会留在记录里")]


def merge(
    one: Annotated[int, typer.Argument(metavar="会员号", help="其中一个会员号，即 member_id")],
    other: Annotated[int, typer.Argument(metavar="另一个会员号", help="同一个人的另一个会员号")],
    *,
    reason: Reason,
) -> None:
    """把同一个人的两个会员合并成一个：后加入的并入先加入的，两个号谁写在前面都一样。

    积分逐笔转过去，有效期不变；成长值、补签卡、当天的次数、公众号和小程序的身份一起转。弄错了可以用 unmerge 撤销。

    例：jifen members merge 42 57 --reason "本人来店核对过手机号"
    """

    async def join(desk: Desk) -> Outcome:
        from operators.members.account import merge as merge_members

        return await merge_members(desk, one, other, reason)

    _say(at_desk(join))


def unmerge(
    member: Annotated[int, typer.Argument(metavar="会员号", help="当初被并走的那个会员号")], *, reason: Reason
) -> None:
    """撤销一次合并：当时转过去、还没有用掉的积分，连同身份一起转回来。

    例：jifen members unmerge 57 --reason "两位不是同一个人"
    """

    async def undo(desk: Desk) -> Outcome:
        from operators.members.account import unmerge as unmerge_members

        return await unmerge_members(desk, member, reason)

    _say(at_desk(undo))


def reopenid(
    file: Annotated[
        Path, typer.Argument(metavar="文件", help="CSV：每行一个旧 openid 和一个新 openid", dir_okay=False)
    ],
    *,
    from_app: Annotated[str, typer.Option(help="迁移之前的 AppID")],
    app: Annotated[
        Literal["oa", "miniapp"], typer.Option(help="迁移的是公众号（oa）还是小程序（miniapp）")
    ] = "oa",
    apply: Annotated[bool, typer.Option("--apply", help="真正写入；不写就只看结果会怎样")] = False,
) -> None:
    """公众号或小程序迁移主体之后，把会员的旧 openid 换成新的。新的 AppID 要先写进设置。

    文件是微信 changeopenid 接口给出的对照表，可以带表头。先不加 --apply 看一遍，重复运行不会出错。

    例：jifen members reopenid pairs.csv --from-app wx1234567890abcdef --apply
    """
    from loyalty.merging.reopenid import BadPairs, read_pairs, reopen

    try:
        pairs = read_pairs(file.read_text(encoding="utf-8-sig").splitlines())
    except (OSError, UnicodeDecodeError, BadPairs) as error:
        fail(f"这个文件不能用：\n{error}")

    with started(demo=False) as (settings, clock):
        new_app = (settings.oa_app_id if app == "oa" else settings.miniapp_app_id) or ""
        if new_app == from_app:
            fail("--from-app 应是迁移之前的 AppID，它和设置里的相同。")
        report = run(
            _opened(settings, clock, lambda engine: reopen(engine, pairs, from_app, new_app, apply=apply))
        )
    counts = report.counts
    out.print(
        f"共 {number(len(pairs))} 对：{'已换上' if apply else '可以换上'} {number(counts['linked'])}，"
        f"两个会员合并 {number(counts['merged'])}，以前换过 {number(counts['already'])}，"
        f"旧 openid 不是会员 {number(counts['unknown'])}，没有新 openid {number(counts['without'])}，"
        f"稍后自动合并 {number(counts['waiting'])}。",
        markup=False,
    )
    if not apply:
        out.print("这是试算，什么也没有写；加 --apply 才真正写入。")


def _say(outcome: Outcome) -> None:
    from loyalty.merging.outcomes import MergedOut, SplitOff

    match outcome:
        case MergedOut():
            out.print(f"已并入会员 {outcome.into}，转过去 {number(outcome.moved.points)} 分。", markup=False)
        case SplitOff():
            left = f"，另有 {number(outcome.spent)} 分已经用掉或到期，没有转回" if outcome.spent else ""
            out.print(f"合并已撤销，转回 {number(outcome.moved.points)} 分{left}。", markup=False)
        case Refusal():
            fail(outcome.sentence)


async def _opened(settings: Settings, clock: Clock, work: Callable[["Engine"], Awaitable[T]]) -> T:
    from loyalty.opening import open_engine

    async with (
        open_database(settings.database_url or "") as pool,
        open_engine(
            pool, clock, settings.timezone, clock_tolerance=settings.clock_tolerance, keyring=settings.keyring
        ) as engine,
    ):
        await engine.check_clock()
        return await work(engine)
