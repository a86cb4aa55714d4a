"""The type that holds the values of two types, so that files which drifted apart still make one column."""

from collections.abc import Iterable, Iterator
from functools import reduce

from crawling.types import STRING

UNSEEN = ""  # the type of a column in which no value was seen: it goes with any

_WHOLE = {"tinyint": 3, "smallint": 5, "int": 10, "bigint": 19}  # digits
_REAL = ("float", "double")
_MOST_DIGITS = 38


def widest(types: Iterable[str]) -> str:
    """Return the narrowest type that every value of these types can be turned into unchanged; none gives UNSEEN.

    >>> widest(["int", "bigint"]), widest(["bigint", "double"]), widest(["date", "timestamp"]), widest(["int", "date"])
    ('bigint', 'double', 'timestamp', 'string')
    >>> widest(["decimal(10,2)", "int"]), widest(["array<int>", "array<double>"])
    ('decimal(12,2)', 'array<double>')
    """
    return reduce(_wider, types, UNSEEN)


def known_type(type_: str) -> str:
    """Return a type for the catalog: string where no value was seen.

    >>> known_type(UNSEEN), known_type("int")
    ('string', 'int')
    """
    return type_ or STRING


def _wider(one: str, other: str) -> str:
    if one == other or not other:
        return one
    if not one:
        return other
    if {one, other} == {"date", "timestamp"}:
        return "timestamp"
    if _is_number(one) and _is_number(other):
        return _wider_number(one, other)
    return _wider_nested(one, other)


def _is_number(type_: str) -> bool:
    return type_ in _WHOLE or type_ in _REAL or type_.startswith("decimal(")


def _wider_number(one: str, other: str) -> str:
    if one in _WHOLE and other in _WHOLE:
        return max(one, other, key=_WHOLE.__getitem__)
    if one in _REAL or other in _REAL:
        return "double"
    (digits, scale), (other_digits, other_scale) = _decimal(one), _decimal(other)
    wide_scale = max(scale, other_scale)
    wide = max(digits - scale, other_digits - other_scale) + wide_scale
    return f"decimal({wide},{wide_scale})" if wide <= _MOST_DIGITS else STRING


def _decimal(type_: str) -> tuple[int, int]:
    """How many digits a whole number or decimal has, and how many of them after the point."""
    if type_ in _WHOLE:
        return _WHOLE[type_], 0
    digits, _, scale = type_.removeprefix("decimal(").removesuffix(")").partition(",")
    return int(digits), int(scale or 0)


def _wider_nested(one: str, other: str) -> str:
    kind = one.partition("<")[0]
    if kind != other.partition("<")[0] or "<" not in one:
        return STRING
    inside, other_inside = (list(_parts(type_)) for type_ in (one, other))
    if kind == "array":
        return f"array<{_wider(inside[0], other_inside[0])}>"
    if kind == "map":
        return f"map<{','.join(map(_wider, inside, other_inside))}>"
    return _wider_struct(inside, other_inside)


def _wider_struct(one: Iterable[str], other: Iterable[str]) -> str:
    fields: dict[str, str] = {}
    for field in (*one, *other):
        name, _, type_ = field.partition(":")
        fields[name] = _wider(fields.get(name, UNSEEN), type_)
    return "struct<" + ",".join(f"{name}:{known_type(type_)}" for name, type_ in fields.items()) + ">"


def _parts(type_: str) -> Iterator[str]:
    """What stands between the outer brackets, split at the commas outside all inner ones."""
    text = type_.partition("<")[2].removesuffix(">")
    depth = start = 0
    for place, sign in enumerate(text):
        depth += (sign in "<(") - (sign in ">)")
        if sign == "," and not depth:
            yield text[start:place]
            start = place + 1
    yield text[start:]
