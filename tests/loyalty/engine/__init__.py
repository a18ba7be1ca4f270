"""The engine with a feature that it has never heard of."""
