"""The embedded PostgreSQL 18: initialises, starts, takes over and stops it.

Callers hold the start lock. The server listens on a Unix socket only, and accepts only the user that this process runs as (`peer`),
whichever user the server itself runs as. Role and database are both called `jifen`.
"""

import logging
import os
import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil

from embedded import processes
from embedded.account import Account, for_postgres, of_uid, ourselves, run_as
from embedded.binaries import postgres_programs, psql
from embedded.errors import DataUnreachable, ServerBusy, ServerStartFailed
from embedded.places import existing_home, postgres_home
from embedded.postgres_data import NAME, fresh_log, make_data

logger = logging.getLogger(__name__)

PORT = 5432
RECOVERY_S = 600
ANSWER_S = 15
STOP_S = 60


@dataclass(frozen=True)
class Postgres:
    """One PostgreSQL server: its user, the folder that holds its data folder, the folder of its sockets, its log."""

    account: Account
    home: Path
    run: Path
    log: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.home / "data"

    @property
    def sockets(self) -> Path:
        """The folder of the Unix socket, the server's own."""
        return self.run / "pg"

    @property
    def url(self) -> str:
        """The address for asyncpg, libpq and Tortoise; with a port, so that PGPORT cannot change it."""
        return f"postgresql://jifen@/jifen?host={quote(str(self.sockets), safe='/')}&port={PORT}"


def ensure(data_dir: Path, run: Path, *, alone: bool, fsync: bool) -> tuple[Postgres, list[str]]:
    """Return the server of a DATA_DIR, running and answering, with notes on what had to be repaired.

    `alone`: no other process uses it, so a server that does not answer may be restarted. `fsync=False` trades durability for speed,
    for tests. Raises a ServersError.
    """
    server = _server(data_dir, run)
    notes: list[str] = []
    if _postmaster(server.home):
        if _answers_soon(server):
            return server, [f"接管了上次留下的 {NAME}"] if alone else []
        if not alone:
            raise ServerBusy(NAME)
        notes.append(f"上次留下的 {NAME} 没有应答，已重新启动")
        stop(data_dir)
    notes += _clear_stale_pid_file(server)
    make_data(server.account, server.home, server.log, fsync=fsync)
    _start(server, fsync=fsync)
    return server, notes


def begin_stop(data_dir: Path) -> None:
    """Ask the server of a DATA_DIR, if there is one, for a fast shutdown: it ends all sessions and writes a checkpoint."""
    home = existing_home(data_dir)
    postmaster = _postmaster(home) if home else None
    if postmaster:
        processes.send([postmaster], signal.SIGINT)


def stop(data_dir: Path) -> None:
    """Stop the server of a DATA_DIR and wait for all its processes to end; kill those that do not."""
    begin_stop(data_dir)
    home = existing_home(data_dir)
    everyone = _processes(home) if home else []
    if not processes.have_ended(everyone, STOP_S):
        logger.warning("%s 在 %s 秒内没有停下来，强制结束它；下次启动会自动恢复", NAME, STOP_S)
        processes.send(everyone, signal.SIGKILL)
        processes.have_ended(everyone, STOP_S)


def _server(data_dir: Path, run: Path) -> Postgres:
    home = existing_home(data_dir)
    data = home / "data" if home else None
    account = of_uid(data.stat().st_uid) if data and data.exists() else for_postgres()
    if not account.is_us and os.geteuid() != 0:
        raise DataUnreachable(
            f"{data} 属于用户 {account.name}，请以原来的用户运行，或用 JIFEN_DATA_DIR 另给一个文件夹"
        )
    return Postgres(account, postgres_home(data_dir, account), run, data_dir / "log" / "postgres.log")


def _processes(home: Path) -> list[psutil.Process]:
    return processes.find("postgres", processes.mark_of(home))


def _postmaster(home: Path) -> psutil.Process | None:
    pid = _recorded_pid(home)
    return next((found for found in _processes(home) if found.pid == pid), None)


def _recorded_pid(home: Path) -> int | None:
    first = _pid_file(home)[0]
    return int(first) if first.isdecimal() else None


def _status(home: Path) -> str:
    return _pid_file(home)[-1]


