"""Where every table of ours is to lie on a distributed database, in the order in which they are placed."""

from typing import Final

from loyalty.schema import GRANTS
from models.placement import COLOCATED_WITH, Placement, placement_of

TABLES: Final = sorted({*GRANTS, "tortoise_migrations"}, key=lambda name: (name != COLOCATED_WITH, name))
PLACEMENTS: Final[dict[str, Placement]] = {name: placement_of(name) for name in TABLES}
