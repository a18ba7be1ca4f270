"""延期: a member puts off the day on which points lapse, once."""
