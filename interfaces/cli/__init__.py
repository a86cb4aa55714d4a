"""The command line `findmatches`. Nothing heavy is imported before a command runs."""

from interfaces.cli.app import app


def main() -> None:
    """Run the command that the words on the command line name."""
    app()
