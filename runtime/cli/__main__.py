"""`python -m runtime.cli`: how our processes start child processes."""

from runtime.cli import main

main()
