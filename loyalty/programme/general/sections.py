"""The sections of the rule set that belong to no feature: the names of the programme, and the notices that jobs write."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, StringConstraints

from loyalty.expiry.rule import ExpiryNotice
from loyalty.programme.declaring.faults import Fault, OfDrafts
from loyalty.programme.declaring.sections import Rule, Title
from loyalty.programme.declaring.templates import brand_faults
from loyalty.programme.declaring.texts import lines
from loyalty.programme.general.change_notice import ChangeNotice
from loyalty.programme.general.quiet_hours import QuietHours
from loyalty.programme.general.theme import Theme
from loyalty.wakeup import WakeUpNotice


class Programme(Rule):
    """The names of the programme and of the brand, its looks, and what 人工 answers; without it the chat goes to human agents."""

    name: Title = Field(title="计划名称", description="积分计划的名称，如 拾光积分。")
    brand: Title = Field(title="品牌名", description="品牌的名称，如 拾光咖啡。")
    customer_service: (
        Annotated[str, StringConstraints(min_length=1, max_length=300), OfDrafts(lines, "没有看不见的字符")]
        | None
    ) = Field(
        default=None,
        title="人工客服",
        description="会员发「人工」时怎么回答；不写就把对话转给公众号的人工客服。",
    )
    theme: Theme = Field(
        default=Theme(), title="外观", description="小程序的颜色、圆角、标志和图片；不写就用自带的一套。"
    )


class Notices(Rule):
    """The rules of the notices that jobs write. With `quiet_hours` null they are sent at any hour, as soon as they are written."""

    quiet_hours: QuietHours | None = Field(
        default=QuietHours(),
        title="免打扰时段",
        description="夜里几点到几点不发提醒；写 null 就不分时段，提醒随写随发。",
    )
    expiry: ExpiryNotice = Field(
        default=ExpiryNotice(), title="到期提醒", description="积分快到期时提醒会员。"
    )
    wake_up: WakeUpNotice = Field(
        default=WakeUpNotice(), title="久未来访", description="问候很久没来的会员。"
    )
    changes: ChangeNotice | None = Field(
        default=None, title="变动提醒", description="积分到账、兑换、核销时告诉会员；不写就不提醒。"
    )


def notice_faults(notices: Notices, brand: str) -> Iterator[Fault]:
    """The templates' fields that do not fit the brand's name."""
    templates = {
        ("expiry", "template"): notices.expiry.template,
        ("wake_up", "subscribe"): notices.wake_up.subscribe,
        ("wake_up", "template"): notices.wake_up.template,
        ("changes", "subscribe"): notices.changes and notices.changes.subscribe,
        ("changes", "template"): notices.changes and notices.changes.template,
    }
    for where, template in templates.items():
        for fault in brand_faults(template.fields if template else {}, brand):
            yield Fault((*where, "fields", *fault.where), fault.sentence)
