"""What every other package may use: settings, the clock, gauges, logs."""
