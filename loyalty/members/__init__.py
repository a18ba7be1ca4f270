"""Members: how they enrol, the identities that point to them, their profile."""
