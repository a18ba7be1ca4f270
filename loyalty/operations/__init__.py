"""The operation log: who did what to whom, before, after, why and from where; rows are only ever added."""
