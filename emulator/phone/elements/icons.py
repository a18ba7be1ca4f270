"""Icons as SVG, 24 × 24, in the text colour of their parent."""


def _icon(*paths: str, width: float = 1.7) -> str:
    drawn = "".join(f'<path d="{path}"/>' for path in paths)
    return _drawing("0 0 24 24", drawn, f'fill="none" stroke="currentColor" stroke-width="{width}"')


def _drawing(view: str, body: str, look: str = 'fill="currentColor"') -> str:
    ends = 'stroke-linecap="round" stroke-linejoin="round"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}" {look} {ends} aria-hidden="true">{body}</svg>'


CUP = _icon(
    "M5 9h12v6.5a4.5 4.5 0 0 1-4.5 4.5h-3A4.5 4.5 0 0 1 5 15.5z",
    "M17 10.5h1.2a2.6 2.6 0 0 1 0 5.2H17",
    "M9 3.2c-.9 1.1.9 1.9 0 3.1M13 3.2c-.9 1.1.9 1.9 0 3.1",
)
MORE = _icon("M5 12h.01M12 12h.01M19 12h.01", width=3.6)
SCAN = _icon(
    "M4 8.5V6a2 2 0 0 1 2-2h2.5M15.5 4H18a2 2 0 0 1 2 2v2.5",
    "M20 15.5V18a2 2 0 0 1-2 2h-2.5M8.5 20H6a2 2 0 0 1-2-2v-2.5M4 12h16",
)
BELL = _icon("M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 20.5h4")
CHECK = _icon("m5.5 12.5 4.2 4.2L18.5 7.5", width=2.2)
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
