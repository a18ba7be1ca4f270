"""The chat with the official account."""
