"""The types that the sections of the rule set are made of.

Each item of a section has a Chinese `title` and a `description`: operators read them in faults, differences and the reference.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from typing_extensions import override

from loyalty.programme.declaring.faults import OfDrafts, at_most, characters
from loyalty.programme.declaring.templates import key_faults
from loyalty.programme.declaring.texts import Terms, Title, one_line

__all__ = ["Pieces", "Points", "Rule", "Template", "Terms", "Title"]

Points = Annotated[int, Field(ge=0, le=10_000_000)]
Pieces = Annotated[int, Field(ge=0), at_most(1_000_000_000)]


class Rule(BaseModel):
    """Base of all rules: strict types, no unknown fields, immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, serialize_by_alias=True)

    @override
    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy without the cached properties, because `update` may replace the fields that they were computed from."""
        copied = super().model_copy(update=update, deep=deep)
        for name in copied.__dict__.keys() - type(self).model_fields.keys():
            del copied.__dict__[name]
        return copied


class Template(Rule):
    """A message template registered at WeChat: its id, and the value that fills each of its typed keys."""

    template_id: Annotated[str, StringConstraints(min_length=1), characters(64), OfDrafts(one_line)] = Field(
        title="模板编号", description="在微信后台添加模板后得到的编号。"
    )
    fields: Annotated[
        dict[str, Literal["brand", "points", "last_day", "tip"]], OfDrafts(key_faults, "1 到 10 项")
    ] = Field(
        title="模板内容",
        description="模板里每个字段填什么：brand 品牌名，points 积分数，last_day 最后可用的日期，tip 一句提示。"
        "字段名照抄微信后台的写法，如 thing1、number2、date3。",
    )
    page: Annotated[str, characters(256), OfDrafts(one_line)] | None = Field(
        default=None, title="打开的页面", description="会员点开消息后进入的小程序页面；不写就不跳转。"
    )
