"""What the doors show: reads of one member's state, one file a feature, as frozen values."""
