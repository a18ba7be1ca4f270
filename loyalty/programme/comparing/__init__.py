"""Two rule sets beside each other: what differs, and what got worse for members."""
