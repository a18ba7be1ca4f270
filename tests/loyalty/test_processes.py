"""Everything fifty times at once from two processes: one effect where the fact is one, exact stock where there are many."""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.referral.commands import BindReferral
from loyalty.rewards.commands import Redeem
from loyalty.rewards.outcomes import Redeemed
from tests.ledger import KEYS, Ledger, rules_with
from tests.loyalty.test_races import CUP, HOT_WHEEL

pytestmark = pytest.mark.slow

Asked = list[tuple[str, dict[str, Any]]]
Told = Counter[tuple[str, bool]]


@dataclass
class Processes:
    """Two processes that run what they are given at the same time."""

    running: list[subprocess.Popen[str]]

    async def run(self, ledger: Ledger, asked: Asked) -> Told:
        """Deal the commands out in turn; how often each (code, replayed) was heard."""
        at = ledger.clock.now().isoformat()
        for place, process in enumerate(self.running):
            assert process.stdin is not None
            process.stdin.write(json.dumps({"at": at, "commands": asked[place :: len(self.running)]}) + "\n")
            process.stdin.flush()
        told: Told = Counter()
        for process in self.running:
            assert process.stdout is not None
            line = await asyncio.to_thread(process.stdout.readline)
            told.update((code, replayed) for code, replayed in json.loads(line))
        return told


@pytest.fixture(scope="module")
def processes(migrated_url: str) -> Iterator[Processes]:
    """The two, started once."""
    command = [sys.executable, "-m", "tests.loyalty.storm", migrated_url]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    running = [subprocess.Popen(command, **pipes) for _ in range(2)]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    yield Processes(running)
    for process in running:
        process.communicate(timeout=60)
        assert process.returncode == 0


async def clean(ledger: Ledger) -> None:
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


def fifty(name: str, member: int, *, same_key: bool, **fields: Any) -> Asked:
    """Fifty times the same, under one request key or fifty."""
    keys = (f"api:{0 if same_key else number}" for number in range(50))
    return [(name, {"member_id": member, "request_key": key, **fields}) for key in keys]


async def test_fifty_sign_ins_of_a_day(ledger: Ledger, processes: Processes) -> None:
    member = await ledger.member()
    told = await processes.run(ledger, fifty("CheckIn", member, same_key=False))
    assert told == {("checked_in", False): 1, ("already_checked_in", False): 49}
    assert (await ledger.balance(member), await ledger.version(member)) == (110, 2)
    await clean(ledger)


async def test_fifty_gifts(ledger: Ledger, processes: Processes) -> None:
    await ledger.publish(rules_with(welcome={"points": 0}))
    member = await ledger.member()
    await ledger.publish(rules_with())
    told = await processes.run(ledger, fifty("Welcome", member, same_key=False))
    assert told == {("welcomed", False): 1, ("already_done", False): 49}
    assert (await ledger.balance(member), await ledger.version(member)) == (100, 1)
    await clean(ledger)


async def test_fifty_times_giving_one_thing_back(ledger: Ledger, processes: Processes) -> None:
    member = await ledger.member()
    bought = (await ledger.run(Redeem, member, reward="cookie")).outcome
    assert isinstance(bought, Redeemed)
    told = await processes.run(
        ledger, fifty("Cancel", member, same_key=False, receipt_no=bought.receipt_no, line=0)
    )
    assert told == {("cancelled", False): 1, ("not_cancellable", False): 49}
    assert await ledger.balance(member) == 100
    assert await ledger.pool.fetchval("SELECT taken FROM stock WHERE item = 'reward:cookie'") == 0
    await clean(ledger)


