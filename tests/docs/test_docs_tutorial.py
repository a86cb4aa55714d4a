"""docs/tutorial.md, followed command by command."""

import re

import pytest

from tests.docs.doc_pages import ROOT, Reader, check_page

TUTORIAL = ROOT / "docs" / "tutorial.md"


@pytest.mark.golden
def test_the_tutorial_prints_what_it_shows(reader: Reader) -> None:
    check_page(TUTORIAL, reader)


def test_what_the_tutorial_says_of_its_numbers_is_so() -> None:
    page = TUTORIAL.read_text(encoding="utf-8")
    estimates = re.findall(r"^(precision|recall|AUPRC)(?: = \S+)? +(\d\.\d+)", page, re.MULTILINE)
    strict, balanced = dict(estimates[:3]), dict(estimates[3:])
    assert float(balanced["recall"]) > float(strict["recall"])
    found = re.findall(r"^true positives +(\d+)", page, re.MULTILINE)
    assert int(found[1]) > int(found[0])
    assert re.findall(r"^column +importance\n(\w+)", page, re.MULTILINE) == ["outcome", "outcome"]
