"""docs/cli.md is what the commands say of themselves."""

import os

import pytest

from tests.docs.cli_page import cli_page, command_names
from tests.docs.doc_pages import ROOT, blocks, commands, page_paths

PAGE = ROOT / "docs" / "cli.md"


@pytest.mark.golden
def test_the_cli_page_is_current() -> None:
    if os.environ.get("FINDMATCHES_GOLDEN") == "rewrite":
        PAGE.write_text(cli_page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == cli_page()


def test_every_command_is_used_somewhere_besides_its_own_page() -> None:
    shown = [
        command
        for path in page_paths()
        if path != PAGE
        for block in blocks(path.read_text(encoding="utf-8"), "console", "sh")
        for command in [*commands(block), *block.splitlines()]
    ]
    run_by_make = {"findmatches demo"}
    unused = {name for name in command_names() if not any(line.startswith(name) for line in shown)}
    assert unused - run_by_make == set()
