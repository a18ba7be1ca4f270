"""The messages a phone received and sent, in order."""

import json
import re
import sqlite3
from datetime import datetime
from typing import Literal

from emulator.world import BEIJING, World

Channel = Literal["passive", "custom", "template", "subscribe", "system", "sent"]
_LINK = re.compile(r"<a\b[^>]*>(.*?)</a>", re.DOTALL)


def record(
    world: World, phone_id: str, channel: Channel, kind: str, content: str, **extras: object
) -> dict[str, object]:
    """Store one item and return it as the control API shows it; `text` is `content` without its link markup."""
    text = _LINK.sub(r"\1", content)
    at = world.epoch()
    item_id = world.database.insert(
        "INSERT INTO inbox (phone_id, at, channel, type, content, text, extras) VALUES (?, ?, ?, ?, ?, ?, ?)",
        phone_id, at, channel, kind, content, text, json.dumps(extras, ensure_ascii=False),
    )  # fmt: skip
    fixed = {
        "id": item_id,
        "at": _instant(at),
        "channel": channel,
        "type": kind,
        "content": content,
        "text": text,
    }
    return {**extras, **fixed}


def items_of(world: World, phone_id: str, after: int = 0) -> list[dict[str, object]]:
    """The phone's items with an id greater than `after`, oldest first."""
    rows = world.database.rows(
        "SELECT * FROM inbox WHERE phone_id = ? AND id > ? ORDER BY id", phone_id, after
    )
    return [_shown(row) for row in rows]


def _shown(row: sqlite3.Row) -> dict[str, object]:
    fixed = {name: row[name] for name in ("id", "channel", "type", "content", "text")}
    return {**json.loads(row["extras"]), **fixed, "at": _instant(row["at"])}


def _instant(at: float) -> str:
    return datetime.fromtimestamp(at, BEIJING).isoformat(timespec="milliseconds")
