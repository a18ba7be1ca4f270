"""The faults of the embedded servers; every message is a sentence for the operator.

ServersError
├── DataDirRefused      the folder belongs to another user, or cannot be used
├── DataUnreachable     PostgreSQL's data cannot be found or reached
├── IncompatibleData    the data were written by another PostgreSQL
├── ServerBusy          another process uses a server that does not answer us
└── ServerStartFailed   a server did not start; carries the end of its log
"""

from pathlib import Path


class ServersError(Exception):
    """The embedded servers cannot be used."""


class DataDirRefused(ServersError):
    """DATA_DIR belongs to another user or cannot be used."""


class DataUnreachable(ServersError):
    """PostgreSQL's data have been moved or deleted, or its user cannot reach them."""


class IncompatibleData(ServersError):
    """The data were written by another major version of PostgreSQL."""

    def __init__(self, data: Path, found: str, wanted: str) -> None:
        self.data, self.found, self.wanted = data, found, wanted
        super().__init__(
            f"{data} 里的数据由 PostgreSQL {found} 写成，本程序自带 {wanted}，不能直接使用。"
            "请用旧版本的 pg_dump 导出，移走这个文件夹，再启动并导入。"
        )


class ServerBusy(ServersError):
    """Another process uses a server that does not answer here, so we must not restart it."""

    def __init__(self, server: str) -> None:
        self.server = server
        super().__init__(
            f"另一个进程正在使用 {server}，但从这里连不上它"
            "（例如 systemd 的 PrivateTmp 让两个服务看不到同一个 /tmp）。请让它们共用 /tmp，或停掉另一个。"
        )


class ServerStartFailed(ServersError):
    """A server did not start."""

    def __init__(self, server: str, log: Path) -> None:
        self.server, self.log = server, log
        super().__init__(f"{server} 没有启动成功。日志 {log} 的最后几行：\n{_tail(log)}")


def _tail(log: Path, lines: int = 15) -> str:
    if not log.exists():
        return "（没有日志）"
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
