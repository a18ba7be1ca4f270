"""Shared by every other package: settings, the clock, metrics, logs."""
