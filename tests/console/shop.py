"""A shop with its console for a test: the real pages in a process of their own, and operators of every role."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from operators.roles import ROLES, Role
from tests.alive import until_alive
from tests.console import console_program
from tests.ledger import Ledger
from tests.operators.desks import Person, person
from tests.runtime.forked import around, begin

NAMES: Final[dict[Role, str]] = {
    "owner": "老板娘",
    "operations": "小运",
    "finance": "小财",
    "clerk": "小店",
    "auditor": "小审",
}
STORE: Final = "sh-01"


@dataclass
class Shop:
    """A ledger, the console in front of it, and who may log in there."""

    ledger: Ledger
    url: str
    people: dict[Role, Person]
    _orders: tuple[asyncio.StreamReader, asyncio.StreamWriter]
    _closing: AsyncExitStack
    _clients: dict[Role, httpx.AsyncClient] = field(default_factory=dict)

    async def advance(self, seconds: float) -> None:
        """Move both clocks."""
        self.ledger.clock.advance(seconds)
        answers, orders = self._orders
        orders.write(f"{seconds}\n".encode())
        assert await answers.readline()

    async def stranger(self) -> httpx.AsyncClient:
        """A client that has not logged in, and says that it comes from the console's own pages."""
        client = httpx.AsyncClient(base_url=self.url, headers={"Origin": self.url}, trust_env=False)
        return await self._closing.enter_async_context(client)

    async def at(self, role: Role) -> httpx.AsyncClient:
        """A client that an operator of the role is logged in with, one for all tests."""
        if role not in self._clients:
            self._clients[role] = await self.log_in(self.people[role])
        return self._clients[role]

    def forget_log_ins(self) -> None:
        """Have each role log in anew, after their sessions ended."""
        self._clients.clear()

    async def log_in(self, one: Person) -> httpx.AsyncClient:
        """A new client that the person has logged in with, by the form."""
        client = await self.stranger()
        answer = await client.post("/login", data=await self.given(one))
        assert answer.status_code == 303, words_of(answer.text)
        return client

    async def given(self, one: Person) -> dict[str, str]:
        """What the person types to log in, with the next code."""
        await self.advance(30)  # each code is taken once
        return {"name": one.name, "password": one.password, "code": one.code()}


@asynccontextmanager
async def open_shop(
    ledger: Ledger, redis_url: str, folder: Path, wechat: str = "http://127.0.0.1:9"
) -> AsyncIterator[Shop]:
    """The console on the ledger's database, with an operator of every role who has set everything up."""
    people = {role: (await person(ledger, NAMES[role], role, _store(role)))[0] for role in ROLES}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    arguments = (
        ledger.database_url,
        redis_url,
        str(folder),
        str(port),
        wechat,
        ledger.clock.now().isoformat(),
    )
    ours, theirs = socket.socketpair()
    with theirs:
        program = begin(around(folder / "console.log"), console_program.main, theirs, *arguments)
    answers, orders = await asyncio.open_connection(sock=ours)
    try:
        url = f"http://127.0.0.1:{port}"
        await until_alive(url, program)
        async with AsyncExitStack() as closing:
            yield Shop(ledger, url, people, (answers, orders), closing)
    finally:
        orders.close()
        await asyncio.to_thread(program.wait)
        print((folder / "console.log").read_text(encoding="utf-8"))


def words_of(html: str) -> str:
    """What a page says, without its tags and scripts."""
    return re.sub(r"\s+", " ", re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", html, flags=re.DOTALL))


def _store(role: Role) -> str | None:
    return STORE if role == "clerk" else None
