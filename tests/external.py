"""`make test-external`: the whole suite against Debian's PostgreSQL and Redis, or against servers given by URL.

JIFEN_TEST_DATABASE_URL and JIFEN_TEST_REDIS_URL name servers to use; for one that is not named a private one is started in a
temporary folder and stopped afterwards. JIFEN_TEST_CITUS_WORKERS has the ports of the workers, where the database is the
coordinator of a Citus cluster. What follows on the command line goes to pytest.
"""

import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests import cluster
from tests.debian import debian_postgres, debian_redis, postgres_programs, program

NEEDED = {"JIFEN_TEST_DATABASE_URL": "postgresql", "JIFEN_TEST_REDIS_URL": "redis-server"}


def main(words: list[str]) -> int:
    """Start what is missing, run pytest, stop it again; pytest's exit code, or 2 with a sentence when something is missing."""
    given = {name: os.environ[name] for name in NEEDED if os.environ.get(name)}
    if cluster.ports() and "JIFEN_TEST_DATABASE_URL" not in given:
        print(f"{cluster.WORKERS} 要与协调节点的地址 JIFEN_TEST_DATABASE_URL 一起给出。", file=sys.stderr)
        return 2
    found = {"postgresql": postgres_programs(), "redis-server": program("redis-server")}
    missing = [package for name, package in NEEDED.items() if name not in given and found[package] is None]
    if missing:
        print(
            f"这台机器上没有 {'、'.join(missing)}：请运行 sudo apt-get install {' '.join(missing)}，"
            f"或者用 {'、'.join(NEEDED)} 给出已有服务器的地址。",
            file=sys.stderr,
        )
        return 2
    with ExitStack() as servers:
        # Beneath /tmp itself: an unprivileged server must be able to enter, and socket paths stay short.
        folder = Path(
            servers.enter_context(tempfile.TemporaryDirectory(prefix="jifen-external-", dir="/tmp"))
        )
        folder.chmod(0o711)
        if "JIFEN_TEST_DATABASE_URL" not in given:
            given["JIFEN_TEST_DATABASE_URL"] = servers.enter_context(debian_postgres(folder / "pg"))
        if "JIFEN_TEST_REDIS_URL" not in given:
            given["JIFEN_TEST_REDIS_URL"] = servers.enter_context(debian_redis(folder / "redis"))
        print("\n".join(f"{name}={url.rpartition('@')[2]}" for name, url in given.items()))
        return subprocess.run(
            [sys.executable, "-m", "pytest", *words], env=os.environ | given, check=False
        ).returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
