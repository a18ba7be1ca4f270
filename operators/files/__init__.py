"""Files that operators bring in and take out."""
