"""The lucky wheel as SVG, and its geometry. Angles are degrees, clockwise from the pointer at the top."""

import math
from collections.abc import Sequence
from html import escape

_RADIUS = 148.0
_LINE = 6
_LAMPS = 24
_TINTS = ("#fffaf1", "#f3dfc1")
_GRAND = "#e9b978"


def stop_angle(current: float, place: int, places: int, turns: int = 6) -> float:
    """The rotation that brings the middle of sector `place` under the pointer, at least `turns` full turns after `current`."""
    wanted = -(place + 0.5) * 360 / places
    return current + turns * 360 + (wanted - current) % 360


def face_svg(labels: Sequence[str], grand: Sequence[bool]) -> str:
    """The disc with one sector per label, all of equal size; sectors that are `grand` have a stronger colour."""
    step = 360 / len(labels)
    sectors = "".join(_sector(place, step, label, grand[place]) for place, label in enumerate(labels))
    return (
        '<svg viewBox="-170 -170 340 340" role="img" aria-label="幸运转盘">'
        '<circle r="168" fill="#6f4a32"/><circle r="160" fill="#8a5f40"/>'
        f'{sectors}{_lamps()}<circle r="148" fill="none" stroke="#6f4a32" stroke-opacity=".35" stroke-width="2"/></svg>'
    )


def _sector(place: int, step: float, label: str, grand: bool) -> str:
    tint = _GRAND if grand else _TINTS[place % 2]
    start, end = _point(place * step, _RADIUS), _point((place + 1) * step, _RADIUS)
    large = int(step > 180)
    shape = f'<path d="M0 0L{start}A{_RADIUS} {_RADIUS} 0 {large} 1 {end}Z" fill="{tint}" stroke="#dcc09a" stroke-width="1"/>'
    return shape + _label(label, (place + 0.5) * step, step)


def _label(label: str, angle: float, step: float) -> str:
    size = 14 if step >= 40 else 12 if step >= 24 else 9
    lines = _lines(label)
    spans = "".join(
        f'<tspan x="0" y="{-118 + number * (size + 3)}">{escape(line)}</tspan>'
        for number, line in enumerate(lines)
    )
    return f'<text transform="rotate({angle:.3f})" text-anchor="middle" font-size="{size}" class="wheel-label">{spans}</text>'


def _lines(label: str) -> list[str]:
    if len(label) > 2 * _LINE:
        label = label[: 2 * _LINE - 1] + "…"
    if len(label) <= _LINE:
        return [label]
    middle = label.find(" ") if 0 < label.find(" ") <= _LINE else math.ceil(len(label) / 2)
    return [label[:middle].strip(), label[middle:].strip()]


def _lamps() -> str:
    spots = (_point(lamp * 360 / _LAMPS, 158).split() for lamp in range(_LAMPS))
    return "".join(
        f'<circle cx="{x}" cy="{y}" r="3" fill="{"#ffe9bd" if lamp % 2 else "#fff"}"/>'
        for lamp, (x, y) in enumerate(spots)
    )


def _point(angle: float, radius: float) -> str:
    turn = math.radians(angle)
    return f"{radius * math.sin(turn):.2f} {-radius * math.cos(turn):.2f}"
