"""What operators look at: reads for lists and pages, each by an index, none over all entries."""
