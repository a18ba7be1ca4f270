"""`jifen restored` after a restore of the database, `jifen rotate-secret-key` when JIFEN_SECRET_KEY is replaced."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final

import typer

from base.clock import Clock
from base.settings import Settings
from models.database import open_database
from runtime.cli.starting import err, out, run, started

if TYPE_CHECKING:
    from loyalty.engine.engine import Engine

BATCH: Final = 100

LOST_KEY = "原来的密钥找不回来时用：解不开封的轮次也一并结束，它们的种子永远不会公开"


def restored(*, lost_key: Annotated[bool, typer.Option("--lost-key", help=LOST_KEY)] = False) -> None:
    """数据库从备份恢复之后运行：结束每个抽奖当前的一轮，公开种子，再开新的一轮。

    从导出文件或按时间点恢复时，程序自己看得出来，会自动这样做；整盘快照等看不出来的恢复要运行它。多运行一次没有害处。
    """
    with started(demo=False, accounts_needed=False) as (settings, clock):
        count = run(_restored(settings, clock, lost_key=lost_key))
    out.print(f"结束了 {count} 个轮次，新的轮次已经开始。")


def rotate_secret_key() -> None:
    """更换 JIFEN_SECRET_KEY：把封存的内容改用现在的密钥封存。

    先把原来的密钥写进 JIFEN_SECRET_KEY_PREVIOUS，新的写进 JIFEN_SECRET_KEY，重启服务和后台任务，再运行它；服务不用停。
    中途断了就再运行一次。完成之后去掉 JIFEN_SECRET_KEY_PREVIOUS。
    """
    with started(demo=False, accounts_needed=False) as (settings, clock):
        count = run(_rotate(settings, clock))
    out.print(f"改用现在的密钥封存了 {count} 项。现在可以去掉 JIFEN_SECRET_KEY_PREVIOUS 并重启。")


@asynccontextmanager
async def _engine(settings: Settings, clock: Clock) -> AsyncIterator["Engine"]:
    from loyalty.opening import open_engine

    async with (
        open_database(settings.database_url or "") as pool,
        open_engine(pool, clock, settings.timezone, settings.keyring) as engine,
    ):
        yield engine


async def _restored(settings: Settings, clock: Clock, *, lost_key: bool) -> int:
    from loyalty.games.rounds import end_rounds
    from loyalty.programme.publishing.publication import put_in_force

    async with _engine(settings, clock) as engine:
        count = await engine.transact(
            lambda connection: end_rounds(connection, settings.keyring, clock.now(), without_seed=lost_key)
        )
        await put_in_force(engine)
        return count


async def _rotate(settings: Settings, clock: Clock) -> int:
    """Seal again in batches, each in a transaction of its own, so that an interrupted run loses nothing."""
    from channels.webhooks.signing import seal_webhooks_again
    from loyalty.games.rounds import seal_rounds_again
    from loyalty.members.phones import seal_phones_again
    from operators.access.totp import seal_secrets_again

    count = 0
    async with _engine(settings, clock) as engine:
        for seal_again in (seal_rounds_again, seal_phones_again, seal_webhooks_again, seal_secrets_again):
            while again := await engine.transact(partial(seal_again, keyring=settings.keyring, limit=BATCH)):
                count += again
                err.print(f"已经改封 {count} 项……")
    return count
