"""Lists that are cut between two items where a message ends, and say how many more there are."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from wechat.text import MAX_TEXT_BYTES


class Listed(NamedTuple):
    """A text of one message, and how many of the items it shows, from the first."""

    text: str
    shown: int


def listed(
    head: str, items: Sequence[str], more: Callable[[int], str], *, foot: str | None = None, beyond: int = 0
) -> Listed:
    """The `head`, as many items as fit with everything else into one message, and the `foot`, each on a line of its own.

    Where items are left out, or `beyond` of them were not even read, the line `more(count)` stands after the last item shown.
    """
    for shown in range(len(items), 0, -1):
        text = _joined(head, items[:shown], more, foot, len(items) - shown + beyond)
        if len(text.encode()) <= MAX_TEXT_BYTES:
            return Listed(text, shown)
    return Listed(_joined(head, (), more, foot, len(items) + beyond), 0)


def _joined(
    head: str, items: Sequence[str], more: Callable[[int], str], foot: str | None, left_out: int
) -> str:
    lines = [head, *items]
    if left_out:
        lines.append(more(left_out))
    if foot is not None:
        lines.append(foot)
    return "\n".join(lines)
