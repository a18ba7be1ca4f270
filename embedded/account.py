"""The users that the servers run as: our own; under root PostgreSQL gets an unprivileged user, as it refuses to run as root."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from embedded.errors import ServersError

# Debian's database user if it exists; every system has `nobody`.
UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """A user of this machine."""

    name: str
    uid: int
    gid: int

    @property
    def is_us(self) -> bool:
        """Whether this process already runs as this user."""
        return self.uid == os.geteuid()


def ourselves() -> Account:
    """Return the user this process runs as; raises ServersError for a user id without a name."""
    return of_uid(os.geteuid())


def of_uid(uid: int) -> Account:
    """Return the user with this id; raises ServersError when it has no name, as PostgreSQL needs one."""
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise ServersError(
            f"用户号 {uid} 在这台机器上没有用户名，PostgreSQL 不能用它运行；请在 /etc/passwd 里加上它"
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def for_postgres() -> Account:
    """Return the user a new PostgreSQL runs as; raises ServersError for root when there is no other user."""
    if os.geteuid() != 0:
        return ourselves()
    known = {entry.pw_name: entry for entry in pwd.getpwall() if entry.pw_uid != 0}
    for name in UNPRIVILEGED:
        if name in known:
            return Account(name, known[name].pw_uid, known[name].pw_gid)
    raise ServersError(
        f"PostgreSQL 不能以 root 运行，而这台机器上没有可用的普通用户（{'、'.join(UNPRIVILEGED)}）"
    )


def run_as(
    account: Account,
    command: Sequence[str | Path],
    *,
    cwd: Path = Path("/"),
    stdin: str = "",
    output: IO[bytes] | int = subprocess.DEVNULL,
) -> int:
    """Run a program to its end as `account` and return its exit code; raises OSError if it cannot start.

    Its environment has no `PG*` variable, as those would change PostgreSQL's settings. It has a session of its own, so that Ctrl-C
    in the terminal does not reach it. A Ctrl-C in this process is raised after the program's end, so that no server is half
    started.
    """
    process = subprocess.Popen(  # noqa: S603 - a fixed program and our own paths, no shell
        [str(word) for word in command],
        cwd=cwd,
        env={name: value for name, value in os.environ.items() if not name.startswith("PG")}
        | {"LC_ALL": "C"},
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=output,
        start_new_session=True,
        umask=0o077,
        user=None if account.is_us else account.uid,
        group=None if account.is_us else account.gid,
        extra_groups=None if account.is_us else [],
    )
    return _ended(process, stdin)


def _ended(process: subprocess.Popen[bytes], stdin: str) -> int:
    interrupt: KeyboardInterrupt | None = None
    text: bytes | None = stdin.encode()
    while True:
        try:
            process.communicate(text)
            break
        except KeyboardInterrupt as pressed:
            interrupt, text = pressed, None
    if interrupt:
        raise interrupt
    return process.returncode


def can_enter(account: Account, folder: Path) -> bool:
    """Whether `account` can pass through every parent into `folder`; the kernel decides, so ACLs count."""
    return run_as(account, ["/bin/sh", "-c", 'cd -- "$1"', "sh", folder]) == 0


def can_use(account: Account, *programs_and_files: Path) -> bool:
    """Whether `account` can read every one of these files."""
    return (
        run_as(
            account, ["/bin/sh", "-c", 'for f; do test -r "$f" || exit 1; done', "sh", *programs_and_files]
        )
        == 0
    )
