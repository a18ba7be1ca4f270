"""Faults of the set-up at WeChat: tried again by one waiting notice now and then, and ended once they are mended."""

from datetime import datetime
from typing import Final

from channels import faults, outbox
from channels.delivery import deliver
from channels.faults import Fault, OpenFaults
from channels.notices.kinds import KINDS, template_ids
from channels.outbox import LeaseLost
from channels.sending import Senders
from loyalty.programme.in_force.live import LiveRules

CANDIDATES: Final = 5
"""How many notices one probe tries: one that is of no use any more, or whose member cannot be reached, proves nothing."""
RELEASED_AT_ONCE: Final = 1000


async def tend_faults(senders: Senders, live: LiveRules, now: datetime) -> OpenFaults:
    """Probe the faults whose time has come, and release the notices of those that are mended; returns what is still faulty."""
    for fault in await faults.open_faults(senders.pool):
        if _is_over(fault, live, now):
            await faults.mend(senders.pool, fault.target, now)
        elif fault.probe_at <= now:
            await _probe(senders, live, fault, now)
    for target in await faults.mended(senders.pool):
        while await outbox.release(senders.pool, target, now, RELEASED_AT_ONCE) == RELEASED_AT_ONCE:
            pass
    return OpenFaults(fault.target for fault in await faults.open_faults(senders.pool))


def _is_over(fault: Fault, live: LiveRules, now: datetime) -> bool:
    """A quota is renewed by time, and a template that the rules name no more is used no more."""
    if fault.is_spent_quota:
        return fault.probe_at <= now
    scope, _, named = fault.target.partition(":")
    return scope == "template" and named not in template_ids(live.rules)


async def _probe(senders: Senders, live: LiveRules, fault: Fault, now: datetime) -> None:
    """Send waiting notices all the same, one after the other, until one shows whether the fault is mended."""
    kinds = [kind.code for kind in KINDS if not (kind.is_unprompted and live.is_quiet(now))]
    waiting = await outbox.held_by(senders.pool, fault.target, kinds, CANDIDATES)
    if not waiting or not await faults.claim_probe(senders.pool, fault, now):
        return
    others = {one.target for one in await faults.open_faults(senders.pool)} - {fault.target}
    for key in waiting:
        notice = (
            await outbox.claim(senders.pool, key, now) if await outbox.wake(senders.pool, key, now) else None
        )
        if notice is None:
            continue
        try:
            verdict = await deliver(senders, live, notice, now, OpenFaults(others, probing=fault.target))
        except LeaseLost:
            continue
        if verdict.state in ("sent", "unknown") or verdict.fault == fault.target:
            return
