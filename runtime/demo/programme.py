"""The programme that the demo plays: its own coffee shop, or one of the templates."""

from pathlib import Path
from typing import Final, NamedTuple

from base.settings import Settings
from loyalty.programme.files.reading import read_rules
from runtime.templates import TEMPLATES, template_path


class Played(NamedTuple):
    """The rule file, the ids of the stores, and what a purchase costs in fen."""

    rules_file: Path
    stores: tuple[str, ...]
    amounts_fen: tuple[int, ...]


OWN: Final = Played(
    Path(__file__).parent / "rules.yaml", ("jingan", "xuhui"), (1800, 2200, 2800, 3200, 4600, 6800)
)
AMOUNTS_FEN: Final = {
    "retail": (2350, 4780, 6990, 8820, 13600, 21500),
    "restaurant": (2600, 3200, 3500, 4800, 6900, 12800),
    "beauty": (16800, 19800, 29800, 38800, 59800, 98000),
    "education": (4500, 9800, 16000, 28000, 48000, 98000),
}


class OtherTemplate(Exception):
    """The demo's folder has the history of another programme; the message says in Chinese what to do."""


def played(template: str) -> Played:
    """The programme of a template; the demo's own for ""."""
    if not template:
        return OWN
    file = template_path(template)
    return Played(file, tuple(store.id for store in read_rules(file).stores), AMOUNTS_FEN[template])


def chosen(settings: Settings, asked: str) -> str:
    """The template of the demo in this folder: the one that it began with, or else the one that is asked for.

    Raises OtherTemplate if it began with another one.
    """
    begun, marker = settings.data_dir / "demo-past", settings.data_dir / "demo-template"
    if not begun.exists():
        return asked
    before = marker.read_text(encoding="ascii") if marker.exists() else ""
    if asked and asked != before:
        raise OtherTemplate(
            f"{settings.data_dir} 里的演示用的是{TEMPLATES.get(before, '咖啡店')}的规则。"
            f"要换成{TEMPLATES[asked]}模板，请先删除这个文件夹，或者用 JIFEN_DATA_DIR 另指一个。"
        )
    return before
