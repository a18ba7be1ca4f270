"""Cases: a member who spends far more than usual can spend nothing more until an operator has looked at it."""
