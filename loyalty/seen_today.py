"""The memory of today's visits: which members' visits this process has stored already."""

from datetime import date

MAX_MEMBERS = 100_000


class SeenToday:
    """Members whose visit of one business day this process has stored, so that their further requests write nothing."""

    def __init__(self, max_members: int = MAX_MEMBERS) -> None:
        self._max_members = max_members
        self._day: date | None = None
        self._members: set[int] = set()

    def knows(self, member_id: int, day: date) -> bool:
        """Whether the member's visit of `day` is stored."""
        return day == self._day and member_id in self._members

    def remember(self, member_id: int, day: date) -> None:
        """Remember that the member's visit of `day` is stored. A new day or `max_members` members empty the memory first."""
        if day != self._day or len(self._members) >= self._max_members:
            self._day, self._members = day, set()
        self._members.add(member_id)
