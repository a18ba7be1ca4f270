"""Jifen as it runs: PostgreSQL and Redis of its own, two server processes, a worker, a WeChat, and wires between that can fail.

    members ── front ──▶ server A, server B        worker
                           │    │    └── database ──▶ PostgreSQL
                           │    └─────── redis ─────▶ Redis
                           └──────────── wechat ────▶ emulator (in the test's own process)

All go by one clock, the demo's: the machine's, plus an offset in a file.
"""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
from psutil import Process

from base.clock import OffsetClock
from base.settings import Settings
from embedded import Servers, embedded_servers
from embedded.places import existing_home
from embedded.processes import find, have_ended, mark_of, send
from loyalty.audit import audit
from loyalty.opening import open_engine
from loyalty.programme.files.document import read_document
from loyalty.programme.publishing.draft import Unchanged
from loyalty.programme.publishing.publication import publish
from loyalty.programme.rules import RuleSet
from models.database import migrate
from runtime.demo import accounts
from tests.emulator import harness
from tests.faults.processes import Part
from tests.ledger import DEMO_RULES, ZONE, rules_with
from tests.proxy import Proxy, open_proxy
from tests.runtime.forked import run_forked
from tests.runtime.program import environment, free_ports

JIFEN_WITHIN_S = 300.0

OWED = "owed-"
"""How the keys of notices begin that a test writes by itself."""


def generous_rules(**parts: Any) -> RuleSet:
    """The demo's rules with these parts, made for long tests: points, draws and cookies for all; nobody is ever woken up."""
    demo = read_document(DEMO_RULES.read_text(encoding="utf-8")).value
    rewards = [
        reward | ({"stock": 1_000_000} if reward["id"] == "cookie" else {}) for reward in demo["rewards"]
    ]
    wheels = [wheel | {"draws_per_day": 1000} for wheel in demo["wheels"]]
    notices = {"wake_up": {"silent_days": 3660}}
    given = {"welcome": {"points": 3000}, "rewards": rewards, "wheels": wheels, "notices": notices}
    return rules_with(**(given | parts))


@dataclass
class Machine:
    """The folder in which PostgreSQL and Redis live; both can be killed and started again at the same addresses."""

    data_dir: Path
    servers: Servers
    _again: AsyncExitStack

    def kill_postgres(self) -> None:
        """SIGKILL to every process of PostgreSQL at once."""
        self._kill("postgres")

    def kill_redis(self) -> None:
        """SIGKILL to Redis."""
        self._kill("redis-server")

    async def revive(self) -> None:
        """Start again what was killed, as the next user of the folder does."""
        if not all(self._alive().values()):
            await enter_in_thread(self._again, embedded_servers(self.data_dir))

    def _alive(self) -> dict[str, list[Process]]:
        home = existing_home(self.data_dir)
        assert home is not None
        marks = {"postgres": mark_of(home), "redis-server": mark_of(self.data_dir)}
        return {program: find(program, mark) for program, mark in marks.items()}

    def _kill(self, program: str) -> None:
        found = self._alive()[program]
        assert found, f"no {program} to kill"
        send(found, signal.SIGKILL)
        assert have_ended(found, 20)


