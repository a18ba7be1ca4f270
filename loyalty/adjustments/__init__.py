"""What operators do to one account by hand: adjusting its points, freezing it, thawing it; each with a receipt and a reason."""
