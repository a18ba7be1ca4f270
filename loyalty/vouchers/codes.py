"""Voucher codes: twelve characters a clerk can read aloud, made from a command's secret entropy."""

import hashlib

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH = 12


def voucher_code(entropy: bytes, line: int) -> str:
    """The code of a command's `line`-th voucher: 60 bits of SHA-256(entropy ‖ line), without 0, 1, I and O."""
    number = int.from_bytes(hashlib.sha256(entropy + line.to_bytes(4, "big")).digest()[:8], "big")
    return "".join(ALPHABET[number >> (5 * place) & 31] for place in range(LENGTH))
