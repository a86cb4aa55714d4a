"""What is wrong with single files, while a crawl goes on with the others."""

from dataclasses import dataclass, field

from errors import FindMatchesError


@dataclass(frozen=True)
class Problem:
    """A file that cannot be read, and why, in one line; `kept` says that what was known of it still stands."""

    path: str
    message: str
    kept: bool = False
    error: FindMatchesError | None = field(default=None, compare=False, repr=False)


def problem_of(path: str, error: FindMatchesError, *, kept: bool = False) -> Problem:
    """The problem that an error tells of."""
    return Problem(path, str(error), kept, error)
