"""The entries of merging in Chinese."""

from collections.abc import Mapping
from typing import Final

from loyalty.ledger.words import Sentence

SENTENCES: Final[Mapping[str, Sentence]] = {
    "merged_in": Sentence(
        lambda _: "会员合并转入", lambda _: "你的两个会员合并成一个，另一个会员的积分转到这里，有效期不变。"
    ),
    "merged_out": Sentence(
        lambda _: "会员合并转出", lambda _: "你的两个会员合并成一个，积分转到另一个会员，有效期不变。"
    ),
    "split_in": Sentence(
        lambda _: "撤销合并转回",
        lambda _: "会员合并已经撤销，合并时转出、还没有用掉的积分转回这里，有效期不变。",
    ),
    "split_out": Sentence(
        lambda _: "撤销合并转出", lambda _: "会员合并已经撤销，合并时转入、还没有用掉的积分转回原来的会员。"
    ),
    "moved_growth": Sentence(
        lambda _: "合并会员：成长值",
        lambda _: "以前得到并已经用掉的积分，成长值随会员一起转移，可用积分不变。",
    ),
    "moved_debt": Sentence(
        lambda _: "合并会员：欠下的积分", lambda _: "先前退款时欠下的积分，随会员一起转移。"
    ),
}
