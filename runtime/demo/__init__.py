"""The demo: a coffee shop's programme with fourteen months of history, and all processes started by one command."""
