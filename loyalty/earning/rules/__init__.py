"""What operators write of earning: rules with conditions, their values, faults, favour and the sentences that members read."""
