"""Names that pass for the shop, its staff or WeChat: reserved words, also written with blanks, look-alikes or digits."""

import unicodedata
from collections.abc import Iterable
from typing import Final

import regex

_WORDS: Final = (
    "官方", "客服", "微信", "腾讯", "管理员", "工作人员", "公众号", "小程序", "系统消息", "系统通知", "系统管理", "店铺助手",
)  # fmt: skip
_LATIN_WORDS: Final = frozenset({
    "official", "guanfang", "kefu", "service", "customerservice", "customercare", "helpdesk", "support", "staff", "admin",
    "administrator", "moderator", "system", "weixin", "wechat", "tencent", "gongzhonghao", "guanliyuan",
})  # fmt: skip
_LOOK_ALIKES: Final = str.maketrans(
    {
        sign: read
        for read, signs in {
            "微": "徽薇溦", "信": "伩", "官": "宫宮宧菅", "客": "愘喀", "员": "員", "统": "統", "系": "係", "腾": "騰", "讯": "訊",
            "务": "務", "号": "號", "众": "眾", "铺": "鋪", "a": "аɑα@", "b": "вь", "c": "сϲ", "d": "ԁ", "e": "еε", "h": "һн",
            "i": "іıɩι", "j": "ј", "k": "кκ", "l": "ӏ", "m": "м", "n": "η", "o": "оοσ", "p": "рρ", "s": "ѕ$", "t": "тτ",
            "u": "υ", "v": "ν", "w": "ѡω", "x": "хχ", "y": "у",
        }.items()
        for sign in signs
    }
)  # fmt: skip
"""Characters that are read as another one: near-twins and traditional forms, Cyrillic and Greek letters."""
_DIGITS: Final = (str.maketrans("0134578", "oleastb"), str.maketrans("0134578", "oieastb"))
_NOT_READ: Final = regex.compile(r"[^\p{L}\p{N}]+")
_LATIN: Final = regex.compile(r"[a-z0-9]+")
_LEAST_LATIN_BRAND: Final = 4
"""A shorter brand in Latin letters may be part of another word."""


def reserved_word(nickname: str, own_names: Iterable[str]) -> str | None:
    """Return the reserved word that a nickname contains, or the one of `own_names` (brand, programme) that it passes for.

    Blanks, punctuation, full width, accents, letters of other scripts and traditional characters make no difference.
    """
    spaced = _folded(nickname)
    written = _NOT_READ.sub("", spaced)
    for word in _WORDS:
        if word in written:
            return word
    for name in own_names:
        if _passes_for(written, _NOT_READ.sub("", _folded(name))):
            return name
    return _latin_word(spaced)


def _folded(text: str) -> str:
    """The text in small letters without accents, look-alikes replaced, anything but letters and digits as a blank."""
    bare = regex.sub(r"[\p{M}\p{Default_Ignorable_Code_Point}]+", "", unicodedata.normalize("NFKD", text))
    return str(_NOT_READ.sub(" ", bare.casefold().translate(_LOOK_ALIKES)))


def _passes_for(written: str, own: str) -> bool:
    is_short = len(own) < (_LEAST_LATIN_BRAND if own.isascii() else 2)
    return written == own if is_short else own in written


def _latin_word(spaced: str) -> str | None:
    tokens: list[str] = _LATIN.findall(spaced)
    for written in (*tokens, "".join(tokens)):
        for read in (written.strip("0123456789"), *(written.translate(digits) for digits in _DIGITS)):
            if _is_made_of_words(read):
                return read
    return None


def _is_made_of_words(written: str) -> bool:
    """Whether the letters are one reserved word or several in a row."""
    ends = [0]
    for end in range(1, len(written) + 1):
        if any(written[start:end] in _LATIN_WORDS for start in ends):
            ends.append(end)
    return len(ends) > 1 and ends[-1] == len(written)
