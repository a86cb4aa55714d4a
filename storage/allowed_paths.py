"""Which places runs may touch, where the words that start them come from outside: a form, an event, a file's name."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from errors import InvalidInputError
from storage.url_secrets import check_no_secret

SETTING = "FINDMATCHES_ALLOWED_PATHS"

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*)://")


def allowed_paths(setting: str) -> tuple[str, ...]:
    """Return the places that a setting names: folders and s3:// prefixes, with commas or line ends between them.

    >>> allowed_paths("/data, s3://lake/in/")
    ('/data', 's3://lake/in/')
    """
    return tuple(part.strip() for part in re.split(r"[,\n]", setting) if part.strip())


def check_allowed(path: str, allowed: Sequence[str]) -> None:
    """Stop at a path that is none of the allowed places and not below one.

    Links are followed first, so a link leads nowhere that its target is not allowed to be.
    """
    place = _place(path)
    if not any(_is_within(place, _place(each)) for each in allowed):
        raise InvalidInputError(
            f"'{shown(path)}' is outside of the places that runs may touch: {', '.join(allowed) or 'none'}. "
            f"Name a path below one of them, or add its folder or bucket to {SETTING} where the worker runs."
        )


def check_path(path: str) -> None:
    """Stop at a path that no run takes wherever it leads: one with line ends, '..' in a URL, or a URL in a URL."""
    _place(path)


def shown(path: str) -> str:
    r"""Return a path as messages have it, on one line and not too long.

    >>> shown("a\nb.csv")
    'a?b.csv'
    """
    return _CONTROL.sub("?", path)[:200]


def _place(path: str) -> str:
    """Return the one spelling of a path, ending with no slash; what cannot be spelled so is refused."""
    check_no_secret(path)
    if _CONTROL.search(path) or "::" in path or not path.strip():
        raise _refused(path)
    found = _SCHEME.match(path)
    scheme, rest = (found[1].lower(), path[found.end() :]) if found else ("file", path)
    if scheme == "file":
        return os.path.realpath(Path(rest).expanduser())
    if any(part in {".", ".."} for part in rest.split("/")):
        raise _refused(path)
    return f"{'s3' if scheme == 's3a' else scheme}://{rest.rstrip('/')}"


def _is_within(place: str, root: str) -> bool:
    return place == root or place.startswith(root.rstrip("/") + "/")


def _refused(path: str) -> InvalidInputError:
    return InvalidInputError(
        f"'{shown(path)}' is no path that a run takes. "
        "Give a local path or an s3:// url without '..', '::' and line ends."
    )
