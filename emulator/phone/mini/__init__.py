"""The brand's mini-program: one module per page."""
