"""docs/tutorial.md, followed command by command."""

import pytest
from doc_pages import ROOT, Reader, check_page


@pytest.mark.golden
def test_the_tutorial_prints_what_it_shows(reader: Reader) -> None:
    check_page(ROOT / "docs" / "tutorial.md", reader)
