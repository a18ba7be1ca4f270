"""Numbers: daily facts that the worker keeps from receipts and entries, and what operators read from them."""
