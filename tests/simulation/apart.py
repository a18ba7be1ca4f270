"""Commands that this crowd's ledger does not foretell, and the reasons they write. Most change two members together.

A voucher that sign-ins unlocked has a code that follows from nothing but the bytes of whoever gave it: this crowd unlocks none.

No rule of this crowd watches spending, so no case is opened: `tests/loyalty/cases` plays that with a ledger of its own.

Nobody of this crowd is erased: whoever is has no identity any more, by which the crowd knows its people.

A crowd that merges, with a second ledger of its own, is in tests/loyalty/merging/test_histories.py.
"""

from typing import Final

from loyalty.cases.commands import CloseCase, OpenCase
from loyalty.engine.command import Command
from loyalty.erasing.commands import EraseMember
from loyalty.erasing.words import SENTENCES as OF_ERASING
from loyalty.merging.commands import MergeIn, MergeOut, SplitIn, SplitOut
from loyalty.merging.words import SENTENCES as OF_MERGING
from loyalty.rewards.commands import UnlockReward
from loyalty.vouchers.carry import SENTENCES as OF_CARRYING
from loyalty.vouchers.carry import CarryVoucher, ReturnVoucher

COMMANDS: Final[frozenset[type[Command]]] = frozenset(
    {
        MergeOut,
        MergeIn,
        SplitOut,
        SplitIn,
        CarryVoucher,
        ReturnVoucher,
        UnlockReward,
        OpenCase,
        CloseCase,
        EraseMember,
    }
)
REASONS: Final = OF_MERGING.keys() | OF_CARRYING.keys() | OF_ERASING.keys()
