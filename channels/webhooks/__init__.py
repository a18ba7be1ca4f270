"""Outbound webhooks: the addresses that partners register, and the delivery of changes to them."""