async def test_fifty_rewards_for_one_friend(ledger: Ledger, processes: Processes) -> None:
    inviter, friend = await ledger.member(), await ledger.member()
    await ledger.run(BindReferral, friend, inviter_id=inviter)
    await ledger.pool.execute("UPDATE account SET status = 'frozen' WHERE member_id = $1", inviter)
    await ledger.run(CheckIn, friend)
    await ledger.pool.execute("UPDATE account SET status = 'open' WHERE member_id = $1", inviter)
    told = await processes.run(ledger, fifty("RewardReferral", inviter, same_key=False, friend_id=friend))
    assert told == {("referral_rewarded", False): 1, ("already_done", False): 49}
    assert await ledger.balance(inviter) == 150
    await clean(ledger)


async def test_fifty_bindings_of_one_friend(ledger: Ledger, processes: Processes) -> None:
    inviters = [await ledger.member() for _ in range(50)]
    friend = await ledger.member()
    asked: Asked = [
        ("BindReferral", {"member_id": friend, "request_key": f"api:{inviter}", "inviter_id": inviter})
        for inviter in inviters
    ]
    told = await processes.run(ledger, asked)
    assert told == {("referral_bound", False): 1, ("already_bound", False): 49}
    assert await ledger.count("referral") == 1


@pytest.mark.parametrize(
    ("name", "fields", "code", "left"),
    [
        ("CheckIn", {}, "checked_in", 110),
        ("Redeem", {"reward": "cup"}, "redeemed", 90),
        ("Draw", {"wheel": "hot", "count": 3, "client_seed": "x"}, "drawn", 97),
        ("Redeem", {"reward": "cup", "quantity": 11}, "out_of_stock", 100),
        ("Draw", {"wheel": "hot", "count": 101}, "not_enough_points", 100),
    ],
)
async def test_one_request_fifty_times(
    ledger: Ledger, processes: Processes, name: str, fields: dict[str, Any], code: str, left: int
) -> None:
    await ledger.publish(rules_with(wheels=[HOT_WHEEL], rewards=[CUP]))
    member = await ledger.member()
    told = await processes.run(ledger, fifty(name, member, same_key=True, **fields))
    assert told == {(code, False): 1, (code, True): 49}
    assert (await ledger.balance(member), await ledger.version(member)) == (left, 2)
    await clean(ledger)


async def test_fifty_purchases_of_one_purse(ledger: Ledger, processes: Processes) -> None:
    await ledger.publish(rules_with(rewards=[CUP | {"price_points": 30, "stock": None}]))
    member = await ledger.member()
    told = await processes.run(ledger, fifty("Redeem", member, same_key=False, reward="cup"))
    assert told == {("redeemed", False): 3, ("not_enough_points", False): 47}
    assert (await ledger.balance(member), await ledger.count("redemption")) == (10, 3)
    await clean(ledger)


async def test_fifty_buyers_of_ten_pieces(ledger: Ledger, processes: Processes) -> None:
    await ledger.publish(rules_with(rewards=[CUP]))
    buyers = [await ledger.member() for _ in range(50)]
    asked: Asked = [("Redeem", {"member_id": buyer, "request_key": "r", "reward": "cup"}) for buyer in buyers]
    told = await processes.run(ledger, asked)
    assert told == {("redeemed", False): 10, ("out_of_stock", False): 40}
    assert await ledger.pool.fetchval("SELECT stocked - taken FROM stock WHERE item = 'reward:cup'") == 0
    assert await ledger.pool.fetchval("SELECT sum(available) FROM account") == 10 * 90 + 40 * 100
    await clean(ledger)


async def test_fifty_draws_at_ten_prizes(ledger: Ledger, processes: Processes) -> None:
    await ledger.publish(rules_with(wheels=[HOT_WHEEL]))
    players = [await ledger.member() for _ in range(25)]
    asked: Asked = [
        ("Draw", {"member_id": player, "request_key": key, "wheel": "hot"})
        for player in players
        for key in "ab"
    ]
    told = await processes.run(ledger, asked)
    assert told == {("drawn", False): 50}
    assert await ledger.count("draw", prize="grand") == 10
    assert await ledger.count("draw", prize="consolation", candidate="grand") == 40
    assert await ledger.count("redemption") == 10
    await clean(ledger)
