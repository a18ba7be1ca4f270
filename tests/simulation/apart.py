"""Commands that change two members together, and the reasons they write: this crowd's ledger foretells one member at a time.

A crowd that merges, with a second ledger of its own, is in tests/loyalty/merging/test_histories.py.
"""

from typing import Final

from loyalty.engine.command import Command
from loyalty.merging.commands import MergeIn, MergeOut, SplitIn, SplitOut
from loyalty.merging.words import SENTENCES as OF_MERGING
from loyalty.vouchers.carry import SENTENCES as OF_CARRYING
from loyalty.vouchers.carry import CarryVoucher, ReturnVoucher

COMMANDS: Final[frozenset[type[Command]]] = frozenset(
    {MergeOut, MergeIn, SplitOut, SplitIn, CarryVoucher, ReturnVoucher}
)
REASONS: Final = OF_MERGING.keys() | OF_CARRYING.keys()
