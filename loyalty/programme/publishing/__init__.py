"""Publishing rules: drafts become immutable versions, which can be withdrawn before their day."""
