"""The memory: Tortoise tables, constraints and migrations."""
