"""What the columns of a transform are: of the kind somebody set, as its model learned, or as the data look now."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.database import Catalog
from catalog.models import latest_model
from catalog.tables import get_table
from catalog.transforms import Transform
from errors import FindMatchesError
from storage.workspace import Workspace
from tasks.checked_table import checked_table
from tasks.records import read_records
from tasks.transform_data import kinds_in_force

SET, LEARNED, FOUND = "set", "learned", "found"

logger = logging.getLogger("findmatches.tasks")


@dataclass(frozen=True)
class ColumnKindTold:
    """A compared column, its kind, and who says so: "set" by somebody, "learned" with the model, "found" in the data.

    `kind` is None where nobody said anything and the data cannot be read.
    """

    column: str
    kind: str | None
    told_by: str


def columns_of_transform(workspace: Workspace, transform: Transform) -> list[ColumnKindTold]:
    """Return what each column is, without primary key and source column, in the order of the table."""
    parameters = transform.parameters
    besides = {parameters.primary_key_column_name, parameters.source_column_name}
    columns = tuple(name for name, _ in transform.schema if name not in besides)
    set_kinds, model = dict(kinds_in_force(transform)), latest_model(Catalog.of(workspace), transform.transform_id)
    learned = model.summary.get("kinds", {}) if model else {}
    unknown = tuple(name for name in columns if name not in set_kinds and name not in learned)
    found = _found_kinds(workspace, transform, unknown) if unknown else {}
    tellers = ((SET, set_kinds), (LEARNED, learned), (FOUND, found))
    return [_told(name, tellers) for name in columns]


def _told(name: str, tellers: Sequence[tuple[str, Mapping[str, str]]]) -> ColumnKindTold:
    by, kinds = next((teller for teller in tellers if name in teller[1]), tellers[-1])
    return ColumnKindTold(name, kinds.get(name), by)


def _found_kinds(workspace: Workspace, transform: Transform, columns: tuple[str, ...]) -> dict[str, str]:
    """Return what the columns look like in the table as it is now; nothing where it cannot be read."""
    from matching.matcher import MatchingTask, profiled_columns

    try:
        table = checked_table(workspace, get_table(Catalog.of(workspace), transform.table_name))
        records = read_records(workspace, table, transform.parameters.primary_key_column_name)
    except FindMatchesError as error:
        logger.warning("profile: %s", error)
        return {}
    there = tuple(name for name in columns if name in records.column_names)
    _, profiles = profiled_columns(records, MatchingTask(there))
    return {profile.name: str(profile.kind) for profile in profiles}
