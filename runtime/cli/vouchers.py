"""`jifen vouchers`: what a clerk does with a voucher in the shop."""

import getpass
import secrets
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from base.clock import Clock
from base.settings import Settings
from loyalty.engine.outcomes import Outcome, Refusal
from loyalty.engine.refusals import AccountClosed
from loyalty.vouchers.outcomes import UnknownVoucher, VoucherNotUsable, VoucherUsed
from models.database import open_database
from runtime.cli.starting import err, out, run, started

app = typer.Typer(help="处理会员的券。", no_args_is_help=True)


def user_name() -> str:
    """The name of the operating system's user; empty where it has none, as in a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


@app.command()
def use(
    code: Annotated[str, typer.Argument(metavar="券码", help="会员出示的券码，大小写、空格和连字符都不要紧")],
    *,
    by: Annotated[str, typer.Option(help="经手人；不写就用这台机器的登录名")] = "",
    store: Annotated[str, typer.Option(help="门店的编号，可以不写")] = "",
) -> None:
    """核销一张券：只成功一次，并记下时间、经手人和门店。已经用过、取消或过期的券会说明原因，以 1 退出。

    例：jifen vouchers use K7M9-PQ2R-TUVW --by 小王 --store 一店
    """
    clerk = (by or user_name()).strip()
    if not clerk:
        err.print("请写明经手人：--by 名字。", style="red", markup=False)
        raise typer.Exit(1)
    with started(demo=False, accounts_needed=False) as (settings, clock):
        outcome = run(_use(settings, clock, code, clerk, store.strip() or None))
    sentence = outcome_text(outcome, settings.timezone)
    if not isinstance(outcome, VoucherUsed):
        err.print(sentence, style="red", markup=False)
        raise typer.Exit(1)
    out.print(sentence, markup=False)


async def _use(settings: Settings, clock: Clock, code: str, clerk: str, store: str | None) -> Outcome:
    from loyalty.opening import open_engine
    from loyalty.vouchers.commands import UseVoucher
    from loyalty.vouchers.views import voucher_of_code

    async with (
        open_database(settings.database_url or "") as pool,
        open_engine(
            pool, clock, settings.timezone, settings.keyring, clock_tolerance=settings.clock_tolerance
        ) as engine,
    ):
        await engine.check_clock()
        found = await voucher_of_code(code)
        if found is None:
            return UnknownVoucher(code)
        command = UseVoucher(
            member_id=found.member_id,
            request_key=f"cli:use_voucher:{secrets.token_urlsafe(16)}",
            at=engine.clock.now(),
            receipt_no=found.receipt_no,
            line=found.line,
            by=clerk,
            store=store,
        )
        return (await engine.run(command)).outcome


def outcome_text(outcome: Outcome, zone: ZoneInfo) -> str:
    """The answer to the clerk: what to hand over, or why not."""
    match outcome:
        case VoucherUsed():
            terms = f"\n{outcome.terms}" if outcome.terms else ""
            return f"核销成功：{outcome.name} ×{outcome.quantity}。{terms}"
        case VoucherNotUsable(state="used", closed_at=datetime() as at):
            where = f"，门店：{outcome.store}" if outcome.store else ""
            return (
                f"这张券（{outcome.name}）在 {at.astimezone(zone):%Y-%m-%d %H:%M} 已经用过了，"
                f"经手人：{outcome.used_by}{where}。"
            )
        case VoucherNotUsable():
            return f"{outcome.name}：{outcome.sentence}"
        case AccountClosed():
            return "这位会员的积分账户已停用，券不能使用。"
        case Refusal():
            return outcome.sentence
    return outcome.code
