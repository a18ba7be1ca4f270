"""The columns of a file: which field of ours each header names."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from moving.problems import CannotBegin


class Field(NamedTuple):
    """A field that a column can have: its Chinese title, and the headers that are understood as it."""

    title: str
    headers: tuple[str, ...]


FIELDS: Final[Mapping[str, Field]] = {
    "member_id": Field("本系统会员号", ("member_id", "jifen会员号")),
    "external": Field(
        "原系统会员号",
        (
            "会员号", "会员编号", "会员卡号", "会员id", "卡号", "原会员号", "旧会员号", "外部会员号",
            "external_id", "external", "member_no", "card_no",
        ),
    ),
    "phone": Field("手机号", ("手机", "手机号码", "电话", "联系电话", "移动电话", "phone", "mobile", "tel")),
    "unionid": Field("unionid", ("微信unionid", "union_id")),
    "oa_openid": Field("公众号openid", ("openid", "微信openid", "open_id", "oa_openid")),
    "mini_openid": Field("小程序openid", ("mini_openid", "miniapp_openid")),
    "nickname": Field("昵称", ("会员昵称", "微信昵称", "nickname")),
    "joined_on": Field(
        "加入日期",
        ("加入时间", "入会日期", "入会时间", "注册日期", "注册时间", "开卡日期", "joined_on", "joined_at"),
    ),
    "points": Field(
        "积分", ("积分余额", "可用积分", "当前积分", "剩余积分", "积分数", "points", "balance")
    ),
    "last_day": Field(
        "到期日",
        ("到期日期", "积分到期日", "有效期至", "有效期", "最后可用日", "截止日期", "last_day", "valid_until"),
    ),
    "segment": Field("人群", ("人群名称", "分群", "标签", "会员标签", "segment", "label")),
    "since": Field("开始日期", ("开始", "开始日", "生效日期", "since", "valid_from")),
    "growth": Field("成长值", ("growth", "成长", "经验值")),
    "order_no": Field("订单号", ("订单编号", "单号", "小票号", "流水号", "order", "order_no", "order_id")),
    "amount": Field("实付金额", ("金额", "实付", "消费金额", "支付金额", "实收", "amount", "paid")),
    "occurred_at": Field(
        "时间", ("下单时间", "支付时间", "消费时间", "订单时间", "日期", "消费日期", "下单日期", "occurred_at", "paid_at")
    ),
    "store": Field("门店", ("门店编号", "店铺", "店号", "store", "store_id")),
    "channel": Field("渠道", ("来源渠道", "channel")),
    "kind": Field("事件", ("事件种类", "kind", "event")),
    "opens_on": Field("到账日", ("到账日期", "opens_on")),
}  # fmt: skip
PERSONS: Final = ("member_id", "phone", "external", "unionid", "oa_openid", "mini_openid")
"""The fields by which a member is found."""
OWN: Final = ("行号", "原因")
"""The columns of our own report of bad rows, which an import of it passes over."""


class Mapped(NamedTuple):
    """The place of each field's column, and the headers that are not used."""

    places: Mapping[str, int]
    unused: tuple[str, ...]


def map_columns(header: Sequence[str], fields: Iterable[str], by_hand: Mapping[str, str]) -> Mapped:
    """Find the fields' columns by their headers; `by_hand` names the field of a header. Raises CannotBegin if two are the same."""
    wanted = tuple(fields)
    hand = {_plain(name): field for name, field in by_hand.items()}
    if missing := [name for name in by_hand if _plain(name) not in map(_plain, header)]:
        raise CannotBegin(f"表头里没有 --map 写的列：{'、'.join(missing)}；表头是：{'、'.join(header)}。")
    places: dict[str, int] = {}
    unused: list[str] = []
    for place, name in enumerate(header):
        field = hand.get(_plain(name)) or _field_of(name, wanted, hand.values())
        if field is None:
            unused.append(name)
        elif field in places:
            raise CannotBegin(
                f"『{header[places[field]]}』和『{name}』两列都可以是{FIELDS[field].title}，请去掉一列，"
                f"或者用 --map {name}=ignore 略过一列。"
            )
        elif field != "ignore":
            places[field] = place
    return Mapped(places, tuple(name for name in unused if name not in OWN))


def hand_mapping(words: Iterable[str], fields: Iterable[str]) -> dict[str, str]:
    """`列名=字段` as written at --map; a field goes by its name or its Chinese title. Raises CannotBegin."""
    names = {FIELDS[field].title: field for field in fields} | {field: field for field in (*fields, "ignore")}
    found: dict[str, str] = {}
    for word in words:
        header, _, field = word.rpartition("=")
        if not header or field not in names:
            raise CannotBegin(f"--map 应写成『列名=字段』，字段有：{'、'.join(names)}；写的是 {word}。")
        found[header] = names[field]
    return found


def _field_of(header: str, fields: Sequence[str], taken: Iterable[str]) -> str | None:
    """The field that a header names, unless a column was given to it by hand."""
    name, given = _plain(header), set(taken)
    for field in fields:
        if field not in given and name in map(_plain, (FIELDS[field].title, *FIELDS[field].headers)):
            return field
    return None


def _plain(header: str) -> str:
    """The header without the differences that do not count: width of letters, case, spaces and underscores."""
    return "".join(unicodedata.normalize("NFKC", header).casefold().replace("_", "").split())
