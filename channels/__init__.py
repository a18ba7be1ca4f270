"""Members as WeChat users: their identity, the delivery of notices to them, and their invitation pictures."""
