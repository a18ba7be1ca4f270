"""The folder of a job, in the data folder that all processes of the console on this machine share. It is kept for a day."""

import secrets
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Final

from base.settings import Settings

KEPT: Final = timedelta(days=1)
"""How long uploaded and made files are kept after their job ended: they hold personal data."""
PLACE: Final = "jobs"


def new_folder(settings: Settings) -> str:
    """The name of a new folder, which this user alone can read. Raises OSError."""
    name = secrets.token_hex(12)
    path = folder_path(settings, name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.mkdir(mode=0o700)
    return name


def folder_path(settings: Settings, name: str) -> Path:
    """Where the folder of that name is, whether it is still there or not."""
    return settings.data_dir / PLACE / name


def remove_folder(settings: Settings, name: str) -> None:
    """Remove the folder and what it holds. Safe to repeat."""
    shutil.rmtree(folder_path(settings, name), ignore_errors=True)


def old_folders(settings: Settings, open_names: set[str], now_s: float) -> list[str]:
    """The folders that no open job names and that nothing has changed for KEPT; `now_s` is the time of files, in seconds."""
    place = settings.data_dir / PLACE
    if not place.is_dir():
        return []
    limit = now_s - KEPT.total_seconds()
    return [one.name for one in place.iterdir() if one.name not in open_names and one.stat().st_mtime < limit]
