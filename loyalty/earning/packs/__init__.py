"""加速包: for some days, or until so many points came of it, what a member earns is multiplied."""
