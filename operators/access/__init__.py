"""Access: the accounts of operators, and how they log in."""
