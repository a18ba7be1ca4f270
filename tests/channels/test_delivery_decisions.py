"""Which ways lead to a member, what an error means, what a notice says: tables, no wire."""

from datetime import UTC, date, datetime, timedelta

import pytest

from channels.notices import expiry, referral_rewarded, wake_up
from channels.notices.kind import Content
from channels.notices.kinds import find_kind
from channels.outbox import NoticeKey, Verdict
from channels.recipient import Recipient
from channels.routes import Declined, routes
from channels.send_errors import FIRST_RETRY, MAX_ATTEMPTS, judge
from channels.sending import chat_text, client_message_id, template_data
from loyalty.expiry.rule import ExpiryNotice
from loyalty.programme.declaring.sections import Template
from loyalty.programme.general.sections import Notices, Programme
from loyalty.wakeup import WakeUpNotice
from tests.ledger import demo_rules
from wechat import errors
from wechat.values import fit

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=3)
T = Template(template_id="T", fields={"thing1": "brand", "number2": "points", "thing3": "tip"})
E = Template(template_id="E", fields={"number1": "points", "date2": "last_day", "thing3": "tip"})
S = Template(template_id="S", fields={"thing1": "brand"})
ALL = Notices(expiry=ExpiryNotice(template=E), wake_up=WakeUpNotice(subscribe=S, template=T))
BARE = Notices()
PROGRAMME = Programme(name="拾光积分", brand="拾光咖啡")


def someone(oa: str | None = "oa", miniapp: str | None = "mp") -> Recipient:
    return Recipient(7, False, date(2026, 3, 1), oa, miniapp)


@pytest.mark.parametrize(
    ("kind", "recipient", "rules", "expected"),
    [
        ("expiry", someone(), ALL, ["customer_service:oa:None", "template:oa:E"]),
        ("expiry", someone(miniapp=None), ALL, ["customer_service:oa:None", "template:oa:E"]),
        ("expiry", someone(oa=None), ALL, []),
        ("expiry", someone(), BARE, ["customer_service:oa:None"]),
        ("wake_up", someone(), ALL, ["customer_service:oa:None", "subscribe:mp:S", "template:oa:T"]),
        ("wake_up", someone(oa=None), ALL, ["subscribe:mp:S"]),
        ("wake_up", someone(miniapp=None), ALL, ["customer_service:oa:None", "template:oa:T"]),
        ("wake_up", someone(), Notices(wake_up=WakeUpNotice(subscribe=S)), ["customer_service:oa:None", "subscribe:mp:S"]),
        ("wake_up", someone(), BARE, ["customer_service:oa:None"]),
        ("wake_up", someone(oa=None, miniapp=None), ALL, []),
        ("referral_rewarded", someone(), ALL, ["customer_service:oa:None"]),
        ("referral_rewarded", someone(oa=None), ALL, []),
    ],
)  # fmt: skip
def test_routes(kind: str, recipient: Recipient, rules: Notices, expected: list[str]) -> None:
    templates = find_kind(kind).templates(demo_rules().model_copy(update={"notices": rules}))
    found = routes(templates, recipient)
    names = [f"{way.channel}:{way.openid}:{way.template and way.template.template_id}" for way in found]
    assert names == expected


API = "/cgi-bin/message/template/send"


