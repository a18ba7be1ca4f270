"""The worker: jobs that the clock starts, and their schedule."""
