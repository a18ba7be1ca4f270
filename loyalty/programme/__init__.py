"""The programme: the rule set, its versions, and how one is published."""
