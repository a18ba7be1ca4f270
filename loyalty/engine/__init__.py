"""The engine: it decides many commands in one transaction, and imports no feature."""
