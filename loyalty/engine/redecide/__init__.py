"""Deciding receipts again: the audit rebuilds each member's past in memory, decides every command as the engine did, and compares.

A back-test (`suppose`) does the same with other rules: it takes a step with a rule set of its own and goes on from what came out.
"""
