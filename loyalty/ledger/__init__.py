"""A member's points: the account, its lots, its entries with their hash chain, and business days."""
