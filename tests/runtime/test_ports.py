"""Ports are tried before anything is started or installed, and a busy one is told with its variable."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from runtime.demo.parts import Part
from runtime.ports import DEFAULTS, Door, PortBusy, demo_doors, refuse_busy
from tests.runtime.program import free_port, free_ports, jifen

ROOT = Path(__file__).parents[2]


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another program listens on."""
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        yield other.getsockname()[1]


def test_free_ports_are_fine() -> None:
    one, other = free_ports(2)
    refuse_busy([Door("JIFEN_HTTP_PORT", "127.0.0.1", one), Door("JIFEN_METRICS_PORT", "127.0.0.1", other)])


def test_every_busy_port_is_named_with_its_variable(taken: int) -> None:
    doors = [Door("JIFEN_HTTP_PORT", "127.0.0.1", taken), Door("JIFEN_EMULATOR_PORT", "127.0.0.1", taken)]
    with pytest.raises(PortBusy) as told:
        refuse_busy(doors)
    lines = str(told.value).splitlines()
    assert lines[0] == f"JIFEN_HTTP_PORT 和 JIFEN_EMULATOR_PORT 都是 {taken}，请给其中一个换一个端口。"
    assert "JIFEN_HTTP_PORT 换一个端口" in lines[1]
    assert "JIFEN_EMULATOR_PORT 换一个端口" in lines[2]


def test_a_host_of_another_machine_is_named() -> None:
    with pytest.raises(PortBusy, match=r"不能使用 192\.0\.2\.1 的端口"):
        refuse_busy([Door("JIFEN_HTTP_PORT", "192.0.2.1", free_port())])


@pytest.mark.parametrize("text", ["0", "65536", "abc", "-1", "８０"])
def test_a_port_that_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(PortBusy, match="JIFEN_HTTP_PORT 应为：1 到 65535 之间的整数"):
        demo_doors({"JIFEN_HTTP_PORT": text})


def test_defaults_are_those_of_the_settings() -> None:
    from base.settings import Settings

    fields = {name: getattr(Settings(), name.removeprefix("JIFEN_").lower()) for name in DEFAULTS}
    assert fields == DEFAULTS


def tried(folder: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """What `make demo` runs before it installs anything: no package but the standard library."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("JIFEN_")}
    return subprocess.run(
        [sys.executable, "-S", "-m", "runtime.ports"], cwd=folder, capture_output=True, text=True, check=False,
        env=clean | {"PYTHONPATH": str(ROOT)} | variables, timeout=20,
    )  # fmt: skip


def test_make_tries_the_ports_with_the_standard_library_alone(tmp_path: Path, taken: int) -> None:
    http, metrics, console, emulator = map(str, free_ports(4))
    free = {
        "JIFEN_HTTP_PORT": http, "JIFEN_METRICS_PORT": metrics, "JIFEN_CONSOLE_PORT": console, "JIFEN_EMULATOR_PORT": emulator,
    }  # fmt: skip
    good = tried(tmp_path, **free)
    assert (good.returncode, good.stderr) == (0, "")
    (tmp_path / ".env").write_text(f"export JIFEN_EMULATOR_PORT='{taken}'\n", encoding="utf-8")
    bad = tried(tmp_path, JIFEN_HTTP_PORT=http, JIFEN_METRICS_PORT=metrics, JIFEN_CONSOLE_PORT=console)
    assert bad.returncode == 1
    assert f"端口 {taken} 已被别的程序占用" in bad.stderr
    assert tried(tmp_path, **free).returncode == 0, "the environment wins over the file"


def test_make_demo_tries_the_ports_first() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "demo: ports $(VENV)/.demo" in text


@pytest.mark.slow
def test_the_demo_beside_another_program_starts_nothing(tmp_path: Path, taken: int) -> None:
    http, metrics, console = map(str, free_ports(3))
    told = jifen(
        "demo", HTTP_PORT=http, METRICS_PORT=metrics, CONSOLE_PORT=console, EMULATOR_PORT=str(taken),
        DATA_DIR=str(tmp_path / "var"),
    )  # fmt: skip
    assert told.returncode == 1
    assert "JIFEN_EMULATOR_PORT" in told.stderr
    assert "已就绪" not in told.stdout
    assert not (tmp_path / "var").exists()


def test_ready_means_this_process_and_no_other(taken: int) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        assert not Part("serve", Path("serve.log"), other).listens_on(taken)
        other.communicate(b"\n")
