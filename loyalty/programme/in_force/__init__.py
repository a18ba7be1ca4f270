"""Which rule version is, was or will be in force at an instant."""
