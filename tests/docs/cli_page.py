"""The page docs/cli.md, written from the command line's own help."""

import os
from collections.abc import Iterator
from unittest.mock import patch

from typer.main import get_command
from typer.testing import CliRunner

from interfaces.cli import app

HEAD = """# The command line

This page is `findmatches COMMAND --help` of every command; `make golden` writes it anew, and a test fails while it is
not current. `--json` prints what a program would read. Errors meant for people are one line on stderr and exit code 1;
wrong usage is exit code 2. With `PREFECT_API_URL` set, `crawl`, `labels generate`, `labels import`, `train`, `evaluate`
and `run` run as flows that this server records.
"""


def cli_page() -> str:
    """Return the page as it has to be now."""
    return HEAD + "".join(f"\n## {title}\n\n```text\n{_help(title)}```\n" for title in command_names())


def command_names() -> Iterator[str]:
    """Yield `findmatches`, then every command and command of a group, in the order of the help."""
    yield "findmatches"
    root = get_command(app)
    for name in root.list_commands(None):
        yield f"findmatches {name}"
        yield from (f"findmatches {name} {inner}" for inner in getattr(root.commands[name], "commands", ()))


def _help(title: str) -> str:
    words = [*title.split()[1:], "--help"]
    with patch.dict(os.environ, {"COLUMNS": "100", "TERMINAL_WIDTH": "100"}):
        shown = CliRunner().invoke(app, words, prog_name="findmatches", catch_exceptions=False)
    return "".join(f"{line.rstrip()}\n" for line in shown.stdout.splitlines())
