"""What every other package may use: settings, the clock, metrics, logs."""
