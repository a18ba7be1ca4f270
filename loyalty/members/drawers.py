"""Drawers of phone numbers: each number lies in one of 2,048, and a keyed hash of its last four digits says in which.

About five of the 10,000 tails share a drawer, so that who reads the drawers without the key learns less than who shares a tail.
"""

from typing import Final

from base.sealing import Keyring

PURPOSE: Final = "phone tail"
DRAWERS: Final = 2048
DIGITS: Final = 4


def drawers_of(keyring: Keyring, number: str) -> list[int]:
    """The drawer of a number, or of a tail alone, under the present key, and under the previous one. Raises KeyMissing."""
    hashes = keyring.hashes(number[-DIGITS:].encode(), PURPOSE)
    return [int.from_bytes(one[:2], "big") % DRAWERS for one in hashes]