@pytest.mark.parametrize(
    ("error", "attempts", "expected"),
    [
        (errors.Transient(API, -1), 1, Verdict("due", "errcode_-1", due_at=NOW + FIRST_RETRY)),
        (errors.Transient(API), 4, Verdict("due", "Transient", due_at=NOW + 8 * FIRST_RETRY)),
        (errors.Transient(API, -1), MAX_ATTEMPTS, Verdict("failed", "errcode_-1")),
        (errors.OutcomeUnknown(API), 1, Verdict("unknown", "OutcomeUnknown", "template")),
        (errors.RateLimited(API, LATER, 45011), 9, Verdict("due", "errcode_45011", due_at=LATER, counts=False)),
        (errors.Undeliverable(API, 43004), 1, Declined("errcode_43004")),
        (errors.Undeliverable(API, 43101), 1, Declined("errcode_43101")),
        (errors.Undeliverable(API, 45015), 1, Declined("errcode_45015")),
        (errors.Undeliverable(API, 45047), 1, Declined("errcode_45047")),
        (errors.BadRequest(API, 47003), 1, Verdict("failed", "errcode_47003")),
        (errors.UnfitValue(API), 1, Verdict("failed", "UnfitValue")),
        (errors.UnexpectedErrcode(API, 99999), 1, Verdict("failed", "errcode_99999")),
    ],
)  # fmt: skip
def test_what_an_error_means(error: errors.ApiError, attempts: int, expected: Verdict | Declined) -> None:
    assert judge(error, "template", attempts, NOW) == expected


EXPIRY = expiry.content(12345, date(2026, 12, 1), 7)
LAST_DAY = expiry.content(1, date(2026, 3, 3), 1)
SILENT = wake_up.content(350)
PENNILESS = wake_up.content(0)
REWARDED = referral_rewarded.content(50)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            EXPIRY,
            "【拾光咖啡】你有 12,345 积分 2026年11月30日前有效，记得用哦。",
        ),
        (LAST_DAY, "【拾光咖啡】你有 1 积分今天到期（2026年3月2日），记得今天用掉。"),
        (SILENT, "【拾光咖啡】好久不见，你的 350 积分都给你留着，有空回来看看。"),
        (PENNILESS, "【拾光咖啡】好久不见，你的会员身份一直留着，有空回来看看。"),
        (REWARDED, "【拾光咖啡】你邀请的好友完成首次签到，50 积分已到账！"),
    ],
)
def test_the_text(content: Content, expected: str) -> None:
    assert chat_text(content, PROGRAMME) == expected


@pytest.mark.parametrize("content", [EXPIRY, LAST_DAY, SILENT, PENNILESS, REWARDED])
def test_no_text_asks_for_a_reply_or_a_tap(content: Content) -> None:
    """Making members reply or tap to renew the window is abuse of customer-service messages."""
    assert not any(word in chat_text(content, PROGRAMME) for word in ("回复", "点击", "菜单", "抽奖"))


@pytest.mark.parametrize(
    ("content", "template", "expected"),
    [
        (EXPIRY, E, {"number1": "12345", "date2": "2026年11月30日", "thing3": "还有 7 天到期，别忘了用"}),
        (LAST_DAY, E, {"number1": "1", "date2": "2026年3月2日", "thing3": "今天到期，别忘了用"}),
        (SILENT, T, {"thing1": "拾光咖啡", "number2": "350", "thing3": "好久不见，积分都给你留着"}),
        (PENNILESS, T, {"thing1": "拾光咖啡", "number2": "0", "thing3": "好久不见，有空回来看看"}),
    ],
)
def test_template_data(content: Content, template: Template, expected: dict[str, str]) -> None:
    data = template_data(content, template, PROGRAMME)
    assert data == expected
    assert {key: fit(key, text) for key, text in data.items()} == expected, "nothing is cut"


def test_the_tip_fits_even_for_the_longest_wait() -> None:
    data = template_data(expiry.content(1, date(2027, 3, 3), 365), E, PROGRAMME)
    assert fit("thing3", data["thing3"]) == data["thing3"]


def test_a_client_message_id_names_one_notice() -> None:
    ids = {
        client_message_id(NoticeKey(1, "expiry", "30-8|2027-04-01")),
        client_message_id(NoticeKey(1, "expiry", "7-2|2027-04-01")),
        client_message_id(NoticeKey(2, "expiry", "30-8|2027-04-01")),
        client_message_id(NoticeKey(1, "wake_up", "2027-04-01")),
    }
    assert len(ids) == 4
    assert all(len(name) == 32 for name in ids)
    assert client_message_id(NoticeKey(1, "wake_up", "2027-04-01")) in ids
