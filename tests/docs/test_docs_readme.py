"""README.md: its commands run, and the numbers it shows are those of the demo."""

import re

import pytest

from tests.docs.doc_pages import ROOT, Reader, blocks, check_page, check_part

README = ROOT / "README.md"


@pytest.mark.golden
def test_the_readmes_commands_run(reader: Reader) -> None:
    check_page(README, reader)


@pytest.mark.golden
@pytest.mark.slow
def test_the_readme_shows_how_the_demo_ends(reader: Reader) -> None:
    page = README.read_text(encoding="utf-8")
    shown = blocks(page, "text")[0]
    printed = reader.shell("findmatches demo 2> progress.txt").splitlines(keepends=True)
    check_part(README, shown, "".join(printed[-len(shown.splitlines()) :]))


def test_the_readme_stays_short() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 110


def test_the_layout_names_every_room() -> None:
    layout = blocks(README.read_text(encoding="utf-8"), "text")[1]
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert rooms <= set(re.findall(r"\b(\w+)/", layout))
