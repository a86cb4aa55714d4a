"""ORC files as Arrow: the records, a stripe at a time, as ORC keeps them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    import pyarrow as pa


def orc_tables(file: BinaryIO) -> Iterator["pa.Table"]:
    """Read an ORC file stripe after stripe, first an empty table that tells the columns.

    Raises what Arrow raises where the file is damaged.
    """
    import pyarrow as pa
    from pyarrow.orc import ORCFile

    orc = ORCFile(file)
    yield orc.schema.empty_table()
    for number in range(orc.nstripes):
        yield pa.Table.from_batches([orc.read_stripe(number)])
