"""Icons as SVG, 24 × 24, in the text colour of their parent."""


def _icon(*paths: str, width: float = 1.7) -> str:
    drawn = "".join(f'<path d="{path}"/>' for path in paths)
    return _drawing("0 0 24 24", drawn, f'fill="none" stroke="currentColor" stroke-width="{width}"')


def _drawing(view: str, body: str, look: str = 'fill="currentColor"') -> str:
    ends = 'stroke-linecap="round" stroke-linejoin="round"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}" {look} {ends} aria-hidden="true">{body}</svg>'


def _ring(x: float, y: float, radius: float) -> str:
    """A circle as a path."""
    return f"M{x - radius} {y}a{radius} {radius} 0 1 0 {2 * radius} 0a{radius} {radius} 0 1 0 {-2 * radius} 0"


CUP = _icon(
    "M5 9h12v6.5a4.5 4.5 0 0 1-4.5 4.5h-3A4.5 4.5 0 0 1 5 15.5z",
    "M17 10.5h1.2a2.6 2.6 0 0 1 0 5.2H17",
    "M9 3.2c-.9 1.1.9 1.9 0 3.1M13 3.2c-.9 1.1.9 1.9 0 3.1",
)
BACK = _icon("M14.5 5 8 12l6.5 7", width=2)
MORE = _icon("M5 12h.01M12 12h.01M19 12h.01", width=3.6)
SCAN = _icon(
    "M4 8.5V6a2 2 0 0 1 2-2h2.5M15.5 4H18a2 2 0 0 1 2 2v2.5",
    "M20 15.5V18a2 2 0 0 1-2 2h-2.5M8.5 20H6a2 2 0 0 1-2-2v-2.5M4 12h16",
)
HOME = _icon("M4 11.2 12 4.5l8 6.7V19a1 1 0 0 1-1 1h-4.5v-5.5h-5V20H5a1 1 0 0 1-1-1z")
WHEEL = _icon(_ring(12, 12, 8.2), _ring(12, 12, 1.8), "M12 3.8v6.4M12 13.8v6.4M3.8 12h6.4M13.8 12h6.4")
GIFT = _icon(
    "M4.5 11h15v8a1 1 0 0 1-1 1h-13a1 1 0 0 1-1-1zM3.5 7.5h17V11h-17zM12 7.5V20",
    "M12 7.5C9 7.5 7.6 6.4 8 5c.5-1.6 3-1.3 4 2.5 1-3.8 3.5-4.1 4-2.5.4 1.4-1 2.5-4 2.5z",
)
PERSON = _icon(_ring(12, 8.3, 3.8), "M4.8 20c.6-4 3.5-6 7.2-6s6.6 2 7.2 6")
TICKET = _icon("M4 6.5h16v4a1.6 1.6 0 0 0 0 3.2v4H4v-4a1.6 1.6 0 0 0 0-3.2zM14.5 7v10")
LIST = _icon("M8.5 6.5H20M8.5 12H20M8.5 17.5H20M4.5 6.5h.01M4.5 12h.01M4.5 17.5h.01")
FRIENDS = _icon(_ring(9, 8.5, 3.3), "M3 19.5c.4-3.6 2.9-5.3 6-5.3s5.6 1.7 6 5.3", "M17.5 8v6M14.5 11h6")
BELL = _icon("M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 20.5h4")
BOOK = _icon("M12 6.5C10 5 7 4.6 4 5v13.5c3-.4 6 0 8 1.5 2-1.5 5-1.9 8-1.5V5c-3-.4-6 0-8 1.5zM12 6.5V20")
STAR = _icon("m12 4 2.4 5 5.4.7-4 3.8 1 5.4-4.8-2.7-4.8 2.7 1-5.4-4-3.8 5.4-.7z")
ROCKET = _icon(
    "M12 3.5c3 2.4 4 5.6 4 8.5v3H8v-3c0-2.9 1-6.1 4-8.5z",
    _ring(12, 9.8, 1.5),
    "M8 12.5 5.5 15v3L8 16M16 12.5l2.5 2.5v3L16 16M12 17.5v3",
)
HANDSET = _icon("M8 3.5h8a1 1 0 0 1 1 1v15a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1v-15a1 1 0 0 1 1-1zM11 17.8h2")
PEN = _icon("m5 19 .8-3.5L16 5.3l2.7 2.7L8.5 18.2z")
CHECK = _icon("m5.5 12.5 4.2 4.2L18.5 7.5", width=2.2)
TROPHY = _icon(
    "M8 4.5h8v5a4 4 0 0 1-8 0zM8 6H5c0 3 1.2 4.6 3.3 4.9M16 6h3c0 3-1.2 4.6-3.3 4.9",
    "M12 13.5V17M8.5 19.5h7M9.5 17h5",
)
PLUG = _icon("M9 4v4.5M15 4v4.5M6.5 8.5h11V12a5.5 5.5 0 0 1-11 0zM12 17.5V21")
SIGNAL = _drawing(
    "0 0 18 12",
    '<path d="M0 9h3v3H0zM5 6h3v6H5zM10 3h3v9h-3zM15 0h3v12h-3z" stroke="currentColor" stroke-width=".4"/>',
)
BATTERY = _drawing(
    "0 0 27 12",
    '<rect x=".5" y=".5" width="22" height="11" rx="3" fill="none" stroke="currentColor" opacity=".45"/>'
    '<rect x="2" y="2" width="17" height="8" rx="1.7"/><rect x="24" y="4" width="2" height="4" rx="1" opacity=".45"/>',
)
CAPSULE = _drawing(
    "0 0 60 24",
    '<circle cx="13" cy="12" r="1.9"/><circle cx="19" cy="12" r="2.9"/><circle cx="25" cy="12" r="1.9"/>'
    '<path d="M35 6v12" stroke="currentColor" stroke-width=".6" opacity=".35"/><circle cx="46.5" cy="12" r="2.6"/>'
    '<circle cx="46.5" cy="12" r="6.3" fill="none" stroke="currentColor" stroke-width="1.9"/>',
)
CUP_BADGE = _drawing(
    "0 0 24 24",
    '<rect width="24" height="24" rx="6" fill="#4a3024" stroke="none"/>'
    '<path d="M6 10h9.5v5a3.8 3.8 0 0 1-3.8 3.8H9.8A3.8 3.8 0 0 1 6 15zM15.5 11h1a2.2 2.2 0 0 1 0 4.4h-1"/>',
    'fill="none" stroke="#fff3e0" stroke-width="1.7"',
)
