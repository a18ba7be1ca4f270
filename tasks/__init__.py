"""The clock's door: ARQ jobs and their schedule."""
