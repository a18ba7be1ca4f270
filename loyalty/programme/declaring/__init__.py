"""What sections of the rule set are declared with: types, texts, windows, their faults, and whether more is better for members."""
