"""The constraints that the database must have, and the rights that the application's role gets, computed from the features."""

from typing import Final

from loyalty.features import FEATURES
from models import grants, schema

SCHEMA: Final = schema.read_schema(
    [schema.OWN, *(feature.schema for feature in FEATURES if feature.schema is not None)]
)
"""Every check and index by name, as PostgreSQL spells it."""

GRANTS: Final = grants.OWN | {
    table.name: grants.Grant(table.mutable) for feature in FEATURES for table in feature.tables
}
"""The rights of the application's role beyond reading and adding rows, by table."""

FACTS: Final = grants.facts_among(GRANTS)
"""Tables whose rows never change once they are written."""
