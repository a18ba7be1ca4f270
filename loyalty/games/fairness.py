"""Verifiable rolls: HMAC-SHA256 with a server seed whose SHA-256 was published before the round."""

import hashlib
import hmac

_BLOCK = 8
_FAIR_LIMIT = (1 << 64) // 1_000_000 * 1_000_000


def commitment(server_seed: bytes) -> bytes:
    """The SHA-256 of the seed, which is published before the round."""
    return hashlib.sha256(server_seed).digest()


def roll(server_seed: bytes, round_id: int, member_id: int, client_seed: str, nonce: int) -> int:
    """A whole number in [0, 1,000,000), each equally likely.

    HMAC-SHA256(server_seed, "round:member:nonce:attempt:client_seed") is read as four big-endian 64-bit numbers. The first one
    below the largest multiple of a million decides, so that no value is more likely than another. Without such a number (less than
    once in 10^13) the next attempt follows.
    """
    attempt = 0
    while True:
        message = f"{round_id}:{member_id}:{nonce}:{attempt}:{client_seed}".encode()
        digest = hmac.new(server_seed, message, hashlib.sha256).digest()
        for start in range(0, len(digest), _BLOCK):
            number = int.from_bytes(digest[start : start + _BLOCK], "big")
            if number < _FAIR_LIMIT:
                return number % 1_000_000
        attempt += 1
