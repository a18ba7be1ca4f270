"""Exporting a table for an operator into a file that appears whole or not at all, with a row in the operation log."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from moving.exporting import EXPORTS, Source, export
from moving.problems import CannotBegin
from moving.tables import NewFile
from operators.desk import Desk
from operators.roles import Action

TITLES: Final = {
    "members": "会员",
    "balances": "积分余额",
    "entries": "积分流水",
    "orders": "订单",
    "rules": "每一版规则",
}
"""What can be exported, by name."""


async def export_table(
    desk: Desk, what: str, path: Path, tell: Callable[[int], None], *, whole_phones: bool = False
) -> int:
    """Write a table to `path`; how many rows. `whole_phones` needs the right to unmask and is told in the log.

    Raises NotAllowed, CannotBegin, and what the database raises; then there is no file.
    """
    await desk.require(Action.EXPORT)
    if whole_phones:
        await desk.require(Action.UNMASK)
    if what not in EXPORTS:
        raise CannotBegin("请选要导出什么。")
    after = {"table": what, "phones": "whole" if whole_phones else "masked"}
    await desk.change(lambda connection: desk.note(connection, Action.EXPORT, path.name, after=after))
    settings = desk.resources.settings
    apps = (settings.oa_app_id, settings.miniapp_app_id)
    with NewFile(path, overwrite=False) as table:
        return await export(
            desk.resources.pool, EXPORTS[what], table,
            lambda connection: Source(connection, settings.timezone, settings.keyring, apps, whole_phones), tell,
        )  # fmt: skip
