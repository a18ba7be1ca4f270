"""Files and imports for the tests of moving in."""

from pathlib import Path

from loyalty.bookers import Bookers
from loyalty.ledger.calendar import business_day
from moving.columns import hand_mapping, map_columns
from moving.importing import Report, check_table, go_through
from moving.kind import Import, Kind
from moving.opening import open_sheet
from moving.persons import Providers
from tests.ledger import ZONE, Ledger


def written(path: Path, *lines: str, encoding: str = "utf-8") -> Path:
    """A text file with these lines."""
    path.write_bytes("".join(f"{line}\r\n" for line in lines).encode(encoding))
    return path


async def imported(
    ledger: Ledger,
    kind: Kind,
    path: Path,
    *,
    apply: bool = True,
    external: str | None = "external:crm",
    mapping: tuple[str, ...] = (),
    bookers: Bookers | None = None,
) -> Report:
    """Import a file as the command does, once it has decided to begin."""
    sheet = open_sheet(path)
    mapped = map_columns(sheet.header, kind.fields, hand_mapping(mapping, kind.fields))
    providers = Providers("wx_oa", "wx_mini", external)
    today = business_day(ledger.clock.now(), ZONE)
    into = Import(ledger.engine, ledger.pool, ZONE, providers, sheet.digest, today, bookers)
    mapped = check_table(kind, sheet, mapped, into)
    return await go_through(kind, sheet, mapped, into, apply=apply, tell=lambda _: None)
