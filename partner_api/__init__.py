"""The partner API under /partner/v1, for tills, shops, CRMs and ERPs."""
