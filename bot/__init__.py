"""The chat with the official account: webhook, router, one handler module per topic, Chinese reply texts."""
