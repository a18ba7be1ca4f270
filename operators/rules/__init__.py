"""Rules at the desk: the draft, its publication, and the request where a second person must agree."""
