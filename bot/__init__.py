"""The chat door: webhook, router, one handler module per topic, Chinese reply texts."""
