"""One import as the command line runs it: which columns are used, the progress, and what came of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from base.clock import Clock
from base.garbage import OF_MANY_ROWS, tune_garbage_collection
from base.settings import Settings
from loyalty.ledger.calendar import business_day
from loyalty.ledger.words import number
from models.database import open_database
from runtime.cli.starting import err, out, run, started

if TYPE_CHECKING:
    from moving.columns import Mapped
    from moving.importing import Report
    from moving.kind import Kind
    from moving.sheet import Sheet

File = Annotated[Path, typer.Argument(metavar="文件", help="CSV（UTF-8、GBK）或 XLSX，第一行是表头")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="只检查，什么也不写")]
SkipBad = Annotated[bool, typer.Option("--skip-bad", help="有问题的行跳过，其余照常导入；不写就一行也不导入")]
Encoding = Annotated[str, typer.Option(help="CSV 的编码：auto、utf-8、gbk 或 gb18030")]
SheetName = Annotated[str | None, typer.Option("--sheet", help="XLSX 的工作表名；不写就是第一张")]
External = Annotated[str | None, typer.Option(help="『会员号』一列是哪个原系统的号，起个英文名，例如 crm")]
Map = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="列名=字段", help="指明一列是什么，可以写多次；字段写 ignore 就略过这一列"),
]


@dataclass(frozen=True)
class Choices:
    """The file, and the options that every import takes."""

    file: File
    dry_run: DryRun = False
    skip_bad: SkipBad = False
    encoding: Encoding = "auto"
    sheet: SheetName = None
    external: External = None
    mapping: Map = None


def import_file(kind: "Kind", chosen: Choices) -> None:
    """Check the file's rows and book the good ones, as far as was chosen. Raises CannotBegin; ends with code 1 for bad rows."""
    from moving.columns import hand_mapping, map_columns
    from moving.opening import open_sheet
    from moving.persons import provider_of_external

    source = provider_of_external(chosen.external)
    sheet = open_sheet(chosen.file, chosen.encoding, chosen.sheet)
    mapped = map_columns(sheet.header, kind.fields, hand_mapping(chosen.mapping or [], kind.fields))
    _say_columns(sheet, mapped)
    with started(demo=False, accounts_needed=False) as (settings, clock):
        report = run(_go(kind, sheet, mapped, settings, clock, source, chosen))
    _say_report(kind, report, dry_run=chosen.dry_run)
    if report.bad:
        raise typer.Exit(1)


async def _go(
    kind: "Kind",
    sheet: "Sheet",
    mapped: "Mapped",
    settings: Settings,
    clock: Clock,
    external: str | None,
    chosen: Choices,
) -> "Report":
    from loyalty.opening import open_engine
    from moving.importing import BATCH, bookers_for, check_table, go_through
    from moving.kind import Import
    from moving.persons import Providers

    async with (
        open_database(settings.database_url or "") as pool,
        open_engine(
            pool,
            clock,
            settings.timezone,
            settings.keyring,
            clock_tolerance=settings.clock_tolerance,
            batch_size=BATCH,
        ) as engine,
        bookers_for(0 if chosen.dry_run else sheet.about, settings, clock) as bookers,
    ):
        await engine.check_clock()
        tune_garbage_collection(OF_MANY_ROWS)
        providers = Providers(settings.oa_app_id, settings.miniapp_app_id, external)
        today = business_day(engine.clock.now(), settings.timezone)
        into = Import(engine, pool, settings.timezone, providers, sheet.digest, today, bookers)
        mapped = check_table(kind, sheet, mapped, into)
        with _progress() as progress:
            task = progress.add_task("检查", total=sheet.about)
            report = await go_through(
                kind, sheet, mapped, into, apply=False, tell=lambda rows: progress.advance(task, rows)
            )
            progress.update(task, total=report.rows, completed=report.rows)
            if chosen.dry_run or (report.bad and not chosen.skip_bad):
                return report
            booking = progress.add_task("导入", total=report.rows)
            return await go_through(
                kind, sheet, mapped, into, apply=True, tell=lambda rows: progress.advance(booking, rows)
            )


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
    )


def _say_columns(sheet: "Sheet", mapped: "Mapped") -> None:
    from moving.columns import FIELDS

    pairs = "，".join(
        f"{sheet.header[place]} → {FIELDS[field].title}" for field, place in mapped.places.items()
    )
    unused = f"；没有用到：{'、'.join(mapped.unused)}" if mapped.unused else ""
    out.print(
        f"{sheet.path.name}（{sheet.kind}）。各列：{pairs or '都不认得'}{unused}。",
        markup=False,
        soft_wrap=True,
    )


def _say_report(kind: "Kind", report: "Report", *, dry_run: bool) -> None:
    points = f"，积分合计 {number(report.points)}" if "points" in kind.needed else ""
    good = report.rows - report.bad
    checked = (
        f"共 {number(report.rows)} 行，可以导入 {number(good)} 行，会员 {number(report.persons)} 位{points}"
    )
    if report.bad:
        for line, reason in report.first_bad:
            err.print(f"第 {line} 行：{reason}。", style="red", markup=False, highlight=False, soft_wrap=True)
        more = report.bad - len(report.first_bad)
        rest = f"还有 {number(more)} 行没有列出。" if more else ""
        err.print(
            f"{number(report.bad)} 行有问题，{rest}全部写在 {report.bad_path}，改好后可以直接导入它。",
            style="red", markup=False, highlight=False, soft_wrap=True,
        )  # fmt: skip
    if report.applied:
        out.print(
            f"已导入 {number(report.done)} 行，以前已经有的 {number(report.already)} 行，"
            f"新建会员 {number(report.created)} 位；会员 {number(report.persons)} 位{points}。",
            markup=False, soft_wrap=True,
        )  # fmt: skip
    elif dry_run:
        out.print(f"这是试算，什么也没有写。{checked}。", markup=False, soft_wrap=True)
    else:
        out.print(f"什么也没有导入。{checked}；只导入这些，请加 --skip-bad。", markup=False, soft_wrap=True)
