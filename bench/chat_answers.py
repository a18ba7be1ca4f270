"""Kinds of chat replies to 签到: signed in, asked to write again, promised a late reply, and anything else.

All of them have HTTP status 200, so a load that counts statuses cannot tell a sign-in from a message that the server shed.
"""

import re
from typing import Any, Final

from bench.errors import WrongAnswers
from bot.answers import APOLOGY, BUSY
from wechat.aes import decode_key, decrypt
from wechat.codec import SUCCESS
from wechat.errors import PushError

SIGNED_IN: Final = "signed_in"
SHED: Final = "shed"
PROMISED: Final = "promised"
FAILED: Final = "failed"
OTHER: Final = "other"
LOST: Final = "lost"

MAY_BE_STORED: Final = (PROMISED, FAILED, OTHER, LOST)
"""Kinds of answers after which the sign-in may be stored or not. A shed message is never stored."""

STARTS: Final = (("签到成功", SIGNED_IN), (BUSY.text, SHED), (APOLOGY.text, FAILED))
SEALED: Final = re.compile(r"<Encrypt><!\[CDATA\[(.+?)\]\]></Encrypt>")
CONTENT: Final = re.compile(r"<Content><!\[CDATA\[(.*?)\]\]></Content>", re.DOTALL)


def chat_text(plan: dict[str, Any], body: str) -> str:
    """The text of a reply in safe mode, decrypted. Raises WrongAnswers for a body without one, and PushForged."""
    sealed = SEALED.search(body)
    content = sealed and CONTENT.search(
        decrypt(decode_key(plan["aes_key"]), plan["app_id"], sealed[1]).decode()
    )
    if not content:
        raise WrongAnswers(body[:200])
    return content[1]


def kind_of(plan: dict[str, Any], status: int, body: bytes) -> tuple[str, str]:
    """The kind of an answer, and its text; an answer with another status than 200 has the kind `http_<status>`."""
    shown = body.decode(errors="replace")
    if status != 200:  # OK
        return f"http_{status}", shown[:200]
    if shown == SUCCESS:
        return PROMISED, shown
    try:
        text = chat_text(plan, shown)
    except (WrongAnswers, PushError):
        return OTHER, shown[:200]
    return next((kind for start, kind in STARTS if text.startswith(start)), OTHER), text
