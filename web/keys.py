"""`Idempotency-Key`: requests with one key are carried out once, and a repeat gets the first answer."""

import re
from typing import Final

from aiohttp import web

from web.problems import IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_MISSING, Problem

HEADER: Final = "Idempotency-Key"
REPLAYED_HEADER: Final = "Idempotency-Replayed"
VISIBLE_ASCII: Final = r"^[!-~]{1,64}$"

_KEY: Final = re.compile(r"[!-~]{1,64}")


def request_key(request: web.Request, prefix: str) -> str:
    """The engine's key for this request: the client's own after `prefix`, which keeps the keys of APIs and callers apart.

    Raises Problem 400 when the header is missing, repeated, or not 1 to 64 visible ASCII characters.
    """
    key = optional_request_key(request, prefix)
    if key is None:
        raise Problem(IDEMPOTENCY_KEY_MISSING, "请为这次操作生成一个唯一的 Idempotency-Key。")
    return key


def optional_request_key(request: web.Request, prefix: str) -> str | None:
    """As `request_key`, where the header may be left out."""
    values = request.headers.getall(HEADER, [])
    if not any(values):
        return None
    if len(values) != 1 or not _KEY.fullmatch(values[0]):
        raise Problem(IDEMPOTENCY_KEY_INVALID, "应为 1 到 64 个可见的 ASCII 字符，只出现一次。")
    return f"{prefix}:{values[0]}"
