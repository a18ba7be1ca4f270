"""Who is speaking and how to reach them: identity, delivery of notices, invitation pictures."""
