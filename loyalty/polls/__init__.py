"""Polls: one vote per member, and a result that everybody sees."""
