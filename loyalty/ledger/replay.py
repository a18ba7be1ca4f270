"""Adding a member's entries up again: they must lead to the account, and each must continue the hash chain."""

import json
from collections.abc import Sequence
from typing import Any, Final

from loyalty.ledger import chain
from loyalty.ledger.account import STORED_AS_OUTFLOW

BUCKETS: Final = ("available", "pending", "held", "debt")


def replay(
    account: Any, entries: list[Any], settled: Sequence[int] = (), ahead: Any = None, grown: int = 0
) -> tuple[str, str] | None:
    """The first invariant that a member's entries violate, with the detail; None if they add up to the account.

    `settled` are the numbers of the receipts that brought the account back from the future: from each of them on, entries may have
    earlier times than those before it. `ahead` is the entry ahead of the first of these; None: they begin with the member's first.
    `grown` is the growth that the member gained apart from points.
    """
    before, first = 0, ahead["seq"] if ahead else 0
    sums = dict.fromkeys((*BUCKETS, "issued", "spent", "expired", "reversed", "adjusted", "forfeited"), 0)
    sums |= {bucket: ahead[bucket] for bucket in BUCKETS} if ahead else {}
    head, posted_at = ahead["chain"] if ahead else chain.genesis(account.member_id), None
    for seq, entry in enumerate(entries, first + 1):
        if entry["seq"] != seq:
            return "I5", f"entry {seq} is missing"
        was_settled = any(before < no <= entry["receipt_no"] for no in settled)
        if posted_at is not None and entry["posted_at"] < posted_at and not was_settled:
            return "I5", f"entry {seq} is posted before the one ahead of it"
        posted_at, before = entry["posted_at"], entry["receipt_no"]
        for bucket, sign in ((entry["src"], -1), (entry["dst"], 1)):
            sums[bucket] += (-sign if bucket in STORED_AS_OUTFLOW else sign) * entry["amount"]
        if any(sums[bucket] != entry[bucket] for bucket in BUCKETS):
            return "I4", f"entry {seq}: the buckets after it do not follow from the entries"
        head = chain.link(head, _facts(entry))
        if head != entry["chain"]:
            return "I14", f"entry {seq}: the chain does not recompute"
    if account.seq != first + len(entries) or account.chain != head:
        return "I14", f"the account stands at entry {account.seq}, {first + len(entries)} are there"
    if not ahead and account.growth != sums["issued"] + grown:
        return "I4", "the growth value is not what was earned"
    told = BUCKETS if ahead else tuple(sums)
    if any(sums[bucket] != getattr(account, bucket) for bucket in told):
        return "I4", "the account's sums do not follow from its entries"
    return None


def _facts(entry: Any) -> chain.EntryFacts:
    stored = {name: entry[name] for name in chain.EntryFacts._fields}
    return chain.EntryFacts(**(stored | {"detail": json.loads(entry["detail"])}))
