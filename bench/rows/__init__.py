"""The measures, one a file, each a function from a Bench to a Row."""
