"""`jifen demo`: starts each part as a process of its own, and stops all of them when one ends or Ctrl-C is pressed."""

import asyncio
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

from rich.console import Console
from rich.panel import Panel

from base.clock import OffsetClock
from base.settings import Settings
from bot import menu as bot_menu
from embedded import running_servers
from models.database import migrate, open_database
from runtime.demo.accounts import LOCALHOST, clock_path, demo_settings
from runtime.demo.past import create_past
from runtime.installation import check_demo, check_installation
from runtime.programs import running
from runtime.resources import open_resources

out = Console()
START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 15


class PartStopped(Exception):
    """A part of the demo ended by itself; the message names it."""


def run_demo(settings: Settings) -> None:
    """Start all parts, print their addresses, and wait for Ctrl-C; no process is left running."""
    settings = demo_settings(settings)
    clock = OffsetClock(clock_path(settings))
    clock.advance(0)
    with running_servers(settings) as servers, stopped_by_signals() as stopped, ExitStack() as parts:
        addresses = {"database_url": servers.database_url, "redis_url": servers.redis_url}
        named = settings.database_url is not None
        settings = settings.model_copy(update=addresses)
        asyncio.run(check_demo(settings, named=named))
        try:
            processes = [parts.enter_context(part("emulator"))]
            wait_until(f"http://{LOCALHOST}:{settings.emulator_port}/healthz", processes, stopped)
            asyncio.run(prepare(settings, clock))
            processes.append(parts.enter_context(part("worker", "--demo")))
            processes.append(parts.enter_context(part("serve", "--demo")))
            wait_until(f"http://{LOCALHOST}:{settings.http_port}/readyz", processes, stopped)
            print_addresses(settings)
            watch(processes, stopped)
        except (PartStopped, Stopped) as reason:
            if str(reason):
                out.print(f"[red]{reason}[/red]")
                raise SystemExit(1) from None
        finally:
            out.print("正在停止……")
    out.print("已全部停止，数据留在 " + str(settings.data_dir))


async def prepare(settings: Settings, clock: OffsetClock) -> None:
    """Migrate, create the history on the first run, create the menu."""
    await migrate(settings.database_url or "")
    await check_installation(settings, first=True)
    marker = settings.data_dir / "demo-past"
    if not marker.exists():
        with out.status("第一次运行：正在为会员们补上过去十四个月的经历……"):
            async with open_database(settings.database_url or "") as pool:
                commands = await create_past(pool, settings, clock)
        marker.write_text(f"{commands}\n", encoding="ascii")
    async with open_resources(settings, clock) as resources:
        await bot_menu.create(resources.official_account, resources.settings)


class Stopped(Exception):
    """Ctrl-C or a termination signal came."""


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


def part(*words: str) -> AbstractContextManager["subprocess.Popen[bytes]"]:
    """Run one part as a child process; it has STOP_TIMEOUT_S to end."""
    return running(*words, stop_within_s=STOP_TIMEOUT_S)


def wait_until(url: str, processes: "list[subprocess.Popen[bytes]]", stopped: Callable[[], bool]) -> None:
    """Wait for a 200 from `url`. Raises PartStopped when a part ends first or time is up."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        look(processes, stopped)
        if answers(url):
            return
        time.sleep(0.1)
    raise PartStopped(f"{url} 在 {START_TIMEOUT_S} 秒内没有准备好")


def answers(url: str) -> bool:
    """Whether a GET of `url` answers 200."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  # http on this machine
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def watch(processes: "list[subprocess.Popen[bytes]]", stopped: Callable[[], bool]) -> None:
    """Wait until a signal comes (Stopped) or a part ends by itself (PartStopped)."""
    while True:
        look(processes, stopped)
        time.sleep(0.2)


def look(processes: "list[subprocess.Popen[bytes]]", stopped: Callable[[], bool]) -> None:
    """Raise Stopped after a signal and PartStopped after a part has ended."""
    if stopped():
        raise Stopped
    for process in processes:
        if process.poll() is not None:
            name = process.args[3] if isinstance(process.args, list) else "part"
            raise PartStopped(f"{os.fsdecode(name)} 意外退出（{process.returncode}），演示停止。")


def print_addresses(settings: Settings) -> None:
    """Print the addresses of the phone page, the API documentation and the health check."""
    host = f"http://{LOCALHOST}"
    out.print(
        Panel(
            f"[bold]手机页面[/bold]    {host}:{settings.emulator_port}/\n"
            f"接口文档    {host}:{settings.http_port}/docs\n"
            f"健康检查    {host}:{settings.http_port}/readyz\n\n"
            "打开手机页面，关注公众号，发送「签到」试试。按 Ctrl-C 停止。",
            title="积分 Jifen 演示已就绪",
            expand=False,
        )
    )
