"""A push as a typed value.

wechatpy's classes say which fields a kind of message or event has (wechat/typed.py). This module keeps what they lose: MsgId
stays a text and may be absent, EventKey stays raw, XML and JSON give the same push. A push without sender, receiver, kind or time
raises PushMalformed; any other field of a wrong form counts as absent, and a broken entry of a list costs only itself. A kind or
event that wechatpy does not know gives a push like any other.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Final, TypeVar

from wechatpy.events import ScanEvent, SubscribeMsgSentEvent, TemplateSendJobFinishEvent
from wechatpy.messages import BaseMessage

from wechat.errors import PushMalformed
from wechat.fields import BodyFormat, Fields, FieldValue
from wechat.typed import field_name, text_of, typed

Entry = TypeVar("Entry")

_SECONDS: Final = re.compile(r"[0-9]{1,11}", re.ASCII)
_ERROR_CODE: Final = re.compile(r"-?[0-9]{1,9}", re.ASCII)
_MAX_NAME_CHARS: Final = 128
_MAX_SCENE_CHARS: Final = 64
_NO_SCENE: Final = ("last_trade_no_", "scanbarcode|", "scanimage|")
_ABOUT_OPENID: Final = frozenset(
    {"user_info_modified", "user_authorization_revoke", "user_authorization_cancellation"}
)


@dataclass(frozen=True, slots=True)
class TemplateJob:
    """The fate of a template message (TEMPLATESENDJOBFINISH)."""

    message_id: str
    status: str

    @property
    def delivered(self) -> bool:
        """Whether the message reached the user."""
        return self.status == "success"


@dataclass(frozen=True, slots=True)
class SubscriptionChoice:
    """What a user chose for one template, in a popup or in the settings."""

    template_id: str
    status: str

    @property
    def accepted(self) -> bool:
        """Whether one message may be sent; every status but `accept` is a refusal."""
        return self.status == "accept"


@dataclass(frozen=True, slots=True)
class SubscriptionResult:
    """The fate of one subscription message."""

    template_id: str
    message_id: str
    error_code: int
    status: str


@dataclass(frozen=True)
class Push:
    """One message or event, as WeChat pushed it.

    `created_at` is in Unix seconds; `kind` and `event` are lower-case; `recognition` is WeChat's transcript of a voice message;
    `event_key` is unchanged; `scene` is that of our own parametric QR code, if one was scanned; `format` is the format of a reply.
    """

    to_user: str
    from_user: str
    created_at: int
    kind: str
    content: str | None = None
    recognition: str | None = None
    event: str | None = None
    event_key: str | None = None
    scene: str | None = None
    ticket: str | None = None
    message_id: str | None = None
    template_job: TemplateJob | None = None
    choices: tuple[SubscriptionChoice, ...] = ()
    results: tuple[SubscriptionResult, ...] = ()
    format: BodyFormat = "xml"
    fields: Mapping[str, FieldValue] = field(default_factory=dict, repr=False, hash=False)

    @property
    def openid(self) -> str:
        """The user it concerns. Events of withdrawn consent come from an account of the platform and name the user in OpenID."""
        about = self.fields.get("OpenID")
        if self.event in _ABOUT_OPENID and isinstance(about, str) and about:
            return about
        return self.from_user

    @cached_property
    def message_key(self) -> str:
        """A key of 64 hex digits: the same for every retry of a push, different for different pushes.

        It is a hash of both names and the MsgId; a push without MsgId is told from others by its second and its content.
        """
        identity = ["id", self.message_id] if self.message_id else ["at", *self._distinction()]
        parts = json.dumps([self.to_user, self.from_user, *identity])
        return hashlib.sha256(parts.encode()).hexdigest()

    def _distinction(self) -> list[object]:
        job = self.template_job.message_id if self.template_job else None
        sent = [result.message_id for result in self.results]
        told: list[object] = [self.created_at, self.kind, self.event, self.event_key, self.content, job, sent]
        if self.event in _ABOUT_OPENID:  # all of them come from one account of the platform
            told += [self.openid, self.fields.get("RevokeInfo")]
        return told


def parse_push(fields: Fields, body_format: BodyFormat = "xml") -> Push:
    """Return the push these fields make.

    Raises PushMalformed when a name, the kind or the time is missing, no text or too long.
    """
    kind = _name(fields, "MsgType").lower()
    event = _name(fields, "Event").lower() if kind == "event" else None
    message = typed(kind, event, fields)
    entries = _subscription_list(fields, message)
    is_sent = isinstance(message, SubscribeMsgSentEvent)
    return Push(
        to_user=_name(fields, "ToUserName"),
        from_user=_name(fields, "FromUserName"),
        created_at=_seconds(fields),
        kind=kind,
        content=text_of(message, "content"),
        recognition=text_of(message, "recognition"),
        event=event,
        event_key=_text(fields, "EventKey"),
        scene=_scene(message),
        ticket=_text(fields, "Ticket") or None,
        message_id=_message_id(fields),
        template_job=_template_job(fields) if isinstance(message, TemplateSendJobFinishEvent) else None,
        choices=() if is_sent else tuple(_whole(_choice, entries)),
        results=tuple(_whole(_result, entries)) if is_sent else (),
        format=body_format,
        fields=MappingProxyType(fields),
    )


def _text(fields: Mapping[str, FieldValue], name: str) -> str | None:
    """The text of a field; None if it is absent or no text."""
    value = fields.get(name)
    return value if isinstance(value, str) else None


def _bounded(fields: Mapping[str, FieldValue], name: str) -> str:
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise PushMalformed(f"{name} is no text")
    if len(value.strip()) > _MAX_NAME_CHARS:
        raise PushMalformed(f"{name} is too long")
    return value.strip()


def _name(fields: Mapping[str, FieldValue], name: str) -> str:
    value = _bounded(fields, name)
    if not value:
        raise PushMalformed(f"{name} is missing")
    return value


def _seconds(fields: Mapping[str, FieldValue]) -> int:
    value = _name(fields, "CreateTime")
    if not _SECONDS.fullmatch(value):
        raise PushMalformed("CreateTime is no time")
    return int(value)


def _message_id(fields: Mapping[str, FieldValue]) -> str | None:
    value = _bounded(fields, "MsgId")
    return None if value in ("", "0") else value


def _scene(message: BaseMessage) -> str | None:
    """The scene of our own QR code, at most 64 characters; a payment or a scanned product also has a key, but no scene."""
    scene = text_of(message, "scene_id") or ""
    if isinstance(message, ScanEvent) and scene.startswith(_NO_SCENE):
        return None
    return scene if 0 < len(scene) <= _MAX_SCENE_CHARS else None


def _template_job(fields: Mapping[str, FieldValue]) -> TemplateJob | None:
    found = _whole(lambda entry: TemplateJob(_name(entry, "MsgID"), _bounded(entry, "Status")), [fields])
    return next(found, None)


def _subscription_list(fields: Fields, message: BaseMessage) -> list[Fields]:
    """The entries of List, which XML puts in an element named after the event and JSON at the top; one entry may be no list."""
    holder_name = field_name(message, "subscribes_info")
    if holder_name is None:
        return []
    holder = fields.get(holder_name, fields)
    entries = holder.get("List", []) if isinstance(holder, dict) else []
    return [
        entry for entry in (entries if isinstance(entries, list) else [entries]) if isinstance(entry, dict)
    ]


def _whole(
    read: Callable[[Mapping[str, FieldValue]], Entry], entries: Iterable[Mapping[str, FieldValue]]
) -> Iterator[Entry]:
    """The entries that can be read; a broken one is left out."""
    for entry in entries:
        with suppress(PushMalformed):
            yield read(entry)


def _choice(entry: Mapping[str, FieldValue]) -> SubscriptionChoice:
    return SubscriptionChoice(_name(entry, "TemplateId"), _bounded(entry, "SubscribeStatusString"))


def _result(entry: Mapping[str, FieldValue]) -> SubscriptionResult:
    error_code = _bounded(entry, "ErrorCode")
    if not _ERROR_CODE.fullmatch(error_code):
        raise PushMalformed("ErrorCode is no number")
    return SubscriptionResult(
        template_id=_name(entry, "TemplateId"),
        message_id=_bounded(entry, "MsgID"),
        error_code=int(error_code),
        status=_bounded(entry, "ErrorStatus"),
    )
