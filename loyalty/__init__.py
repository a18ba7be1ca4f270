"""The domain: points, rules and features. No HTTP, no XML, no Redis."""
