"""Points of the inactive: what their warnings and forfeitures come to."""
