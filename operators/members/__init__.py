"""What operators do to members."""
