from typing import Any

import pytest

from bot import checkin, entries, follow, guide, permission, referral, reward, router
from bot.chat import Handler
from bot.help_lines import LINES, full_help, short_help
from bot.menu import MINE, PLAY
from tests.ledger import rules_with
from wechat.messages import Push
from wechat.opening import AccountKind


def push(kind: str = "text", **fields: Any) -> Push:
    return Push(to_user="gh_a", from_user="oU1", created_at=1_700_000_000, kind=kind, **fields)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (push(content="签到"), (checkin.check_in, "")),
        (push(content="二维码"), (referral.invite, "")),
        (push(content="兑换 3"), (reward.redeem, "3")),
        (push(content="为什么"), (entries.why, "")),
        (push(content="为什么？"), (entries.why, "")),
        (push(content="为什么 2"), (entries.why, "2")),
        (push(content="为什么第三笔"), (entries.why, "3")),
        (push(content="人工"), (guide.human, "")),
        (push(content=" 客服！"), (guide.human, "")),
        (push(content="簽到"), (checkin.check_in, "")),
        (push(content=""), (guide.unknown, "")),
        (push(content=" 不在表里的词。"), (guide.unknown, "不在表里的词")),
        (push("voice", recognition="签到。"), (checkin.check_in, "")),
        (push("voice", recognition=""), (guide.unknown, "")),
        (push("voice"), (guide.unknown, "")),
        (push("image"), (guide.unknown, "")),
        (push("never_heard_of"), (guide.unknown, "")),
        (push("event", event="click", event_key="签到"), (checkin.check_in, "")),
        (push("event", event="click", event_key="gone"), (guide.unknown, "gone")),
        (push("event", event="subscribe"), (follow.subscribe, "")),
        (push("event", event="scan", scene="签到", event_key="签到"), (follow.scan, "")),
    ],
)
def test_who_answers(message: Push, expected: tuple[Handler, str]) -> None:
    assert router.handler_of(message) == expected


@pytest.mark.parametrize(
    ("account", "message", "expected"),
    [
        ("oa", push(content="签到"), "message"),
        ("oa", push("image"), "message"),
        ("oa", push("event", event="click", event_key="签到"), "click"),
        ("oa", push("event", event="subscribe"), "follow"),
        ("oa", push("event", event="scan"), "scan"),
        ("oa", push("event", event="view", event_key="https://a"), None),
        ("oa", push("event", event="location"), None),
        ("oa", push("event", event="some_future_event"), None),
        ("oa", push("event", event="unsubscribe"), None),
        ("miniapp", push(content="签到"), None),
        ("miniapp", push("event", event="subscribe"), None),
    ],
)
def test_what_opens_a_window(account: AccountKind, message: Push, expected: str | None) -> None:
    assert router.trigger_of(message, account) == expected


@pytest.mark.parametrize(
    ("account", "event", "expected"),
    [
        ("oa", "unsubscribe", follow.unsubscribe),
        ("miniapp", "unsubscribe", None),
        ("oa", "templatesendjobfinish", permission.template_finished),
        ("miniapp", "subscribe_msg_popup_event", permission.consent_chosen),
        ("oa", "user_authorization_revoke", permission.authorization_changed),
        ("oa", "view", None),
    ],
)
def test_what_is_noted(account: AccountKind, event: str, expected: router.Note | None) -> None:
    assert router.note_of(push("event", event=event), account) == expected


def test_every_menu_key_is_a_word() -> None:
    assert {"签到", *PLAY, *MINE} <= set(router.WORDS)


def test_the_help_promises_words_that_are_answered_and_leaves_none_out() -> None:
    """A second word of the same handler need not be named."""
    full = {word for line in LINES for word in line.words.split(" / ")}
    assert full <= set(router.WORDS)
    assert {router.WORDS[word] for word in full | {"帮助"}} == set(router.WORDS.values())


def test_the_help_leaves_out_what_the_programme_does_not_have() -> None:
    rules = rules_with()
    bare = rules.model_copy(
        update={
            "repair": None,
            "missions": (),
            "polls": (),
            "packs": (),
            "wheels": (),
            "rewards": (),
            "events": (),
        }
        | {"expiry": rules.expiry.model_copy(update={"extension": None})}
        | {"tiers": tuple(tier.model_copy(update={"title": None, "badge": None}) for tier in rules.tiers)}
    )
    assert [line.partition("：")[0] for line in full_help(bare).text.splitlines()] == [
        "签到", "积分", "明细", "为什么", "等级", "我的兑换", "邀请", "规则", "申诉", "我的数据", "注销", "人工 / 客服",
        "退订提醒 / 恢复提醒",
    ]  # fmt: skip
    assert short_help(bare).text.splitlines()[1:] == [
        "签到 · 积分 · 明细 · 为什么 · 等级",
        "我的兑换 · 邀请 · 规则 · 帮助",
    ]
