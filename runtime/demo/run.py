"""`jifen demo`: starts each part as a process of its own, and stops all of them when one ends or Ctrl-C is pressed."""

import asyncio
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rich.console import Console
from rich.panel import Panel

from base.clock import OffsetClock
from base.settings import Settings
from bot import menu as bot_menu
from embedded import running_servers
from loyalty.schema import GRANTS
from models.database import migrate, open_database
from runtime.demo.accounts import LOCALHOST, clock_path, demo_settings
from runtime.demo.doors import Doors, doors_path, open_doors
from runtime.demo.parts import PATIENCE_S, Parts, PartStopped, Stopped
from runtime.demo.past import DAYS, HELD, NAMES, create_past
from runtime.demo.phones import hold_a_regular
from runtime.demo.programme import chosen, played
from runtime.demo.shop import shop_open
from runtime.installation import check_demo, check_installation
from runtime.ports import Door, refuse_busy
from runtime.resources import open_resources
from runtime.serving import doors_of

out = Console()


def run_demo(settings: Settings, template: str = "") -> None:
    """Start all parts, print their addresses, and wait for Ctrl-C; no process is left running. Raises PortBusy, OtherTemplate.

    `template` is the programme of a first start; "" is the demo's own.
    """
    template = chosen(settings, template)
    refuse_busy(
        [
            *doors_of(settings),
            Door("JIFEN_CONSOLE_PORT", settings.console_host, settings.console_port),
            Door("JIFEN_EMULATOR_PORT", LOCALHOST, settings.emulator_port),
        ]
    )
    settings = demo_settings(settings)
    clock = OffsetClock(clock_path(settings))
    clock.advance(0)
    log = settings.data_dir / "log"
    out.print("正在启动数据库和 Redis……")
    with running_servers(settings) as servers, stopped_by_signals() as stopped, ExitStack() as until_end:
        addresses = {"database_url": servers.database_url, "redis_url": servers.redis_url}
        named = settings.database_url is not None
        settings = settings.model_copy(update=addresses)
        asyncio.run(check_demo(settings, named=named))
        parts = Parts(log, stopped, out.print)
        try:
            out.print("正在启动模拟微信……")
            emulator = until_end.enter_context(parts.started("emulator"))
            parts.wait_until_ready(
                emulator, settings.emulator_port, address(settings.emulator_port, "/healthz")
            )
            doors = asyncio.run(prepare(settings, clock, template))
            out.print("正在启动后台任务、运营后台和服务……")
            until_end.enter_context(parts.started("worker", "--demo"))
            console = until_end.enter_context(parts.started("console", "--demo"))
            parts.wait_until_ready(console, settings.console_port, address(settings.console_port, "/healthz"))
            server = until_end.enter_context(parts.started("serve", "--demo"))
            parts.wait_until_ready(server, settings.http_port, address(settings.http_port, "/readyz"))
            print_addresses(settings, log)
            until_end.enter_context(shop_open(doors, clock, played(template)))
            parts.watch()
        except (PartStopped, Stopped) as reason:
            if str(reason):
                out.print(f"[red]{reason}[/red]")
                raise SystemExit(1) from None
        finally:
            out.print("正在停止……")
    out.print(f"已全部停止，数据留在 {settings.data_dir}")


async def prepare(settings: Settings, clock: OffsetClock, template: str = "") -> Doors:
    """Migrate, create the history on the first run, create the menu; returns what `demo.json` says."""
    await migrate(settings.database_url or "", grants=GRANTS)
    await check_installation(settings, first=True)
    marker = settings.data_dir / "demo-past"
    if not marker.exists():
        out.print(f"第一次运行：正在为 {len(NAMES)} 位会员补上过去十四个月的经历……")
        held = await asyncio.to_thread(hold_a_regular, settings)
        async with open_database(settings.database_url or "") as pool:
            commands = await create_past(pool, settings, clock, held, progress(), played(template))
        (settings.data_dir / "demo-template").write_text(template, encoding="ascii")
        marker.write_text(f"{commands}\n", encoding="ascii")
    async with open_resources(settings, clock) as resources:
        await bot_menu.create(resources.official_account, resources.settings)
        return await open_doors(resources, next(iter(played(template).stores), None))


def progress() -> Callable[[int], None]:
    """Prints how many days of the history are done, a line every few seconds."""
    told = time.monotonic()

    def tell(days: int) -> None:
        nonlocal told
        if time.monotonic() - told >= PATIENCE_S:
            told = time.monotonic()
            out.print(f"  已补 {days}/{DAYS} 天")

    return tell


@contextmanager
def stopped_by_signals() -> Iterator[Callable[[], bool]]:
    """Let Ctrl-C and SIGTERM set a flag instead of interrupting start or stop; yields a function that reads it."""
    came: list[int] = []
    before = {
        signum: signal.signal(signum, lambda got, _: came.append(got))
        for signum in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield lambda: bool(came)
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)


def address(port: int, path: str = "/") -> str:
    """An address on this machine."""
    return f"http://{LOCALHOST}:{port}{path}"


def print_addresses(settings: Settings, log: Path) -> None:
    """Print each address, what to try first, and where everything is kept."""
    out.print(
        Panel(
            f"[bold]手机页面[/bold]    {address(settings.emulator_port)}\n"
            f"[bold]运营后台[/bold]    {address(settings.console_port)}   账号、密码和验证码写在登录页上\n"
            f"[bold]门店核销[/bold]    {address(settings.http_port, '/clerk')}   店员在手机上用，账号也写在登录页上\n"
            f"接口文档    {address(settings.http_port, '/docs')}\n"
            f"健康检查    {address(settings.http_port, '/readyz')}\n"
            f"监控指标    {address(settings.metrics_port, '/metrics')}\n\n"
            "打开手机页面，关注公众号，发送「签到」试试；\n"
            f"点手机上方的名字可以换一部手机，「{NAMES[HELD - 1]}」是有十四个月经历的老会员。\n\n"
            "命令行      .venv/bin/jifen --help\n"
            f"收银台      python docs/examples/till.py {doors_path(settings)} member 1\n"
            f"运行日志    {log}\n"
            f"从头再来    停下后删除 {settings.data_dir}，再运行一次\n"
            "按 Ctrl-C 停止。",
            title="积分 Jifen 演示已就绪",
            expand=False,
        )
    )
