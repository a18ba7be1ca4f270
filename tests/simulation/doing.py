"""How deeds are done at once: through which engines, and on which wire."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from base.clock import MovableClock
from loyalty.engine.engine import Engine
from loyalty.engine.transactions import EngineUnavailable
from loyalty.members.enrolment import Newcomer, enroll
from loyalty.opening import open_engine
from tests.ledger import KEYS, ZONE
from tests.simulation.brittle import Dead, Wire, open_brittle_pool, until_gone
from tests.simulation.deeds import Mode
from tests.simulation.happened import Asked, Met, Mismatch

FAULTS = (EngineUnavailable, asyncpg.InternalServerError, Dead)


@dataclass
class Engines:
    """`line` has one lane, `main` is as in a server, `rival` another process's; `struck` counts the faults that happened."""

    line: Engine
    main: Engine
    rival: Engine
    clock: MovableClock
    url: str
    eyes: asyncpg.Connection
    struck: int = 0
    _wires: int = 0

    async def do(self, mode: Mode, asks: Sequence[Asked], newcomers: Sequence[Met]) -> list[Met]:
        """Ask all at once, in the step's way; answers are noted in the asks, what newcomers were told is returned."""
        match mode.kind:
            case "line":
                return await _together({"one": self.line, "other": self.line}, asks, newcomers)
            case "race":
                return await _together({"one": self.main, "other": self.rival}, asks, newcomers)
            case _:
                return await self._on_a_brittle_wire(mode, asks, newcomers)

    async def again(self, asks: Sequence[Asked], newcomers: Sequence[Met]) -> list[Met]:
        """Ask through the engine that is well."""
        return await _together({"one": self.main}, asks, newcomers)

    async def _on_a_brittle_wire(
        self, mode: Mode, asks: Sequence[Asked], newcomers: Sequence[Met]
    ) -> list[Met]:
        self._wires += 1
        wire, name = Wire(), f"brittle-{self._wires}"
        async with open_brittle_pool(self.url, wire, name) as pool:
            async with open_engine(pool, self.clock, ZONE, KEYS) as engine:
                wire.arm(dict(mode.strikes))
                met = await _together({"one": engine, "other": self.main}, asks, newcomers)
            self.struck += wire.struck
        await until_gone(self.eyes, name)
        return met


async def _together(engines: dict[str, Engine], asks: Sequence[Asked], newcomers: Sequence[Met]) -> list[Met]:
    """Everything at once, and what it owes to others.

    What ends in one of the FAULTS is unknown; any other error is raised as a Mismatch.
    """
    doing = [
        *(engines[one.engine].run(one.command) for one in asks),
        *(enroll(engines["one"], newcomer(met)) for met in newcomers),
    ]
    answers: list[Any] = await asyncio.gather(*doing, return_exceptions=True)
    await asyncio.gather(*(engine.settle() for engine in engines.values()))
    for place, answer in enumerate(answers):
        if isinstance(answer, BaseException):
            if not isinstance(answer, FAULTS):
                raise Mismatch(f"{(*asks, *newcomers)[place]} raised {answer!r}") from answer
            answers[place] = None
    for one, answer in zip(asks, answers, strict=False):
        one.answer = answer
    return [met._replace(told=answer) for met, answer in zip(newcomers, answers[len(asks) :], strict=True)]


def newcomer(met: Met) -> Newcomer:
    """The person as a door meets them."""
    return Newcomer((("wx_sim", f"person-{met.person}"),), met.at)
