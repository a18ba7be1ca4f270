"""The mini-program door: the JSON API under /api/v1."""
