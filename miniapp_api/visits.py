"""Visits: noting once a day that a member used the mini-program."""

from datetime import date

from aiohttp import web

MAX_MEMBERS = 100_000


class SeenToday:
    """Members whose visit of today this process has written to the database, so that their further requests write nothing.

    A login and a new subscription permission write a visit every time, because a waiting notice may be sent after them.
    """

    def __init__(self, max_members: int = MAX_MEMBERS) -> None:
        self._max_members = max_members
        self._day: date | None = None
        self._members: set[int] = set()

    def knows(self, member_id: int, day: date) -> bool:
        """Whether this process has written the member's visit of `day`."""
        return day == self._day and member_id in self._members

    def remember(self, member_id: int, day: date) -> None:
        """Remember that the member's visit of `day` is written. A new day or `max_members` members empty the memory first."""
        if day != self._day or len(self._members) >= self._max_members:
            self._day, self._members = day, set()
        self._members.add(member_id)


SEEN_TODAY = web.AppKey("seen_today", SeenToday)
