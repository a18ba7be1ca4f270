"""What a command asks `load.load_batch` to read beside the account, its open lots and its receipts."""

from enum import Enum, auto


class Need(Enum):
    """One extra set-based query of the load step."""

    CHECK_INS = auto()
    REFERRAL = auto()
    REFERRALS_REWARDED = auto()
    DRAWS = auto()
    STOCK = auto()
    REDEMPTION = auto()
    NOTICES = auto()
    PROFILE = auto()
