"""Lists that several pages show: members, vouchers, notices."""
