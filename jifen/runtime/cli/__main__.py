"""`python -m jifen.runtime.cli`: how our processes start one another."""

from jifen.runtime.cli import main

main()
