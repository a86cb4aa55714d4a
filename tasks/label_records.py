"""The records that labels are about, found in the table by their keys."""

from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


def records_by_key(records: "pa.Table", primary_key: str, keys: Collection[str]) -> dict[str, dict[str, str | None]]:
    """Return the records with these keys; keys that the table does not have are left out."""
    import pyarrow as pa
    import pyarrow.compute as pc

    wanted = records.filter(pc.is_in(records[primary_key], value_set=pa.array(sorted(keys), records[primary_key].type)))
    return {record[primary_key]: record for record in wanted.to_pylist()}
