"""What reactions to a result brought the same member is in the answer: live, on a replay anywhere, and after a crash."""

import asyncio
import signal
import sys

from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.checkin.outcomes import CheckedIn
from loyalty.engine.follow_ups import LEASE
from loyalty.engine.outcomes import Outcome
from loyalty.engine.reads import ReadRequest
from loyalty.referral.commands import BindReferral
from loyalty.referral.outcomes import ReferralQualified
from tests.ledger import KEYS, Ledger
from tests.loyalty.engine.invented import ALL, RULE, Glowed, HangFor, Hung, Lit

KEY = "oa:1"
LIT_AND_GLOWING = (Lit(112), Glowed())
"""After the gift of 100, the sign-in of 10 and the lantern of 2."""
LEFT = "SELECT command FROM follow_up WHERE done_at IS NULL"


async def sign_in(ledger: Ledger, member: int) -> tuple[Outcome, ...]:
    """What a sign-in is answered with beside its own result, heard for the first time."""
    decision = await ledger.run(CheckIn, member, key=KEY)
    assert isinstance(decision.outcome, CheckedIn)
    assert not decision.replayed
    return decision.consequences


async def heard_again(ledger: Ledger, member: int) -> list[tuple[Outcome, ...]]:
    """What two repeats of the request hear, in this engine and in another one."""
    async with ledger.rival() as rival:
        command = CheckIn(member_id=member, request_key=KEY, at=ledger.clock.now())
        again = [await engine.run(command) for engine in (ledger.engine, rival)]
    assert [(type(one.outcome), one.replayed) for one in again] == [(CheckedIn, True)] * 2
    return [one.consequences for one in again]


async def clean(ledger: Ledger) -> None:
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS, features=ALL)).violations == []


async def later(ledger: Ledger) -> int:
    """Let the jobs look once the lease is over; how many rows they took up."""
    ledger.clock.advance(LEASE.total_seconds())
    return await ledger.engine.run_due_follow_ups(ledger.clock.now())


async def test_consequences_are_heard_live_and_again(ledger: Ledger) -> None:
    member = await ledger.member()
    assert await sign_in(ledger, member) == LIT_AND_GLOWING
    assert await heard_again(ledger, member) == [LIT_AND_GLOWING] * 2
    assert await ledger.balance(member) == 112
    await clean(ledger)


async def test_consequences_of_two_features_come_in_the_order_in_which_they_happened(ledger: Ledger) -> None:
    inviter, member = await ledger.member(), await ledger.member()
    await ledger.run(BindReferral, member, inviter_id=inviter)
    heard = await sign_in(ledger, member)
    assert heard == (ReferralQualified(inviter, 20, 50, 130), Lit(132), Glowed())
    assert await heard_again(ledger, member) == [heard] * 2
    await clean(ledger)


async def test_replays_of_one_batch_each_hear_their_own(ledger: Ledger) -> None:
    members = [await ledger.member() for _ in range(5)]
    first = await asyncio.gather(*(sign_in(ledger, member) for member in members))
    again = await asyncio.gather(*(heard_again(ledger, member) for member in members))
    assert first == [LIT_AND_GLOWING] * 5
    assert again == [[LIT_AND_GLOWING] * 2] * 5


async def test_what_the_command_itself_owes_is_no_consequence(ledger: Ledger) -> None:
    """Only reactions bring consequences; so the answer and its replay say the same."""
    member = await ledger.member()
    for _ in range(2):
        decision = await ledger.run(HangFor, member, key=KEY, members=(member,))
        assert (decision.outcome, decision.consequences) == (Hung(1), ())
    assert await ledger.balance(member) == 102


async def test_a_refused_follow_up_is_not_heard_until_it_is_done(ledger: Ledger) -> None:
    member = await ledger.member()
    RULE.may_light = False
    assert await sign_in(ledger, member) == ()
    assert await heard_again(ledger, member) == [()] * 2
    assert [row["command"] for row in await ledger.pool.fetch(LEFT)] == ["light"]
    RULE.may_light = True
    assert await heard_again(ledger, member) == [()] * 2
    assert await later(ledger) == 1
    assert await heard_again(ledger, member) == [LIT_AND_GLOWING] * 2
    await clean(ledger)


async def test_a_follow_up_that_fails_is_not_heard_and_holds_no_other_up(ledger: Ledger) -> None:
    inviter, member = await ledger.member(), await ledger.member()
    await ledger.run(BindReferral, member, inviter_id=inviter)

    async def fail(_: ReadRequest) -> None:
        raise ArithmeticError

    RULE.while_lighting = fail
    heard = await sign_in(ledger, member)
    assert heard == (ReferralQualified(inviter, 20, 50, 130),)
    assert await heard_again(ledger, member) == [heard] * 2
    assert await ledger.balance(inviter) == 150
    RULE.while_lighting = None
    assert await later(ledger) == 1
    assert await heard_again(ledger, member) == [(*heard, Lit(132), Glowed())] * 2
    await clean(ledger)


async def test_a_process_killed_before_what_it_owes_leaves_the_row(ledger: Ledger) -> None:
    member = await ledger.member()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.loyalty.engine.killed", ledger.database_url, str(member), KEY,
        ledger.clock.now().isoformat(),
    )  # fmt: skip
    assert await process.wait() == -signal.SIGKILL
    assert [row["command"] for row in await ledger.pool.fetch(LEFT)] == ["light"]
    assert await heard_again(ledger, member) == [()] * 2
    assert await ledger.engine.run_due_follow_ups(ledger.clock.now()) == 0, "its lease is not over"
    assert await later(ledger) == 1
    assert await heard_again(ledger, member) == [LIT_AND_GLOWING] * 2
    await clean(ledger)
