"""Which of two accounts a push belongs to: the official account and the mini-program share one webhook, token and key."""

from datetime import datetime
from typing import Literal, NamedTuple, TypeAlias

from wechat.body import BodyFormat
from wechat.codec import OpenedPush, PushCodec, Query
from wechat.errors import PushForged
from wechat.messages import Push

AccountKind: TypeAlias = Literal["oa", "miniapp"]


class Opened(NamedTuple):
    """A proven push, the account it was sent to, and the codec that seals the reply."""

    account: AccountKind
    codec: PushCodec
    opened: OpenedPush

    @property
    def push(self) -> Push:
        """What was said or done."""
        return self.opened.push

    @property
    def format(self) -> BodyFormat:
        """How the outer body was written; the reply is written the same way."""
        return self.opened.format

    def seal(self, reply: str, now: datetime) -> str:
        """Return the reply as the platform wants it for this push."""
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
        """Return the push, opened for the account whose app id is encrypted with it.

        A plain push names no app id and counts as the official account's. Raises PushError.
        """
        try:
            return Opened("oa", self._oa, self._oa.open(query, body, now))
        except PushForged:
            return Opened("miniapp", self._miniapp, self._miniapp.open(query, body, now))
