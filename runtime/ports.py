"""The ports that a program listens on, tried before anything else is started.

`make demo` runs this file before it installs anything (`python3 -m runtime.ports`), so it needs the standard library only.
"""

import errno
import os
import socket
import sys
from collections.abc import Iterable, Mapping
from itertools import combinations
from pathlib import Path
from typing import Final, NamedTuple

DEFAULTS: Final = {
    "JIFEN_HTTP_PORT": 8080,
    "JIFEN_METRICS_PORT": 8082,
    "JIFEN_CONSOLE_PORT": 8081,
    "JIFEN_EMULATOR_PORT": 8090,
}
PURPOSES: Final = {
    "JIFEN_HTTP_PORT": "服务",
    "JIFEN_METRICS_PORT": "监控指标",
    "JIFEN_CONSOLE_PORT": "运营后台",
    "JIFEN_EMULATOR_PORT": "模拟微信和手机页面",
}
HOSTS: Final = {
    "JIFEN_HTTP_PORT": "JIFEN_HTTP_HOST",
    "JIFEN_METRICS_PORT": "JIFEN_METRICS_HOST",
    "JIFEN_CONSOLE_PORT": "JIFEN_CONSOLE_HOST",
}
LOCALHOST: Final = "127.0.0.1"


class Door(NamedTuple):
    """A port to listen on, and the variable that sets it."""

    variable: str
    host: str
    port: int


class PortBusy(Exception):
    """Other programs listen on these ports, or two of ours would on one; a Chinese sentence for each, naming its variable."""


def refuse_busy(doors: Iterable[Door]) -> None:
    """Try all doors. Raises PortBusy naming every one that cannot be opened, and two on one port."""
    listed = list(doors)
    problems = [*_doubles(listed), *(problem for door in listed if (problem := _problem(door)))]
    if problems:
        raise PortBusy("\n".join(problems))


def demo_doors(variables: Mapping[str, str]) -> list[Door]:
    """The demo's ports, by these variables or by default. Raises PortBusy for a port that is no number."""
    return [
        Door(name, variables.get(HOSTS.get(name, "")) or LOCALHOST, _number(name, variables.get(name, "")))
        for name in DEFAULTS
    ]


def _number(name: str, text: str) -> int:
    if not text:
        return DEFAULTS[name]
    if not (text.isascii() and text.isdecimal()) or not 0 < int(text) < 1 << 16:
        raise PortBusy(f"{name} 应为：1 到 65535 之间的整数。现在是 {text[:80]!r}。")
    return int(text)


def _doubles(doors: list[Door]) -> list[str]:
    return [
        f"{one.variable} 和 {other.variable} 都是 {one.port}，请给其中一个换一个端口。"
        for one, other in combinations(doors, 2)
        if one.port == other.port
    ]


def _problem(door: Door) -> str | None:
    family = socket.AF_INET6 if ":" in door.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((door.host, door.port))
            tried.listen()
        except OSError as error:
            return _sentence(door, error)
    return None


def _sentence(door: Door, error: OSError) -> str:
    purpose = PURPOSES.get(door.variable, "程序")
    if error.errno == errno.EADDRINUSE:
        return (
            f"{purpose}要用的端口 {door.port} 已被别的程序占用（也许是另一个还开着的演示）。"
            f"请停掉它，或用 {door.variable} 换一个端口，例如 {door.variable}={_other(door.port)}。"
        )
    return f"{purpose}不能使用 {door.host} 的端口 {door.port}：{os.strerror(error.errno or 0)}。请检查 {door.variable}。"


def _other(port: int) -> int:
    return port + 1000 if port + 1000 < 1 << 16 else port - 1000


def _variables(env_file: Path) -> dict[str, str]:
    """The variables of the environment and of `.env`, as far as a plain `NAME=value` line gives them."""
    found: dict[str, str] = {}
    if env_file.is_file():
        for line in env_file.read_text(encoding="utf-8", errors="replace").splitlines():
            name, _, value = line.strip().removeprefix("export ").partition("=")
            found[name.strip()] = value.strip().strip("\"'")
    return found | {name: value for name, value in os.environ.items() if value}


if __name__ == "__main__":
    try:
        refuse_busy(demo_doors(_variables(Path(".env"))))
    except PortBusy as busy:
        sys.exit(str(busy))
