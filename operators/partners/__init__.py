"""What partners are given: keys of the partner API, and webhooks."""
