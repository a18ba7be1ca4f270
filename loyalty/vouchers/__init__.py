"""Vouchers: a member gets one for a reward or a prize, and shows its code in the shop."""
