"""Earning: events that partners report, the rules that say what each of them pays, and what a refund takes back."""
