"""The counter: vouchers that staff look at and take."""
