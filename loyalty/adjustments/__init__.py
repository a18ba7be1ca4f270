"""Operators change one account by hand: adjust its points, freeze it, thaw it; each with a receipt and a reason."""
