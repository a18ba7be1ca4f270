"""`jifen members adjust`, `freeze` and `thaw`: what an operator does to one member's points and account."""

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from base.clock import Clock
from base.settings import Settings
from loyalty.adjustments.commands import MOST_POINTS, AdjustPoints, FreezeAccount, ThawAccount
from loyalty.adjustments.outcomes import AccountFrozen, AccountThawed, PointsAdjusted
from loyalty.engine.outcomes import Outcome, Refusal
from loyalty.engine.refusals import AlreadyDone, NotEnoughPoints
from loyalty.ledger.words import number
from loyalty.programme.texts import one_line
from models.database import open_database
from runtime.cli.starting import err, out, run, started
from runtime.cli.vouchers import user_name

if TYPE_CHECKING:
    from loyalty.engine.command import Command

LONGEST_REASON = 100

Member = Annotated[int, typer.Argument(metavar="会员号", help="会员号，即 member_id")]
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
        _stop(f"--points 应为 1 到 {number(MOST_POINTS)}，或者同样范围的负数。")
    _do(
        AdjustPoints, member, _written(reason), by,
        points=points, ticket=ticket.strip() or secrets.token_urlsafe(9), may_owe=debt,
    )  # fmt: skip


def freeze(member: Member, *, reason: Reason, by: By = "") -> None:
    """冻结一位会员的账户：不能再得积分、花积分；到期、退款和退回扣住的积分照常。

    例：jifen members freeze 42 --reason "疑似盗号，等本人联系"
    """
    _do(FreezeAccount, member, _written(reason), by)


def thaw(member: Member, *, reason: Reason, by: By = "") -> None:
    """解冻一位会员的账户，它又能照常使用。

    例：jifen members thaw 42 --reason "本人来店核对过"
    """
    _do(ThawAccount, member, _written(reason), by)


def _written(reason: str) -> str:
    """The reason without blanks around it. Exits with 1 for one that is empty, long, or holds what nobody can see."""
    text = reason.strip()
    if not text:
        _stop("请用 --reason 写明原因。")
    if len(text) > LONGEST_REASON:
        _stop(f"--reason 最多 {LONGEST_REASON} 个字，现在有 {len(text)} 个。")
    for fault in one_line(text):
        _stop(f"--reason {fault.sentence}。")
    return text


def _do(kind: Callable[..., "Command"], member: int, reason: str, by: str, **fields: Any) -> None:
    person = (by or user_name()).strip()
    if not person:
        _stop("请写明经手人：--by 名字。")
    with started(demo=False, accounts_needed=False) as (settings, clock):
        outcome = run(
            _run(settings, clock, kind, {"member_id": member, "reason": reason, "by": person} | fields)
        )
    if isinstance(outcome, Refusal):
        _stop(_refusal_text(outcome))
    out.print(_result_text(member, outcome), markup=False)


async def _run(
    settings: Settings, clock: Clock, kind: Callable[..., "Command"], fields: dict[str, Any]
) -> Outcome:
    from loyalty.opening import open_engine

    async with (
        open_database(settings.database_url or "") as pool,
        open_engine(
            pool, clock, settings.timezone, settings.keyring, clock_tolerance=settings.clock_tolerance
        ) as engine,
    ):
        await engine.check_clock()
        key = f"cli:{secrets.token_urlsafe(16)}"
        return (await engine.run(kind(request_key=key, at=engine.clock.now(), **fields))).outcome


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


def _stop(sentence: str) -> NoReturn:
    err.print(sentence, style="red", markup=False)
    raise typer.Exit(1)
