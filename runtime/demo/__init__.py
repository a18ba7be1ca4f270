"""The demo: a coffee shop's programme with a past, and everything running at once."""
