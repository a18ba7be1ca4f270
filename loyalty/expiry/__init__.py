"""有效期: points that open and lapse, and warnings before they lapse."""
