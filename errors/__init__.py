"""The words for what goes wrong.

FindMatchesError                     meant for people: one line, what is wrong and what to do
├── InvalidInputError                a file, table, value or parameter is not as it must be
│   ├── StorageUnreachableError      storage that does not answer now, and may later
│   ├── CatalogUnreachableError      a catalog on a server that does not answer now, and may later
│   └── LabelsRefusedError           a labelled file that is not as it must be; nothing of it was stored
├── EntityNotFoundError              a database, table, transform, run or record that is not there
├── AlreadyExistsError               a name that is taken
├── MLTransformNotReadyError         asked of a transform that has no labels yet
├── ConcurrentRunsExceededError      too many task runs of one transform at once
├── ResourceNumberLimitExceededError a stated limit is reached
├── CrawlerRunningError              a crawler that runs once at a time and is at it
├── CrawlerNotRunningError           a crawler that was to stop and does not run
├── CrawlerStoppingError             a crawler that was to stop and already does
├── NoScheduleError                  a crawler whose schedule was to begin and has none
├── SchedulerRunningError            a schedule that was to begin and is in force
├── SchedulerNotRunningError         a schedule that was to end and is not in force
├── CrawlStoppedError                a crawl that somebody stopped
├── TaskRunStoppedError              a task run that somebody stopped
├── OperationTimeoutError            stopped because its time was up
├── CatalogBusyError                 another process kept the catalog longer than we wait
└── WorkspaceVersionError            the workspace was made by a newer version

The names are those of AWS Glue without the `Exception` ending, where Glue has the case.
Anything else that escapes is a bug and stays a traceback.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class FindMatchesError(Exception):
    """Something a person can mend; the text says what is wrong and what to do next."""


class InvalidInputError(FindMatchesError):
    """A file, table, value or parameter is not as it must be."""


class StorageUnreachableError(InvalidInputError):
    """Storage does not answer now, and may later."""


class CatalogUnreachableError(InvalidInputError):
    """The server of the catalog does not answer now, and may later; nothing was written."""


class LabelsRefusedError(InvalidInputError):
    """A labelled file is not as it must be; nothing of it was stored."""


class EntityNotFoundError(FindMatchesError):
    """A database, table, transform, run or record that is not there."""


class AlreadyExistsError(FindMatchesError):
    """A name that is taken."""


class MLTransformNotReadyError(FindMatchesError):
    """Asked of a transform that has no labels yet."""


class ConcurrentRunsExceededError(FindMatchesError):
    """Too many task runs of one transform at once."""


class ResourceNumberLimitExceededError(FindMatchesError):
    """A stated limit is reached."""


class CrawlerRunningError(FindMatchesError):
    """A crawler that runs once at a time and is at it."""


class CrawlerNotRunningError(FindMatchesError):
    """A crawler that was to stop and does not run."""


class CrawlerStoppingError(FindMatchesError):
    """A crawler that was to stop and already does."""


class NoScheduleError(FindMatchesError):
    """A crawler whose schedule was to begin and has none."""


class SchedulerRunningError(FindMatchesError):
    """A schedule that was to begin and is in force."""


class SchedulerNotRunningError(FindMatchesError):
    """A schedule that was to end and is not in force."""


class CrawlStoppedError(FindMatchesError):
    """A crawl that somebody stopped."""


class TaskRunStoppedError(FindMatchesError):
    """A task run that somebody stopped."""


class OperationTimeoutError(FindMatchesError):
    """Stopped because its time was up."""


class CatalogBusyError(FindMatchesError):
    """Another process kept the catalog for longer than we wait."""


class WorkspaceVersionError(FindMatchesError):
    """The workspace was made by a newer version of findmatches."""


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun, which is in the singular for one; `plural` is for nouns that take more than an s.

    >>> counted(1, "row"), counted(2000, "row"), counted(0, "match", "matches")
    ('1 row', '2,000 rows', '0 matches')
    """
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def closest(word: str, words: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for the nearest of `words`, or nothing when none is near.

    >>> closest("post_cod", ["name", "post_code"])
    " Did you mean 'post_code'?"
    >>> closest("zzz", ["name"])
    ''
    """
    near = get_close_matches(word, list(words), n=1)
    return f" Did you mean '{near[0]}'?" if near else ""
