"""docs/how-it-works.md, followed command by command."""

import pytest

from tests.docs.doc_pages import ROOT, Reader, check_page


@pytest.mark.golden
def test_how_it_works_prints_what_it_shows(reader: Reader) -> None:
    check_page(ROOT / "docs" / "how-it-works.md", reader)
