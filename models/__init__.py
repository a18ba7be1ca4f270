"""The database layer: Tortoise models, migrations, the schema check, privileges, Citus placement and batched look-ups."""
