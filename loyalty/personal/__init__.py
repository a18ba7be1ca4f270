"""The copy of personal data: everything that the programme keeps of a member, for that member alone."""
