"""A process whose concurrent callers run commands of one kind through the engine: sign-ins, draws on the hot wheel or purchases."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

from base.clock import SystemClock
from base.settings import Settings, load_settings
from bench.child import child_main
from bench.cpu import own_cpu_s
from bench.messages import AMOUNT_FEN
from bench.names import scattered
from loyalty.checkin.commands import CheckIn
from loyalty.checkin.outcomes import CheckedIn
from loyalty.earning.commands import RecordEvent, event_request_key
from loyalty.earning.outcomes import EventRecorded
from loyalty.engine.command import Command
from loyalty.games.commands import Draw
from loyalty.games.outcomes import Drawn
from loyalty.opening import open_engine
from models.database import open_database

SOURCE: Final = "name:bench"
EXPECTED: Final = (CheckedIn, Drawn, EventRecorded)


async def call(plan: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Run commands for `seconds` after `warm_s`, or `count` of them if the plan says so, for this process's share of the members.

    `asked` are the commands, `answered` those that were accepted.
    """
    clock, make = SystemClock(), MAKERS[plan["command"]]
    asked = answered = in_window = 0
    most = plan.get("count")
    async with (
        open_database(settings.database_url or "") as pool,
        open_engine(pool, clock, settings.timezone, settings.keyring) as engine,
    ):
        cpu_s, began = own_cpu_s(), time.perf_counter()
        since, until = began + plan["warm_s"], began + plan["warm_s"] + plan["seconds"]
        last = until

        async def one_after_the_other() -> None:
            nonlocal asked, answered, in_window, last
            while asked < most if most is not None else time.perf_counter() < until:
                number, asked = asked, asked + 1
                decision = await engine.run(make(plan, number, clock))
                answered += isinstance(decision.outcome, EXPECTED)
                last = time.perf_counter()
                in_window += last >= since

        await asyncio.gather(*(one_after_the_other() for _ in range(plan["callers"])))
        cpu_s = own_cpu_s() - cpu_s
    return {
        "per_second": in_window / (last - since),
        "asked": asked,
        "answered": answered,
        "cpu_s": cpu_s,
    }


def _draw(plan: dict[str, Any], number: int, clock: SystemClock) -> Command:
    key = f"api:{plan['salt']:016}{plan['process']:04}{number:012}"
    return Draw(member_id=_member(plan, number), request_key=key, at=clock.now(), wheel=plan["wheel"])


def _sign_in(plan: dict[str, Any], number: int, clock: SystemClock) -> Command:
    key = f"oa:{plan['salt']:016}{plan['process']:04}{number:012}"
    return CheckIn(member_id=_member(plan, number), request_key=key, at=clock.now())


def _purchase(plan: dict[str, Any], number: int, clock: SystemClock) -> Command:
    named = f"{plan['salt']:016}{plan['process']:04}{number:012}"
    return RecordEvent(
        member_id=_member(plan, number), request_key=event_request_key(SOURCE, named), at=clock.now(), source=SOURCE,
        event=named, kind="purchase", amount_fen=AMOUNT_FEN, order=named, channel="pos",
    )  # fmt: skip


def _member(plan: dict[str, Any], number: int) -> int:
    place = plan.get("first", 0) + number * plan["processes"] + plan["process"]
    return scattered(place, plan["members"])


MAKERS: Final[dict[str, Callable[[dict[str, Any], int, SystemClock], Command]]] = {
    "draw": _draw,
    "sign_in": _sign_in,
    "purchase": _purchase,
}


if __name__ == "__main__":
    child_main(lambda plan: load_settings(plan["settings"], None), call)
