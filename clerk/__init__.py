"""/clerk: a page for the phones of shop staff, who take vouchers there."""
