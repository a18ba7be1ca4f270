"""兑换: exchanging points for rewards."""
