"""The programme: the rule set, its versions, and how one is published.

`rules` composes the rule set. `declaring` and `general` are what it is made of; what reads, compares and publishes it is above it.
"""