@dataclass
class Installation:
    """Everything; see the picture above. `pool` goes straight to the database, for looking and for rules."""

    folder: Path
    machine: Machine
    front: Proxy
    database: Proxy
    redis: Proxy
    wechat: Proxy
    emulator: harness.Emulator
    clock: OffsetClock
    settings: Settings
    servers: list[Part]
    worker: Part

    @property
    def parts(self) -> list[Part]:
        """The processes of ours."""
        return [*self.servers, self.worker]

    @asynccontextmanager
    async def pool(self) -> AsyncIterator[asyncpg.Pool]:
        """Connections straight to PostgreSQL, past the wire that fails."""
        async with asyncpg.create_pool(self.machine.servers.database_url, min_size=1, max_size=4) as pool:
            yield pool

    async def publish(self, **parts: Any) -> int:
        """Publish the generous rules with these parts."""
        rules = generous_rules(**parts)
        async with self.pool() as pool, open_engine(pool, self.clock, ZONE, self.settings.keyring) as engine:
            base: int = await pool.fetchval("SELECT coalesce(max(id), 0) FROM rule_version")
            try:
                return await publish(
                    engine, rules, base=base, by="test", reason="a test's own rules", urgent=True
                )
            except Unchanged:  # they are in force
                return base

    async def calm(self) -> None:
        """Every wire whole, every process running and ready, WeChat itself again: how each test finds it and leaves it."""
        for wire in (self.front, self.database, self.redis, self.wechat):
            wire.behave()
            if not wire.is_open:
                await wire.open()
        self.emulator.world.faults.clear()
        await self.machine.revive()
        for part in self.parts:
            assert part.process is not None
            if part.process.poll() is None:
                part.thaw()
            else:
                part.begin()
        await asyncio.gather(*(part.ready() for part in self.parts))

    async def jifen(self, *words: str) -> tuple[int, str]:
        """Run `jifen <words>` as an operator in the data folder's own world; its exit code and what it printed."""
        given = environment({"DATA_DIR": str(self.settings.data_dir)})
        ended = await asyncio.to_thread(run_forked, words, given, JIFEN_WITHIN_S, self.folder)
        return ended.returncode, ended.stdout + ended.stderr

    async def assert_clean(self) -> None:
        """No invariant is broken, apart from news that a test owed without a receipt."""
        async with self.pool() as pool:
            await pool.execute("DELETE FROM notice WHERE key LIKE $1", f"{OWED}%")
            found = (await audit(pool, self.clock.now(), self.settings.keyring)).violations
            assert found == [], [str(one) for one in found[:5]]


async def enter_in_thread(stack: AsyncExitStack, servers: Any) -> Any:
    """Enter a blocking context in a thread, and leave it so when the stack ends."""
    entered = await asyncio.to_thread(servers.__enter__)
    stack.push_async_callback(asyncio.to_thread, servers.__exit__, None, None, None)
    return entered


@asynccontextmanager
async def open_installation(folder: Path, data_dir: Path) -> AsyncIterator[Installation]:
    """Start everything, with generous rules published; PostgreSQL keeps its data in `data_dir`, with fsync on."""
    async with AsyncExitStack() as stack:
        servers = await enter_in_thread(stack, embedded_servers(data_dir, temporary=True))
        machine = Machine(data_dir, servers, stack)
        await migrate(servers.database_url)
        ports = free_ports(4)
        settings = accounts.demo_settings(Settings(data_dir=data_dir, http_port=ports[0]))
        clock = OffsetClock(accounts.clock_path(settings))
        clock.advance(0)
        front = await stack.enter_async_context(
            open_proxy(*(f"http://127.0.0.1:{port}" for port in ports[:2]))
        )
        config = accounts.emulator_config(settings)
        emulator = await stack.enter_async_context(
            harness.running_emulator(
                folder,
                f"{front.url}/wechat",
                clock.now,
                clock.advance,
                **{name: getattr(config, name) for name in ACCOUNT_FIELDS},
            )
        )
        database = await stack.enter_async_context(open_proxy(servers.database_url))
        redis = await stack.enter_async_context(open_proxy(servers.redis_url))
        wechat = await stack.enter_async_context(open_proxy(emulator.base_url))
        given = {
            "DATA_DIR": str(settings.data_dir),
            "DATABASE_URL": database.url,
            "REDIS_URL": redis.url,
            "EMULATOR_PORT": str(wechat.port),
            "MEMBER_PER_MINUTE": "0",
        }

        def part(name: str, *words: str, **more: str) -> Part:
            ready = f"http://127.0.0.1:{more['HTTP_PORT']}/readyz" if more else None
            return Part(words, given | more, folder, folder / f"{name}.log", ready)

        installation = Installation(
            folder, machine, front, database, redis, wechat, emulator, clock, settings,
            servers=[
                part(f"server-{port}", "serve", "--demo", HTTP_PORT=str(port), METRICS_PORT=str(metrics))
                for port, metrics in zip(ports[:2], ports[2:], strict=True)
            ],
            worker=part("worker", "worker", "--demo"),
        )  # fmt: skip
        await installation.publish()
        try:
            for one in installation.parts:
                one.begin()
            await installation.calm()
            yield installation
        finally:
            await asyncio.gather(*(one.stop() for one in installation.parts))


ACCOUNT_FIELDS = (
    "oa_app_id", "oa_app_secret", "oa_token", "oa_encoding_aes_key", "miniapp_app_id", "miniapp_app_secret",
)  # fmt: skip
