"""The content check of mini-programs (WeChat docs: 文本内容安全识别, msg_sec_check version 2).

The platform judges by its own models. Here two words decide, so that a test can ask for each verdict.
"""

import secrets
from collections.abc import Mapping

from emulator.config import Account
from emulator.errors import PlatformError
from emulator.phones import phone_by_openid
from emulator.world import World

VISITED_WITHIN_S = 7_200
MAX_CHARACTERS = 2_500
_VERDICTS = {"违禁": ("risky", 20001), "存疑": ("review", 20001)}
_LAST_LOGIN = "SELECT visited_at FROM visits WHERE phone_id = ?"


def check_text(world: World, account: Account, body: Mapping[str, object]) -> dict[str, object]:
    """Answer of msg_sec_check. Raises PlatformError 40129 (scene), 44002 (no text), 40003 (openid), 61010 (no recent visit)."""
    content = body.get("content")
    if body.get("version") != 2 or body.get("scene") not in (1, 2, 3, 4):
        raise PlatformError(40129)
    if not isinstance(content, str) or not 1 <= len(content) <= MAX_CHARACTERS:
        raise PlatformError(44002)
    phone = phone_by_openid(world, account, body.get("openid"))
    visit = world.database.one(_LAST_LOGIN, phone["phone_id"])
    if visit is None or world.epoch() - visit["visited_at"] > VISITED_WITHIN_S:
        raise PlatformError(61010)
    suggest, label = next((found for word, found in _VERDICTS.items() if word in content), ("pass", 100))
    return {
        "errcode": 0,
        "errmsg": "ok",
        "result": {"suggest": suggest, "label": label},
        "detail": [{"strategy": "content_model", "errcode": 0, "suggest": suggest, "label": label}],
        "trace_id": secrets.token_hex(16),
    }