def _pid_file(home: Path) -> list[str]:
    """Return the lines of `postmaster.pid`: the process id comes first, the server's status last."""
    try:
        text = (home / "data" / "postmaster.pid").read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return [""]
    return [line.strip() for line in text.splitlines()] or [""]


def _answers_soon(server: Postgres) -> bool:
    since = time.monotonic()
    while not _answers(server):
        timeout_s = RECOVERY_S if _status(server.home) == "starting" else ANSWER_S
        is_too_long = time.monotonic() - since > timeout_s
        # A server whose socket file is gone can never be reached (a cleanup of /tmp deletes such files), so waiting is useless.
        if is_too_long or not _socket(server).exists() or not _postmaster(server.home):
            return False
        time.sleep(0.2)
    return True


def _answers(server: Postgres) -> bool:
    ask: list[str | Path] = [
        psql(),
        "--no-psqlrc",
        "--no-password",
        "--quiet",
        f"--dbname={server.url}&connect_timeout=5",
    ]
    return run_as(ourselves(), ask, stdin="SELECT 1;") == 0


def _socket(server: Postgres) -> Path:
    return server.sockets / f".s.PGSQL.{PORT}"


def _clear_stale_pid_file(server: Postgres) -> list[str]:
    """Wait for the processes of a killed server, and delete its pid file if another program now has that process id.

    PostgreSQL itself handles a pid file whose process has ended, and does it with more care, as it knows the shared memory. But it
    takes any living process of its user with that id for a server.
    """
    pid_file = server.data / "postmaster.pid"
    if not pid_file.exists():
        return []
    pid = _recorded_pid(server.home)
    all_ended = processes.have_ended(_processes(server.home), STOP_S)
    if all_ended and (pid is None or _is_no_server(pid, server.data)):
        pid_file.unlink(missing_ok=True)
    return [f"上次 {NAME} 没有正常停止，已自动恢复"]


def _is_no_server(pid: int, data: Path) -> bool:
    """Whether this process id is in use, but not by a server on `data`, whose working directory would be that folder.

    A dead server whose parent has not collected it is a zombie and keeps its id, as in a container whose first process collects
    none.
    """
    try:
        process = psutil.Process(pid)
        if process.name() != "postgres" or process.status() == psutil.STATUS_ZOMBIE:
            return True
        return Path(process.cwd()) != data
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def _start(server: Postgres, *, fsync: bool) -> None:
    _prepare_run_folder(server)
    options = " ".join(f"-c {name}={value}" for name, value in _options(server, fsync=fsync).items())
    pg_ctl = postgres_programs(server.account) / "pg_ctl"
    with fresh_log(server.log) as log:
        # A relative `-D data`, because pg_ctl hands the path to a shell.
        ended = run_as(
            server.account,
            [pg_ctl, "start", "--silent", "--wait", f"--timeout={RECOVERY_S}", "-D", "data", "-o", options],
            cwd=server.home,
            output=log,
        )
    if ended != 0 or not _answers(server):
        raise ServerStartFailed(NAME, server.log)


def _options(server: Postgres, *, fsync: bool) -> dict[str, str]:
    durable = "on" if fsync else "off"
    return {
        "cluster_name": processes.mark_of(server.home),
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": str(server.sockets),
        "hba_file": str(server.run / "hba.conf"),
        "ident_file": str(server.run / "ident.conf"),
        "max_connections": "100",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_checkpoints": "off",
        "fsync": durable,
        "synchronous_commit": durable,
        "full_page_writes": durable,
    }


def _prepare_run_folder(server: Postgres) -> None:
    if server.sockets.exists():
        shutil.rmtree(server.sockets)  # a killed server's socket and its lock file
    server.sockets.mkdir(mode=0o700)
    os.chown(server.sockets, server.account.uid, server.account.gid)
    if not server.account.is_us:
        server.run.chmod(0o711)  # the server's user must reach its sockets and its hba.conf
    for name, rule in (
        ("hba.conf", "local all all peer map=jifen\n"),
        ("ident.conf", f'jifen "{ourselves().name}" all\n'),
    ):
        (server.run / name).write_text(rule, encoding="utf-8")
        (server.run / name).chmod(0o644)
