"""Vouchers: what a reward or a prize gives a member to show in the shop."""
