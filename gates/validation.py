"""Great Expectations as the gates use it: one frame in memory, nothing written, nothing sent, no progress bars."""

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Check:
    """One expectation after it was tried: the first rows that break it by their label in the frame's index."""

    name: str
    expectation: str
    column: str
    success: bool
    unexpected_count: int
    rows: tuple[Any, ...]

    def as_dict(self) -> dict[str, Any]:
        """The check as reports keep it."""
        return {"name": self.name, "success": self.success, "unexpected_count": self.unexpected_count}


def expectations() -> ModuleType:
    """Return Great Expectations' own expectations; the first call imports the package, which takes seconds."""
    with _quiet():
        import great_expectations.expectations as gxe

    return gxe  # type: ignore[no-any-return]


def validate(frame: "pd.DataFrame", expected: Sequence[Any], most_rows: int | None = 10) -> list[Check]:
    """Try expectations on a frame, in order; name at most the first `most_rows` rows that break each (None: all)."""
    with _quiet():
        import great_expectations as gx

        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False, "metric_calculations": False}
        asset = context.data_sources.add_pandas("memory").add_dataframe_asset("rows")
        validation = gx.ValidationDefinition(
            name="gate",
            data=asset.add_batch_definition_whole_dataframe("all"),
            suite=context.suites.add(gx.ExpectationSuite(name="gate", expectations=list(expected))),
        )
        context.validation_definitions.add(validation)
        result = validation.run(batch_parameters={"dataframe": frame}, result_format=_result_format(most_rows))
    return [_check(tried) for tried in result.results]


def _result_format(most_rows: int | None) -> dict[str, Any]:
    if most_rows is None:
        return {"result_format": "COMPLETE"}
    return {"result_format": "SUMMARY", "partial_unexpected_count": most_rows}


def _check(tried: Any) -> Check:
    if "exception_message" not in tried.exception_info or tried.exception_info["raised_exception"]:
        raise RuntimeError(f"Great Expectations could not try {tried.expectation_config}: {tried.exception_info}")
    config, result = tried.expectation_config, tried.result
    rows = result.get("unexpected_index_list", result.get("partial_unexpected_index_list", ()))
    return Check(
        name=config.description or config.type,
        expectation=config.type,
        column=str(config.kwargs.get("column", "")),
        success=bool(tried.success),
        unexpected_count=int(result.get("unexpected_count", 0 if tried.success else 1)),
        rows=tuple(rows or ()),
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what Great Expectations says to its own developers from people who wait for an answer about their data."""
    logger = logging.getLogger("great_expectations")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            yield
    finally:
        logger.setLevel(level)
