"""`jifen members adjust`, `freeze` and `thaw`: what an operator does to one member's points and account."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from loyalty.adjustments.commands import MOST_POINTS
from loyalty.adjustments.outcomes import AccountFrozen, AccountThawed, PointsAdjusted
from loyalty.engine.outcomes import Outcome, Refusal
from loyalty.engine.refusals import AlreadyDone, NotEnoughPoints
from loyalty.ledger.words import number
from operators.desk import Desk
from operators.reasons import BadText, checked_reason
from runtime.cli.arguments import Member
from runtime.cli.desks import at_desk
from runtime.cli.starting import fail, out

Reason = Annotated[str, typer.Option(help="为什么，最多 100 个字，会留在记录里")]
By = Annotated[str, typer.Option(help="经手人；不写就用这台机器的登录名")]


def adjust(
    member: Member,
    *,
    points: Annotated[int, typer.Option(help="加多少积分；负数是扣多少")],
    reason: Annotated[str, typer.Option(help="为什么调整，最多 100 个字；会员在积分明细里看得到")],
    ticket: Annotated[str, typer.Option(help="工单号：一个工单只调整一次。不写就每次都算新的")] = "",
    debt: Annotated[
        bool, typer.Option("--debt", help="扣的比余额多时，不够的记成欠下的积分；不写就不扣")
    ] = False,
    by: By = "",
) -> None:
    """给一位会员加积分或扣积分。加的积分不算成长值，从今天起算有效期，先还欠下的积分；扣的是最早到期的。

    例：jifen members adjust 42 --points -30 --reason "重复补记的一单" --ticket KF-1024
    """
    if not 1 <= abs(points) <= MOST_POINTS:
        fail(f"--points 应为 1 到 {number(MOST_POINTS)}，或者同样范围的负数。")
    why = _written(reason)

    async def adjust_points(desk: Desk) -> Outcome:
        from operators.members.adjusting import WaitsForSecond
        from operators.members.adjusting import adjust as adjust_member

        done = await adjust_member(desk, member, points, why, ticket=ticket, may_owe=debt)
        return done.limit if isinstance(done, WaitsForSecond) else done

    _do(adjust_points, member, by)


def freeze(
    member: Member,
    *,
    reason: Annotated[str, typer.Option(help="为什么冻结，最多 100 个字；会员看得到，可以发「申诉」")],
    by: By = "",
) -> None:
    """冻结一位会员的账户：不能再得积分、花积分；到期、退款和退回扣住的积分照常。会员看得到原因，可以申诉。

    例：jifen members freeze 42 --reason "同一张小票多次报来，等核对"
    """
    why = _written(reason)

    async def do(desk: Desk) -> Outcome:
        from operators.members.account import freeze as freeze_member

        return await freeze_member(desk, member, why)

    _do(do, member, by)


def thaw(member: Member, *, reason: Reason, by: By = "") -> None:
    """解冻一位会员的账户，它又能照常使用。

    例：jifen members thaw 42 --reason "本人来店核对过"
    """
    why = _written(reason)

    async def do(desk: Desk) -> Outcome:
        from operators.members.account import release as release_member

        return await release_member(desk, member, why)

    _do(do, member, by)


def _written(reason: str) -> str:
    """The reason as its deed will keep it, before anything is opened. Exits with 1 for a bad one."""
    try:
        return checked_reason(reason)
    except BadText as fault:
        fail(str(fault))


def _do(work: Callable[[Desk], Awaitable[Outcome]], member: int, by: str) -> None:
    outcome = at_desk(work, by.strip())
    if isinstance(outcome, Refusal):
        fail(_refusal_text(outcome))
    out.print(_result_text(member, outcome), markup=False)


def _result_text(member: int, outcome: Outcome) -> str:
    match outcome:
        case PointsAdjusted(points=points, balance=balance, debt=debt):
            what = f"加了 {number(points)} 分" if points > 0 else f"扣了 {number(-points)} 分"
            owed = f"，欠 {number(debt)} 分" if debt else ""
            return f"会员 {member} {what}，现在有 {number(balance)} 分{owed}。"
        case AccountFrozen():
            return f"会员 {member} 的账户已冻结。"
        case AccountThawed():
            return f"会员 {member} 的账户已解冻。"
    return outcome.code


def _refusal_text(refusal: Refusal) -> str:
    match refusal:
        case NotEnoughPoints(available=available):
            return f"这位会员只有 {number(available)} 分，不够扣；加 --debt 可以把不够的记成欠下的积分。"
        case AlreadyDone():
            return "这个工单已经调整过了。"
    return refusal.sentence
