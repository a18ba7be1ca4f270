"""补签: a repair card mends one missed day, so that the days in a row continue."""
