"""Decisions of a second person: each kind of approval with the feature that carries it out."""
