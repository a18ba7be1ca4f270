"""Finds the account a push belongs to: the official account and the mini-program share one webhook, token and key."""

from datetime import datetime
from typing import Literal, NamedTuple, TypeAlias

from wechat.codec import OpenedPush, PushCodec, Query
from wechat.errors import PushForged
from wechat.fields import BodyFormat
from wechat.messages import Push

AccountKind: TypeAlias = Literal["oa", "miniapp"]


class Opened(NamedTuple):
    """A verified push, the account it was sent to, and the codec that seals the reply."""

    account: AccountKind
    codec: PushCodec
    opened: OpenedPush

    @property
    def push(self) -> Push:
        """The message or event."""
        return self.opened.push

    @property
    def format(self) -> BodyFormat:
        """How the outer body was written; the reply is written the same way."""
        return self.opened.format

    def seal(self, reply: str, now: datetime) -> str:
        """Return the response body for this push."""
        return self.codec.seal(self.opened, reply, now)


class PushOpener:
    """Opens pushes of the official account and of the mini-program."""

    def __init__(self, oa: PushCodec, miniapp: PushCodec) -> None:
        self._oa = oa
        self._miniapp = miniapp

    def verify_url(self, query: Query) -> str:
        """Return the echo for the platform's GET, which names no app id. Raises PushError."""
        return self._oa.verify_url(query)

    def open(self, query: Query, body: bytes, now: datetime) -> Opened:
        """Return the push and the account whose app id is inside its encryption. Raises PushError.

        A plain push names no app id and counts as the official account's.
        """
        try:
            return Opened("oa", self._oa, self._oa.open(query, body, now))
        except PushForged:
            return Opened("miniapp", self._miniapp, self._miniapp.open(query, body, now))
