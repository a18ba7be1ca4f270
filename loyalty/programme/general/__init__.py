"""The sections of the rule set that belong to no feature."""
