"""任务 · 导入 and 导出: a file is checked first, then booked; tables are written into files to download. Both go on in a job."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from nicegui import events, ui

from console.acting import perform
from console.facts import draw_facts, draw_heading
from console.outcomes import Refused
from console.page import Page, Visit
from console.uploads import draw_upload
from moving.persons import provider_of_external
from operators.files.exporting import TITLES
from operators.files.importing import header_told, open_table
from operators.jobs.asking import begin_job
from operators.jobs.folders import folder_path, new_folder
from operators.roles import Action

MOST_BYTES: Final = 200 * 2**20
KINDS: Final[Mapping[str, str]] = {
    "members": "会员：补上身份，不认得的先建好",
    "balances": "积分余额：每行一笔期初积分和到期日",
    "orders": "订单：按当时的规则得积分，报过的不再算",
    "segments": "人群：哪些会员在哪个人群里，从哪天到哪天",
}
SUFFIXES: Final = (".csv", ".xlsx")


async def draw_import(visit: Visit, query: Mapping[str, str]) -> None:
    """What is imported, from which system, and the file; the file is only checked at first."""
    ui.html(
        "<p>传 CSV（UTF-8 或 GBK）或 XLSX，第一行是表头。先试算一遍：哪些行能导入、哪些行有问题、为什么；看过再导入。"
        "同一行只记一次，重复导入不会多给积分；停下或者中断以后，点「重新开始」就接着做完。</p>",
        sanitize=False,
    )
    with ui.element("div").classes("panel group"):
        kind = ui.select(dict(KINDS), label="导入什么", value="members").props(
            "outlined dense data-testid=kind"
        )
        external = ui.input(label="原系统的名字（external）").props(
            "outlined dense maxlength=32 data-testid=external"
            ' hint="文件里的「会员号」是哪个系统的，起个英文名，例如 crm；以后一直用它"'
        )
        by_hand = ui.input(label="指明列（map）").props(
            'outlined dense maxlength=500 data-testid=map hint="表头认不出来时写，例如 卡号=原系统会员号，多个用逗号隔开"'
        )
        draw_upload(
            "选择文件",
            ".csv,.xlsx",
            MOST_BYTES,
            lambda event: _take(
                visit, event, (str(kind.value), str(external.value or "").strip(), str(by_hand.value or ""))
            ),
            "文件太大或者不是 CSV、XLSX；最大 200 MB，可以分成几个文件。",
        )

    draw_heading("表头")
    draw_facts((KINDS[name].partition("：")[0], header_told(name)) for name in KINDS)


async def _take(visit: Visit, event: events.UploadEventArguments, chosen: tuple[str, str, str]) -> None:
    """Keep the file and check it in a job, as was chosen: the kind, the other system, and what columns are."""
    kind, external, by_hand = chosen
    begun: list[int] = []

    async def check() -> str:
        await visit.desk.require(Action.IMPORT)
        name = Path(event.file.name).name
        if Path(name).suffix.lower() not in SUFFIXES:
            raise Refused("请传 .csv 或 .xlsx 文件；.xls 请先在 Excel 里另存为 .xlsx。")
        provider_of_external(external or None)
        settings = visit.resources.settings
        folder = await asyncio.to_thread(new_folder, settings)
        path = folder_path(settings, folder) / name
        await event.file.save(path)
        table = await asyncio.to_thread(open_table, kind, path, external, by_hand)
        given = {"kind": kind, "external": external, "by_hand": by_hand, "file": name}
        title = f"试算导入{table.kind.title} {name}"
        begun.append(await begin_job(visit.desk, "check_import", title, given, folder=folder))
        return "文件收到了，正在试算。"

    if await perform(check):
        ui.navigate.to(f"/jobs/{begun[0]}")


async def draw_export(visit: Visit, query: Mapping[str, str]) -> None:
    """A button for each table; the file is on the page of the job when it is complete."""
    ui.html(
        "<p>导出在后台进行，做完以后在任务里下载；中途停下就没有文件。谁导出了什么，记在操作日志里。</p>",
        sanitize=False,
    )
    with ui.element("div").classes("panel group"):
        kind = ui.select({".csv": "CSV（Excel 能直接打开）", ".xlsx": "XLSX"}, label="格式", value=".csv")
        kind.props("outlined dense data-testid=format")
        whole = None
        if visit.may(Action.UNMASK):
            whole = ui.checkbox("写出完整的手机号（不勾就打星号）").props("data-testid=whole-phones")
    draw_heading("导出什么")
    with ui.row():
        for what, title in TITLES.items():
            ui.button(
                title,
                on_click=lambda what=what: _export(
                    visit, what, str(kind.value), whole_phones=whole is not None and bool(whole.value)
                ),
            ).props(f"outline no-caps data-testid=export-{what}").classes("act")


async def _export(visit: Visit, what: str, suffix: str, *, whole_phones: bool) -> None:
    begun: list[int] = []

    async def begin() -> str:
        folder = await asyncio.to_thread(new_folder, visit.resources.settings)
        given = {"what": what, "suffix": suffix, "whole_phones": whole_phones}
        begun.append(await begin_job(visit.desk, "export", f"导出{TITLES[what]}", given, folder=folder))
        return "开始导出。"

    if await perform(begin):
        ui.navigate.to(f"/jobs/{begun[0]}")


PAGES: Final = (
    Page("/jobs/import", "导入", "jobs", Action.IMPORT, draw_import),
    Page("/jobs/export", "导出", "jobs", Action.EXPORT, draw_export),
)
