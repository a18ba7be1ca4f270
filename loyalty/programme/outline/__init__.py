"""The items of the rule set with their Chinese titles, and what is made from them for whoever writes rules."""
