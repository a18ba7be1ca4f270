"""Merging: two members who are one person become one, and can be split again."""
