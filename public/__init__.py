"""Pages for everybody, without a log-in: the published odds against what was drawn."""
