"""Points of members who have not visited for long: forfeited after a warning, unless they come back."""
