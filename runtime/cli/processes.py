"""Commands that run until they are stopped: `jifen demo`, `serve`, `worker`, `console`, `emulator`."""

from typing import Annotated

import typer

from base.clock import OffsetClock
from base.logs import set_up_logs
from base.settings import load_settings
from runtime.cli.starting import Demo, err, run, started
from runtime.cli.templates import TEMPLATE_NAMES, known_template
from runtime.demo import accounts
from runtime.metrics import share_metrics
from runtime.ports import Door, refuse_busy

WORKER_METRICS = "同时提供 /metrics：这台机器上没有 jifen serve 时用。"


def demo(
    *,
    template: Annotated[
        str,
        typer.Option(callback=known_template, help=f"第一次运行用哪一套规则：{TEMPLATE_NAMES}；不写是咖啡店"),
    ] = "",
) -> None:
    """启动完整的演示：数据库、服务、后台任务和模拟微信，Ctrl-C 全部停止。

    例：jifen demo --template beauty
    """
    from runtime.demo.programme import OtherTemplate
    from runtime.demo.run import run_demo

    try:
        run_demo(load_settings(), template)
    except OtherTemplate as error:
        err.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from error


def serve(
    *,
    workers: Annotated[int, typer.Option(min=1, max=64, help="在同一个端口上运行几个进程")] = 1,
    demo: Demo = False,
    process: Annotated[int, typer.Option(hidden=True)] = 0,
) -> None:
    """启动网页服务：公众号消息、小程序接口。

    多个进程由一个主进程照看：退出的会重新启动，Ctrl-C 或 SIGTERM 一起停下。
    """
    name = f"serve-{process}" if process else "serve"
    set_up_logs(name, load_settings().log_level)
    with started(demo=demo, processes=workers) as (settings, clock):
        share_metrics(settings.data_dir, name)
        from runtime import serving

        if process:
            run(serving.serve_child(settings, clock))
        elif workers == 1:
            run(serving.serve_single(settings, clock))
        else:
            run(serving.serve_supervised(settings, clock, workers, demo=demo))


def worker(
    *,
    metrics: Annotated[bool, typer.Option("--metrics", help=WORKER_METRICS)] = False,
    demo: Demo = False,
) -> None:
    """启动后台任务：到期、提醒、送达。"""
    set_up_logs("worker", load_settings().log_level)
    with started(demo=demo) as (settings, clock):
        share_metrics(settings.data_dir, "worker")
        from runtime import serving

        run(serving.work(settings, clock, show_metrics=metrics))


def console(*, demo: Demo = False) -> None:
    """启动运营后台的网页：会员、规则、商城、消息、报表、系统。

    第一次用之前，先用 jifen operators add 添加自己：jifen operators add 小王 --role owner
    """
    set_up_logs("console", load_settings().log_level)
    with started(demo=demo) as (settings, clock):
        share_metrics(settings.data_dir, "console")
        from runtime import operating

        run(operating.serve_console(settings, clock))


def emulator() -> None:
    """启动模拟微信和手机页面（只用于演示和测试）。"""
    from emulator.app import create_app
    from emulator.app import serve as serve_emulator

    settings = accounts.demo_settings(load_settings())
    set_up_logs("emulator", settings.log_level)
    clock = OffsetClock(accounts.clock_path(settings))
    config = accounts.emulator_config(settings)
    application = create_app(config, clock.now, clock.advance)
    refuse_busy([Door("JIFEN_EMULATOR_PORT", accounts.LOCALHOST, settings.emulator_port)])
    run(serve_emulator(application, settings.emulator_port))
