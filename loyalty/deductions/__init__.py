"""积分抵现: points set aside for an order at the till, then captured when it is paid, or released."""
