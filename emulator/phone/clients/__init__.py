"""HTTP clients of the page: for the emulator, and for the points server."""
