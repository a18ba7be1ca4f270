"""Approvals: what one operator asks for and a second person decides."""
