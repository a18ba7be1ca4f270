"""有效期: points that open and lapse, and the warning before."""
