"""Draws QR codes and invitation posters. This is CPU work without I/O: callers run it in a thread."""

import io
from dataclasses import dataclass
from typing import Final

import qrcode
from PIL import Image, ImageColor, ImageDraw, ImageFont
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.pil import PilImage

from channels.fonts import Typeface

POSTER_SIZE: Final = (750, 1200)
QR_BORDER: Final = 4
"""The quiet zone around a QR code, in modules (ISO/IEC 18004)."""

_BLACK: Final = (0, 0, 0)
_WHITE: Final = (255, 255, 255)
_INK: Final = (32, 32, 32)
_CARD: Final = (85, 330, 665, 1010)
_CODE_SIDE: Final = 480
_MARGIN: Final = 60


@dataclass(frozen=True)
class PosterText:
    """The lines of a poster; without a Chinese font only the Latin letters of `brand` are drawn.

    `colour` is that of the ground, `#rrggbb`, on which white is read.
    """

    brand: str
    invitation: str
    how: str
    gain: str
    colour: str = "#2f5d50"


def draw_qrcode(content: str, side: int = 600) -> bytes:
    """A QR code as a square PNG of about `side` pixels; each module is a whole number of pixels, so that edges are sharp."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=QR_BORDER)
    code.add_data(content)
    code.make(fit=True)
    code.box_size = max(1, side // (code.modules_count + 2 * QR_BORDER))
    return _png(code.make_image(image_factory=PilImage).get_image().convert("RGB"))


def as_png(picture: bytes) -> bytes:
    """Convert any picture that Pillow reads to PNG. Raises OSError for other bytes."""
    with Image.open(io.BytesIO(picture)) as image:
        return _png(image.convert("RGB"))


def draw_poster(code_png: bytes, text: PosterText, face: Typeface) -> bytes:
    """The poster as PNG, 750 by 1200 pixels: the brand, who invites, the QR code, how to use it and what members gain."""
    red, green, blue = ImageColor.getrgb(text.colour)[:3]
    colour = (red, green, blue)
    poster = _background(colour)
    draw = ImageDraw.Draw(poster)
    draw.rounded_rectangle(_CARD, radius=36, fill=_WHITE)
    with Image.open(io.BytesIO(code_png)) as code:
        side = (_CODE_SIDE, _CODE_SIDE)
        poster.paste(code.convert("RGB").resize(side, Image.Resampling.LANCZOS), (135, 375))
    _write(draw, face, text.brand, 140, 64, _WHITE)
    if face.has_chinese:
        _write(draw, face, text.invitation, 240, 38, _blend(_WHITE, colour, 0.15))
        _write(draw, face, text.how, 920, 34, _INK)
        _write(draw, face, text.gain, 1090, 34, _WHITE)
    return _png(poster)


def _background(colour: tuple[int, int, int]) -> Image.Image:
    top = _blend(colour, _BLACK, 0.3)
    height = POSTER_SIZE[1]
    column = Image.new("RGB", (1, height))
    for y in range(height):
        column.putpixel((0, y), _blend(top, colour, y / (height - 1)))
    poster = column.resize(POSTER_SIZE)
    light = Image.new("RGBA", POSTER_SIZE, (0, 0, 0, 0))
    draw = ImageDraw.Draw(light)
    draw.ellipse((430, -220, 990, 340), fill=(255, 255, 255, 16))
    draw.ellipse((-260, 820, 300, 1380), fill=(255, 255, 255, 14))
    poster.paste(light, mask=light)
    return poster


def _blend(first: tuple[int, int, int], second: tuple[int, int, int], share: float) -> tuple[int, int, int]:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def _write(
    draw: ImageDraw.ImageDraw, face: Typeface, text: str, y: int, size: int, colour: tuple[int, int, int]
) -> None:
    """Write one centred line around `y`; a long line gets a smaller font, and is cut if the smallest is too large."""
    shown = " ".join(face.drawable(text).split())
    room = POSTER_SIZE[0] - 2 * _MARGIN
    font = face.sized(size)
    while size > 22 and draw.textlength(shown, font=font) > room:
        size -= 2
        font = face.sized(size)
    while draw.textlength(shown, font=font) > room:
        shown = shown.rstrip("…")[:-1] + "…"
    if shown:
        # Anchor "mm" centres the line on the point; Pillow's bitmap font supports no anchors.
        anchor = "mm" if isinstance(font, ImageFont.FreeTypeFont) else None
        draw.text((POSTER_SIZE[0] // 2, y), shown, font=font, fill=colour, anchor=anchor)


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
