"""The kinds of notice: one file per kind, listed in `kinds.py`."""
