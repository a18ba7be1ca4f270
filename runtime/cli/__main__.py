"""`python -m runtime.cli`: how our processes start one another."""

from runtime.cli import main

main()
