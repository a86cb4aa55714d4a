"""Which files a crawl leaves out: globs as Glue has them, relative to the path that is crawled."""

import re
from collections.abc import Iterable, Sequence

from errors import InvalidInputError
from storage.files import StoredFile


def without_excluded(files: Iterable[StoredFile], root: str, patterns: Sequence[str]) -> list[StoredFile]:
    """The files below `root` that no pattern names. `departments/**` leaves a whole folder out, `**.csv` an ending."""
    if not patterns:
        return list(files)
    excluded = re.compile("|".join(f"(?:{_regex(pattern)})" for pattern in patterns), re.DOTALL)
    return [file for file in files if not excluded.fullmatch(file.path.removeprefix(root).lstrip("/"))]


def is_excluded(path: str, patterns: Sequence[str]) -> bool:
    """Whether one of the globs names the whole relative path.

    `*` stays within a folder, `**` does not, `?` is one sign, `[a-z]` and `[!a]` are classes, `{a,b}` alternatives,
    and a backslash takes the next sign as it is. A leading dot is a sign like others.

    >>> is_excluded("departments/finance.json", ["departments/market*"]), is_excluded("a/b/c.csv", ["**.csv"])
    (False, True)
    """
    return any(re.fullmatch(_regex(pattern), path, re.DOTALL) for pattern in patterns)


def _regex(pattern: str) -> str:
    found, place, inside = "", 0, False
    while place < len(pattern):
        text, place = _next(pattern, place, inside)
        inside = (inside or text == "(?:") and text != ")"
        found += text
    if inside:
        raise _not_a_pattern(pattern, "{ is never closed")
    return found


def _next(pattern: str, place: int, inside: bool) -> tuple[str, int]:
    """The regular expression for what stands at a place in the pattern, and where the next begins."""
    sign = pattern[place]
    if pattern.startswith("**", place):
        return ".*", place + 2
    if sign == "[":
        return _class(pattern, place)
    if sign == "\\":
        if place + 1 == len(pattern):
            raise _not_a_pattern(pattern, "nothing follows the backslash")
        return re.escape(pattern[place + 1]), place + 2
    if sign == "{" and inside:
        raise _not_a_pattern(pattern, "braces cannot stand in braces")
    special = {"*": "[^/]*", "?": "[^/]", "{": "(?:"} | ({"}": ")", ",": "|"} if inside else {})
    return special.get(sign, re.escape(sign)), place + 1


def _class(pattern: str, place: int) -> tuple[str, int]:
    end = pattern.find("]", place + 2)
    if end < 0:
        raise _not_a_pattern(pattern, "[ is never closed")
    signs = pattern[place + 1 : end]
    inverted = signs.startswith("!")
    text = "".join(sign if sign == "-" else re.escape(sign) for sign in signs.removeprefix("!"))
    found = f"(?!/)[{'^' * inverted}{text}]"
    try:
        re.compile(found)
    except re.error as error:
        raise _not_a_pattern(pattern, f"[{signs}] is no class of signs") from error
    return found, end + 1


def _not_a_pattern(pattern: str, reason: str) -> InvalidInputError:
    return InvalidInputError(f"'{pattern}' is no pattern of files to leave out: {reason}. For example: archive/**")
