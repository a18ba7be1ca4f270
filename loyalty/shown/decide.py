"""The guard that commands of the chat pass before they spend anything."""

from typing import Any

from loyalty.engine.scene import Scene
from loyalty.ledger.wallet import Wallet
from loyalty.shown.commands import ShownCommand
from loyalty.shown.rows import LAST_SHOWN, NOTE_SHOWN, ShownRow


def shown_as(wallet: Wallet, command: ShownCommand, scene: Scene[Any], version: str) -> bool:
    """Whether the member was last shown `version`, or nothing yet. Always true for a command that is not `as_shown`.

    The first time, the version is noted with what the command writes, because the answer tells it. The command's handler must
    name LAST_SHOWN among its Reads; otherwise this raises KeyError.
    """
    if not command.as_shown:
        return True
    last = scene.recall(LAST_SHOWN)
    if last is None:
        wallet.writes.change(NOTE_SHOWN, ShownRow(command.subject, version, wallet.posted_at))
    return last in (None, version)
