"""兑换: points for rewards."""
