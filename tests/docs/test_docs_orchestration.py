"""docs/orchestration.md: every command prints what the page shows."""

import pytest

from tests.docs.doc_pages import ROOT, Reader, check_page


@pytest.mark.golden
def test_orchestration_prints_what_it_shows(reader: Reader) -> None:
    check_page(ROOT / "docs" / "orchestration.md", reader)
