"""The demo's history: a few dozen members use the programme for fourteen months, through the real engine and a clock of its own.

Every command has a fixed request key, so a run that was interrupted is repeated from the start.
"""

import asyncio
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from base.clock import Clock, MovableClock
from base.settings import Settings
from loyalty.checkin.commands import CheckIn
from loyalty.directory import Directory
from loyalty.earning.commands import RecordEvent, event_request_key
from loyalty.engine.command import Command
from loyalty.engine.engine import Engine
from loyalty.games.commands import Draw
from loyalty.members.enrolment import Newcomer, enroll
from loyalty.members.identities import IdentityKey
from loyalty.members.profile import rename
from loyalty.opening import open_engine
from loyalty.programme.files.reading import read_rules
from loyalty.programme.publishing.publication import publish
from loyalty.programme.rules import RuleSet
from loyalty.referral.commands import BindReferral
from loyalty.rewards.commands import Redeem
from runtime.demo.programme import OWN, Played

DAYS = 425
NAMES = (
    "林晓雨", "陈一鸣", "王子涵", "李思远", "张雨桐", "刘浩然", "赵梓萱", "黄嘉怡", "周明轩",
    "吴欣妍", "徐志强", "孙佳宁", "马天宇", "朱雅琪", "胡文博", "郭静怡", "何俊杰", "高梦瑶",
    "罗一凡", "郑诗涵", "梁家豪", "谢雨欣", "宋浩宇", "唐婉清", "许泽楷", "韩雪", "冯建国",
    "邓紫晴", "曹子墨", "彭若溪", "曾小贤", "萧然", "田甜", "董浩", "袁媛", "潘安",
)  # fmt: skip
TILL = "name:demo"
HELD = 12
"""The number of the member whose phone can be held on the page."""


@dataclass(frozen=True)
class Regular:
    """One member of the history.

    `habit` is the percentage of days with a visit; in the last `gone_days` days there was none.
    """

    number: int
    name: str
    joined_days_ago: int
    habit: int
    gone_days: int

    def comes(self, day: int) -> bool:
        """Whether they visit on the day that lies `day` days back; the same in every run."""
        return self.gone_days < day <= self.joined_days_ago and chance(self.number, day, "visit") < self.habit


def chance(number: int, day: int, what: str) -> int:
    """A pseudo-random number in 0–99, the same in every run."""
    return hashlib.sha256(f"{number}:{day}:{what}".encode()).digest()[0] * 100 // 256


def regulars() -> list[Regular]:
    """The members: most visit now and then, some daily, some have not been seen for weeks."""
    return [
        Regular(
            number,
            name,
            joined_days_ago=DAYS - 3 - chance(number, 0, "joined") * 4,
            habit=12 + chance(number, 0, "habit") * 7 // 10,
            gone_days=chance(number, 0, "gone") if number % 5 == 0 else 0,
        )
        for number, name in enumerate(NAMES, 1)
    ]


async def create_past(
    pool: asyncpg.Pool,
    settings: Settings,
    clock: Clock,
    held: Sequence[IdentityKey] = (),
    tell: Callable[[int], None] = lambda _: None,
    shop: Played = OWN,
) -> int:
    """Publish the rules and run the members' commands up to yesterday; returns how many commands that were.

    The first of the members gets the identities `held`, those of a phone. `tell` hears after each day how many are done.
    """
    now = clock.now()
    past, directory = MovableClock(now - timedelta(days=DAYS)), Directory(pool, settings.timezone)
    async with open_engine(pool, past, settings.timezone, settings.keyring) as engine:
        rules = read_rules(shop.rules_file)
        if not await pool.fetchval("SELECT EXISTS (SELECT FROM rule_version)"):
            await publish(
                engine, rules, base=0, effective_from=past.now(), by="demo", reason="开业第一版规则"
            )
        commands = 0
        members: dict[int, int] = {}
        for days_ago in range(DAYS, 0, -1):
            past.move_to(now - timedelta(days=days_ago))
            await _join(engine, settings, members, past.now(), days_ago, held)
            for wave in _day(members, days_ago, past.now(), rules, shop):
                commands += len(await engine.run_all(wave))
                await engine.settle()
            await _visit(directory, members, past.now(), days_ago)
            tell(DAYS - days_ago + 1)
    return commands


async def _join(
    engine: Engine,
    settings: Settings,
    members: dict[int, int],
    now: datetime,
    days_ago: int,
    held: Sequence[IdentityKey],
) -> None:
    for regular in regulars():
        if regular.joined_days_ago == days_ago:
            own = ((settings.miniapp_app_id or "", f"demo-regular-{regular.number}"),)
            identities = tuple(held) if held and regular.number == HELD else own
            enrolled = await enroll(engine, Newcomer(identities, now))
            await rename(enrolled.member_id, regular.name, checked=True)
            earlier = [number for number in members if members[number] < enrolled.member_id]
            if earlier and chance(regular.number, 0, "invited") < 50:
                inviter = members[earlier[chance(regular.number, 1, "invited") % len(earlier)]]
                await engine.run(
                    BindReferral(
                        member_id=enrolled.member_id, request_key="demo:bind", at=now, inviter_id=inviter
                    )
                )
            members[regular.number] = enrolled.member_id


def _day(
    members: dict[int, int], days_ago: int, now: datetime, rules: RuleSet, shop: Played
) -> Iterator[list[Command]]:
    """One day's commands in waves with at most one command per member: sign-ins, purchases, draws, redemptions."""
    present = [regular for regular in regulars() if regular.number in members and regular.comes(days_ago)]
    wanted = [reward.id for reward in rules.rewards[:4]]
    yield [
        CheckIn(member_id=members[regular.number], request_key=f"demo:{days_ago}:check_in", at=now)
        for regular in present
    ]
    yield [
        _purchase(regular, members[regular.number], days_ago, now, shop)
        for regular in present
        if chance(regular.number, days_ago, "purchase") < 35
    ]
    yield [
        Draw(member_id=members[regular.number], request_key=f"demo:{days_ago}:draw", at=now, wheel=wheel.id)
        for wheel in rules.wheels[:1]
        for regular in present
        if chance(regular.number, days_ago, "draw") < 30
    ]
    yield [
        Redeem(
            member_id=members[regular.number], request_key=f"demo:{days_ago}:redeem", at=now, reward=reward
        )
        for regular in present
        for reward in [wanted[chance(regular.number, days_ago, "which") % len(wanted)]]
        if chance(regular.number, days_ago, "redeem") < 4
    ]


def _purchase(regular: Regular, member_id: int, days_ago: int, now: datetime, shop: Played) -> RecordEvent:
    """A purchase in one of the stores, reported by its till."""
    number = f"past-{days_ago}-{regular.number}"
    return RecordEvent(
        member_id=member_id,
        request_key=event_request_key(TILL, number),
        at=now,
        source=TILL,
        event=number,
        kind="purchase",
        amount_fen=shop.amounts_fen[chance(regular.number, days_ago, "amount") * 6 // 100],
        order=number,
        store=shop.stores[chance(regular.number, days_ago, "store") % len(shop.stores)],
        channel="pos",
    )


async def _visit(directory: Directory, members: dict[int, int], now: datetime, days_ago: int) -> None:
    present = [regular for regular in regulars() if regular.number in members and regular.comes(days_ago)]
    visits = (
        directory.note_visit(members[regular.number], now, skip_if_known_today=False) for regular in present
    )
    await asyncio.gather(*visits)
