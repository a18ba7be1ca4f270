"""The looks of the brand in the members' mini-program: colours, corners, logo and pictures.

Contrast is that of WCAG 2: text needs 4.5, large figures and marks need 3. The mini-program derives all other colours from these
two, so the two conditions here keep every page readable, by day and by night.
"""

from collections.abc import Iterator
from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core.core_schema import ValidationInfo

from loyalty.programme.declaring.faults import Fault, is_stored, items, refuse
from loyalty.programme.declaring.pictures import Picture
from loyalty.programme.declaring.sections import Rule

TEXT: Final = 4.5
FIGURE: Final = 3.0
WHITE: Final = "#ffffff"

Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]


class Theme(Rule):
    """The brand's looks. The defaults are a quiet green with gold."""

    color: Colour = Field(
        default="#2f5d50",
        title="品牌色",
        description="会员卡和按钮的颜色，写作 #rrggbb，小写；要在白底上看得清，所以不能太浅。",
    )
    accent: Colour = Field(
        default="#f2c46d",
        title="点缀色",
        description="会员卡上的数字和标记的颜色，写作 #rrggbb，小写；要在品牌色上看得清。",
    )
    radius: Annotated[int, Field(ge=0, le=28)] = Field(
        default=16, title="圆角", description="卡片的圆角，0 到 28 像素；0 是直角，越大越圆润。"
    )
    logo: Picture | None = Field(
        default=None, title="标志", description="品牌标志的图片网址，正方形；不写就用品牌名的第一个字。"
    )
    pictures: Annotated[tuple[Picture, ...], items(6)] = Field(
        default=(),
        title="首页图片",
        description="首页上方轮播的图片网址，宽高比 2:1，最多 6 张；不写就没有轮播。",
    )

    @model_validator(mode="after")
    def _is_readable(self, info: ValidationInfo) -> Self:
        if not is_stored(info):
            refuse(list(_contrast_faults(self)))
        return self


def contrast(one: str, other: str) -> float:
    """The contrast of two colours `#rrggbb`, from 1 (equal) to 21 (black on white)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _contrast_faults(theme: Theme) -> Iterator[Fault]:
    on_white = contrast(theme.color, WHITE)
    if on_white < TEXT:
        yield Fault(
            ("color",), f"在白底上的对比度是 {on_white:.1f}，要 {TEXT} 以上才看得清，请选深一点的颜色"
        )
    on_brand = contrast(theme.accent, theme.color)
    if on_brand < FIGURE:
        yield Fault(
            ("accent",),
            f"在品牌色上的对比度是 {on_brand:.1f}，要 {FIGURE:.0f} 以上才看得清，请选浅一点的颜色",
        )


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(share: float) -> float:
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)
