"""What flows can be told, beyond names and paths: bounds that forms show, and the settings of the whole chain."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from catalog.transforms import FindMatchesParameters, TaskRunProperties
from catalog.workers import WORKER_SIZES
from flows.guarded_flow import GuardedText


def between(least: float, most: float | None = None) -> Any:
    """Return the bounds of a number for the form and the server; a step says in its own words what is wrong."""
    bounds: dict[str, Any] = {"minimum": least}
    return Field(json_schema_extra=bounds if most is None else bounds | {"maximum": most})


class PipelineSettings(BaseModel):
    """How the pipeline names its table, matches, writes, and runs; the words are Glue's."""

    model_config = ConfigDict(extra="forbid", title="Settings")

    database: GuardedText = Field(default="default", description="Database of the catalog that the table goes to")
    table: GuardedText | None = Field(default=None, description="Name of the table; made from the path when empty")
    header: bool | None = Field(
        default=None, description="Whether the first line names the columns; found out when empty"
    )
    source_column_name: GuardedText | None = Field(
        default=None, description="Column of the source: rows of one source never match"
    )
    precision_recall_tradeoff: float = Field(
        default=0.5, ge=0, le=1, description="0 finds more matches, 1 makes fewer errors"
    )
    accuracy_cost_tradeoff: float = Field(default=0.5, ge=0, le=1, description="0 is quick, 1 searches thoroughly")
    enforce_provided_labels: bool = Field(default=False, description="Make the output agree with the labels")
    scores: bool = Field(default=False, description="Write match_confidence_score, one number a cluster")
    dedupe: bool = Field(default=False, description="Write one row a cluster, the one with the lowest primary key")
    incremental: bool = Field(
        default=False, description="Seek only rows that are new or changed since the last run among all"
    )
    worker_type: str = Field(
        default="G.1X",
        description="Size of one worker, as with Glue; never more than the machine has",
        json_schema_extra={"enum": list(WORKER_SIZES)},
    )
    number_of_workers: int = Field(default=2, ge=1, description="How many workers a step may use")
    timeout: int = Field(default=2880, ge=1, description="Minutes until a step is stopped")
    max_retries: int = Field(default=0, ge=0, le=10, description="How often a failed step is tried again")

    def parameters(self, primary_key: str) -> FindMatchesParameters:
        """Return what decides how records match."""
        return FindMatchesParameters(
            primary_key_column_name=primary_key,
            source_column_name=self.source_column_name,
            precision_recall_tradeoff=self.precision_recall_tradeoff,
            accuracy_cost_tradeoff=self.accuracy_cost_tradeoff,
            enforce_provided_labels=self.enforce_provided_labels,
        )

    def properties(self) -> TaskRunProperties:
        """Return what decides how a step runs."""
        return TaskRunProperties(
            worker_type=self.worker_type,
            number_of_workers=self.number_of_workers,
            timeout=self.timeout,
            max_retries=self.max_retries,
        )

    def left_out(self) -> frozenset[str]:
        """Return the names nobody gave a value for: a transform that exists keeps its own there."""
        return frozenset(type(self).model_fields) - self.model_fields_set
