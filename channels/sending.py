"""One send by one route: the message that WeChat's API is asked to deliver."""

import hashlib
from dataclasses import dataclass

import asyncpg

from channels.faults import OpenFaults
from channels.notices.kind import Attempt, Content, NoticeKind
from channels.outbox import NoticeKey
from channels.routes import Route
from channels.windows import Windows
from loyalty.programme.declaring.sections import Template
from loyalty.programme.general.sections import Programme
from wechat.mini_program import MiniProgramApi
from wechat.official_account import MiniProgramPage, OfficialAccountApi


@dataclass(frozen=True)
class Senders:
    """The API clients that send, and the windows and the database pool that say whether they may."""

    pool: asyncpg.Pool
    windows: Windows
    official_account: OfficialAccountApi
    mini_program: MiniProgramApi


@dataclass(frozen=True)
class Send:
    """A notice that is ready to leave: its kind, what it says, and the attempt it belongs to."""

    senders: Senders
    kind: NoticeKind
    attempt: Attempt
    content: Content
    faults: OpenFaults

    def app_id(self, route: Route) -> str:
        """The account that sends by a route."""
        account = self.senders.mini_program if route.channel == "subscribe" else self.senders.official_account
        return account.app_id


async def send_by(route: Route, send: Send) -> str:
    """Send the message; returns WeChat's message id, or "" where the channel has none. Raises ApiError."""
    senders, template, programme = send.senders, route.template, send.attempt.live.rules.programme
    if template is None:
        await senders.official_account.send_custom_text(route.openid, chat_text(send.content, programme))
        return ""
    data = template_data(send.content, template, programme)
    if route.channel == "subscribe":
        return await senders.mini_program.send_subscribe(
            route.openid, template.template_id, data, template.page
        )
    page = None if template.page is None else MiniProgramPage(senders.mini_program.app_id, template.page)
    message_id = client_message_id(send.attempt.notice.id)
    return await senders.official_account.send_template(
        route.openid, template.template_id, data, message_id, miniprogram=page
    )


def chat_text(content: Content, programme: Programme) -> str:
    """The notice as a chat message."""
    return f"【{programme.brand}】{content.text}"


def template_data(content: Content, template: Template, programme: Programme) -> dict[str, str]:
    """The template's keys, each with the value that the rule set assigned to it; the API fits them to their types."""
    values = {
        "brand": programme.brand,
        "points": str(content.points),
        "last_day": content.last_day,
        "tip": content.tip,
    }
    return {key: values[name] for key, name in template.fields.items()}


def client_message_id(notice: NoticeKey) -> str:
    """The same for every send of one notice, so that WeChat drops a repeat within ten minutes: 32 hex digits."""
    named = f"{notice.member_id}|{notice.kind}|{notice.key}"
    return hashlib.sha256(named.encode()).hexdigest()[:32]
