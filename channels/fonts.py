"""Finds a Chinese font on this machine, and tells which characters it has glyphs for.

Pillow brings a Latin font only. A character without a glyph is drawn as a hollow box, so callers remove such characters first.
"""

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import structlog
from PIL import ImageFont

Font: TypeAlias = ImageFont.FreeTypeFont | ImageFont.ImageFont

FONT_FILES: Final = tuple(
    Path(name)
    for name in (
        "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
        "/usr/share/fonts/opentype/noto/NotoSansCJK-Medium.ttc",
        "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
        "/usr/share/fonts/noto-cjk/NotoSansCJK-Bold.ttc",
        "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
        "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
        "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
        "/usr/share/fonts/google-noto-sans-cjk-vf-fonts/NotoSansCJK-VF.ttc",
        "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
        "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
        "/usr/share/fonts/wenquanyi/wqy-microhei/wqy-microhei.ttc",
        "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
        "/usr/share/fonts/truetype/arphic/uming.ttc",
        "/System/Library/Fonts/PingFang.ttc",
        "/System/Library/Fonts/Hiragino Sans GB.ttc",
        "/System/Library/Fonts/STHeiti Medium.ttc",
        "/Library/Fonts/Arial Unicode.ttf",
        "C:/Windows/Fonts/msyhbd.ttc",
        "C:/Windows/Fonts/msyh.ttc",
        "C:/Windows/Fonts/simhei.ttf",
        "C:/Windows/Fonts/simsun.ttc",
    )
)

_PROBE: Final = "积分邀请成为会员"
_UNASSIGNED: Final = "\U0010fffe"
_FACES_PER_FILE: Final = 8
_SIMPLIFIED: Final = ("SC", "GB", "简")

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Typeface:
    """A face of a font file; Pillow's own Latin font when `path` is None."""

    path: Path | None = None
    index: int = 0

    @property
    def has_chinese(self) -> bool:
        """Whether the face has Chinese glyphs."""
        return self.path is not None

    def sized(self, size: int) -> Font:
        """The face at `size` pixels."""
        if self.path is None:
            return ImageFont.load_default(size)
        return ImageFont.truetype(str(self.path), size, index=self.index)

    def drawable(self, text: str) -> str:
        """The text without invisible characters and those that this face has no glyph for."""
        font = self.sized(24)
        hollow = _shape(font, _UNASSIGNED)
        return "".join(
            char for char in text if char == " " or (char.isprintable() and _shape(font, char) != hollow)
        )


@functools.cache
def chinese_typeface(files: tuple[Path, ...] = FONT_FILES) -> Typeface:
    """The first face in `files` with simplified Chinese glyphs; Pillow's Latin font, with a warning, if there is none."""
    for path in files:
        if path.is_file():
            faces = [face for face in _faces(path) if face.drawable(_PROBE) == _PROBE]
            if faces:
                return _simplified_first(faces)
    log.warning(
        "no_chinese_font", hint="海报只画二维码和拉丁字母；安装 fonts-noto-cjk 之类的中文字体后重启即可"
    )
    return Typeface()


def _faces(path: Path) -> Iterable[Typeface]:
    for index in range(_FACES_PER_FILE):
        try:
            ImageFont.truetype(str(path), 24, index=index)
        except OSError:
            return
        yield Typeface(path, index)


def _simplified_first(faces: list[Typeface]) -> Typeface:
    """Prefer the simplified face: one file often holds a face each for China, Taiwan, Hong Kong, Japan and Korea."""
    return next((face for face in faces if any(mark in _name(face) for mark in _SIMPLIFIED)), faces[0])


def _name(face: Typeface) -> str:
    font = face.sized(24)
    return font.getname()[0] or "" if isinstance(font, ImageFont.FreeTypeFont) else ""


def _shape(font: Font, char: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(char)
    return mask.size, bytes(mask)
