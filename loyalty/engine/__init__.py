"""The engine: many commands, one transaction. It names no feature."""
