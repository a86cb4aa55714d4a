"""Cells that a spreadsheet cannot mistake for a formula."""

import re

_FORMULA = re.compile(r"[=+\-@\t\r]")
_QUOTED_FORMULA = re.compile(r"'+[=+\-@\t\r]")
_PLAIN_NUMBER = re.compile(r"-[0-9]+(\.[0-9]+)?")


def harmless(cell: str) -> str:
    """Return the cell as it is written to a file that people open in a spreadsheet.

    A leading apostrophe goes before what a spreadsheet would calculate; plain negative numbers stay as they are.
    `restored` undoes it exactly, also for cells that had apostrophes of their own.

    >>> harmless("=1+1"), harmless("-5"), harmless("'tis")
    ("'=1+1", '-5', "'tis")
    """
    calculates = _FORMULA.match(cell) and not _PLAIN_NUMBER.fullmatch(cell)
    return f"'{cell}" if calculates or _QUOTED_FORMULA.match(cell) else cell


def restored(cell: str) -> str:
    """Return the cell as it was before `harmless`.

    >>> restored("'=1+1"), restored("'tis"), restored("-5")
    ('=1+1', "'tis", '-5')
    """
    return cell[1:] if _QUOTED_FORMULA.match(cell) else cell
