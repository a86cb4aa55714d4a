"""Signals that stop a step, also where DuckDB hears them: it says "Query interrupted", and not what was raised."""

from typing import NoReturn

from errors import FindMatchesError

_heard: list[FindMatchesError] = []  # the stop that came last; signals are the process's, and so is this


def stop_with(error: FindMatchesError) -> NoReturn:
    """Raise the error that a signal means, from its handler."""
    _heard[:] = [error]
    raise error


def as_heard(error: BaseException) -> BaseException:
    """Return what a signal raised, where `error` is what DuckDB made of it; any other error as it is."""
    if isinstance(error, RuntimeError) and str(error) == "Query interrupted":
        return _heard[-1] if _heard else KeyboardInterrupt()
    return error
