"""Notices about changes of points."""
