"""What the log of a run says of an error that is meant for people: one line. Bugs keep their tracebacks."""

import logging

from errors import FindMatchesError

LOGGERS = ("prefect.flow_runs", "prefect.task_runs", "prefect.engine")


class OneLine(logging.Filter):
    """Takes the traceback from an error meant for people, and drops lines that do not name the error."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record is worth a line."""
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, FindMatchesError):
            return True
        record.exc_info = None
        return repr(error) in record.getMessage()


def keep_to_one_line() -> None:
    """Let Prefect's loggers of runs say such errors in one line; twice is as once."""
    for logger in map(logging.getLogger, LOGGERS):
        if not any(isinstance(each, OneLine) for each in logger.filters):
            logger.addFilter(OneLine())
