"""`jifen audit`: checks every invariant on the live database; the result is a text or JSON."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final
from zoneinfo import ZoneInfo

import typer
from rich.progress import Progress

from base.clock import Clock
from base.settings import Settings
from models.database import open_database
from runtime.cli.arguments import AsJson
from runtime.cli.starting import err, out, run, started

if TYPE_CHECKING:
    from loyalty.audit import Report

NO_KEY: Final = "没有设置 JIFEN_SECRET_KEY：还没有结束的轮次里的抽奖，要等种子公开后才能核对。"


def audit(
    *,
    since: Annotated[
        str, typer.Option(metavar="时刻", help="只核对这一天（或这一刻）以来写下的：2026-03-02")
    ] = "",
    part: Annotated[
        str, typer.Option(metavar="几/几", help="只核对一部分会员：3/28 是 28 份里的第 3 份")
    ] = "1/1",
    as_json: AsJson = False,
) -> None:
    """核对账本的每一条不变式，并按当时的规则重新判定每一张凭据；有问题时逐条列出，并以 1 退出。"""
    with started(demo=False, accounts_needed=False) as (settings, clock):
        wanted = _instant(since, settings.timezone), _part(part)
        report = run(_audit(settings, clock, *wanted, quiet=as_json))
        if not settings.keyring.ids:
            err.print(NO_KEY)
    if as_json:
        _print_json(report)
    else:
        _print_findings(report)
    raise typer.Exit(1 if report.violations else 0)


def _instant(text: str, zone: ZoneInfo) -> datetime | None:
    """The instant that an option names; a day is its first moment in the programme's zone."""
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text} 不是日期，也不是时刻，例如 2026-03-02。") from error
    return instant if instant.tzinfo else instant.replace(tzinfo=zone)


def _part(text: str) -> tuple[int, int]:
    number, _, parts = text.partition("/")
    if not (number.isdecimal() and parts.isdecimal() and 1 <= int(number) <= int(parts)):
        raise typer.BadParameter(f"{text} 不是一份，例如 3/28：28 份里的第 3 份。")
    return int(number), int(parts)


async def _audit(
    settings: Settings, clock: Clock, since: datetime | None, part: tuple[int, int], *, quiet: bool
) -> "Report":
    from loyalty.audit import audit as run_audit
    from loyalty.scope import Scope

    async with open_database(settings.database_url or "", command_timeout_s=None) as pool:
        with Progress(console=err, disable=quiet, transient=True) as progress:
            bar = progress.add_task("", total=None)

            def show(what: str, done: int, total: int) -> None:
                progress.update(bar, description=what, completed=done, total=total)

            return await run_audit(
                pool, clock.now(), settings.keyring, show, zone=settings.timezone, scope=Scope(since, part)
            )


def _print_json(report: "Report") -> None:
    found = [violation._asdict() for violation in report.violations]
    looked_at: dict[str, object] = {
        "accounts": report.accounts, "entries": report.entries, "receipts": report.receipts, "untraced": report.untraced,
        **report.recomputed,
    }  # fmt: skip
    out.print_json(json.dumps({**looked_at, "violations": found}, ensure_ascii=False))


def _print_findings(report: "Report") -> None:
    for violation in report.violations:
        whose = f"会员 {violation.member_id}：" if violation.member_id else ""
        out.print(f"[red]{violation.invariant}[/red] {whose}{violation.detail}")
    looked = (
        f"{report.accounts} 个账户，{report.entries} 笔流水，{report.recomputed.get('draws', 0)} 次抽奖，"
        f"重新判定了 {report.receipts} 张凭据"
    )
    verdict = f"发现 {len(report.violations)} 处问题" if report.violations else "全部相符"
    out.print(f"核对了 {looked}：{verdict}。")
    if report.untraced_until is not None:
        out.print(
            f"{report.untraced_until.date()} 以前的 {report.untraced} 张凭据由旧版程序写下，没有记下判定所需的内容，只核对了数字。"
        )
