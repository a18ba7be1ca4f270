"""A member's points: account, lots, entries and their hash chain, business days."""
