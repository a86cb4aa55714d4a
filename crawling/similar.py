"""Whether files can be one table: the same format, written alike, and similar columns."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from crawling.file_schema import FileSchema
from crawling.widen import UNSEEN

THRESHOLD = 0.7  # Glue's: more of the columns than this are shared
NUMBERS = frozenset({"tinyint", "smallint", "int", "bigint", "float", "double"})


@dataclass(frozen=True)
class Shape:
    """What decides whether files go together: how they are stored, and their columns with their types.

    `named` says that the names of the columns come from the files; others are only numbered.
    """

    kind: tuple[str, str, str]
    columns: frozenset[tuple[str, str]]
    named: bool

    @property
    def names(self) -> frozenset[str]:
        """The names of the columns."""
        return frozenset(name for name, _ in self.columns)


def shape_of(schema: FileSchema) -> Shape:
    """The shape of one file."""
    return Shape(
        schema.kind, frozenset((column.name, family(column.type)) for column in schema.columns), schema.has_header
    )


def joined(shapes: Iterable[Shape]) -> Shape:
    """The shape of files of several shapes that go together: all their columns."""
    first, *others = shapes
    return replace(first, columns=first.columns.union(*(shape.columns for shape in others)))


def similar(one: Shape, other: Shape, *, combine: bool = False) -> bool:
    """Whether files of both shapes can be one table; `combine` asks for the same format only.

    More than 0.7 of the columns of the wider one must be in both. Columns that are only numbered are the same when
    their values are of the same family too.

    >>> abc = Shape(("csv", "none", ","), frozenset({("a", "string"), ("b", "string"), ("c", "string")}), True)
    >>> abd = replace(abc, columns=frozenset({("a", "string"), ("b", "string"), ("d", "string")}))
    >>> similar(abc, abc), similar(abc, abd), similar(abc, abd, combine=True)
    (True, False, True)
    """
    if one.kind != other.kind:
        return False
    if combine:
        return True
    if not (one.named and other.named):
        return one.named == other.named and _numbered_alike(one, other)
    return len(one.names & other.names) > THRESHOLD * max(len(one.names), len(other.names))


def family(type_: str) -> str:
    """What kind of value a type holds: numbers of all widths are one, so are dates and timestamps.

    >>> family("bigint"), family("decimal(3,1)"), family("array<int>"), family("date")
    ('number', 'number', 'array', 'time')
    """
    name = type_.partition("<")[0].partition("(")[0]
    if name in NUMBERS or name == "decimal":
        return "number"
    return "time" if name in {"date", "timestamp"} else name


def _numbered_alike(one: Shape, other: Shape) -> bool:
    if one.names != other.names:
        return False
    families = [dict(shape.columns) for shape in (one, other)]
    alike = sum(
        families[0][name] == families[1][name] or UNSEEN in (families[0][name], families[1][name]) for name in one.names
    )
    return alike > THRESHOLD * len(one.names)
