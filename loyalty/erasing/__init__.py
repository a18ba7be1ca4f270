"""Erasing: what tells who a member is goes for good; the ledger stays under their number; who comes back is a new member."""
