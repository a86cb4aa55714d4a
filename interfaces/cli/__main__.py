"""The command line, for `python -m interfaces.cli`."""

from interfaces.cli import main

main()
