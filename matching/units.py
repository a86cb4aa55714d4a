"""Numbers with units read from text: which amounts a text states, whatever unit and spelling it states them in."""

import re
from collections import defaultdict
from collections.abc import Iterable
from math import inf, log
from typing import NamedTuple

# What is measured, how much of its first unit the unit is, how people write it.  What ends in a hyphen counts only
# when no blank parts it from the number: "60w" and "19-in" are amounts, "60 W Oak Street" and "2 in 1" are not.
UNITS: tuple[tuple[str, float, str], ...] = (
    ("mass", 1.0, "g|gr|gm|gms|gram|grams|gramme|grammes"),
    ("mass", 0.001, "mg|milligram|milligrams"),
    ("mass", 1000.0, "kg|kgs|kilo|kilos|kilogram|kilograms|kilogramme|kilogrammes"),
    ("mass", 28.3495, "oz|ozs|ounce|ounces"),
    ("mass", 453.592, "lb|lbs|pound|pounds"),
    ("volume", 1.0, "ml|milliliter|milliliters|millilitre|millilitres"),
    ("volume", 10.0, "cl|centiliter|centiliters|centilitre|centilitres"),
    ("volume", 1000.0, "l|ltr|liter|liters|litre|litres"),
    ("volume", 29.5735, "oz|ozs|ounce|ounces|fl oz|fl.oz|fl. oz|floz|fluid ounce|fluid ounces"),
    ("volume", 473.176, "pt|pint|pints"),
    ("volume", 946.353, "qt|quart|quarts"),
    ("volume", 3785.41, "gal|gallon|gallons"),
    ("length", 1.0, "mm|millimeter|millimeters|millimetre|millimetres"),
    ("length", 10.0, "cm|centimeter|centimeters|centimetre|centimetres"),
    ("length", 1000.0, "m|meter|meters|metre|metres"),
    ("length", 1e6, "km|kilometer|kilometers|kilometre|kilometres"),
    ("length", 25.4, "\"|''|in-|inch|inches"),
    ("length", 304.8, "ft|foot|feet"),
    ("length", 914.4, "yd|yard|yards"),
    ("length", 1609344.0, "mi|mile|miles"),
    ("memory", 1.0, "mb|megabyte|megabytes"),
    ("memory", 0.001, "kb|kilobyte|kilobytes"),
    ("memory", 1000.0, "gb|gig|gigabyte|gigabytes"),
    ("memory", 1e6, "tb|terabyte|terabytes"),
    ("power", 1.0, "w-|watt|watts"),
    ("power", 1000.0, "kw|kilowatt|kilowatts"),
    ("power", 745.7, "hp|horsepower"),
    ("frequency", 1.0, "hz|hertz"),
    ("frequency", 1e3, "khz|kilohertz"),
    ("frequency", 1e6, "mhz|megahertz"),
    ("frequency", 1e9, "ghz|gigahertz"),
    ("time", 0.001, "ms|msec|millisecond|milliseconds"),
    ("time", 1.0, "sec|secs|second|seconds"),
    ("time", 60.0, "min|mins|minute|minutes"),
    ("time", 3600.0, "hr|hrs|hour|hours"),
    ("time", 86400.0, "day|days"),
    ("voltage", 1.0, "v-|volt|volts"),
    ("voltage", 1000.0, "kv|kilovolt|kilovolts"),
    ("charge", 1.0, "mah"),
    ("charge", 1000.0, "ah"),
    ("pixels", 1.0, "mp|megapixel|megapixels"),
    ("pieces", 1.0, "ct|count|pk|pack|packs|pc|pcs|piece|pieces"),
)
MEASURED = tuple(dict.fromkeys(measured for measured, _, _ in UNITS))
_SPELLINGS: dict[str, list[tuple[int, float]]] = defaultdict(list)
for _measured, _factor, _spellings in UNITS:
    for _spelling in _spellings.split("|"):
        _SPELLINGS[_spelling.rstrip("-")].append((MEASURED.index(_measured), _factor))
_CLOSE = {spelling[:-1] for _, _, spellings in UNITS for spelling in spellings.split("|") if spelling.endswith("-")}


def _any_of(spellings: Iterable[str]) -> str:
    return "|".join(re.escape(spelling) for spelling in sorted(spellings, key=len, reverse=True))


_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+"
_UNIT = rf"[\s-]?(?:{_any_of(_SPELLINGS.keys() - _CLOSE)})|-?(?:{_any_of(_CLOSE)})"
_AMOUNT = re.compile(rf"(?<![\w.,])({_NUMBER})({_UNIT})(?![a-z0-9])")
_DURATION = re.compile(
    r"(?:(\d{1,4})\s*h(?:rs?|ours?)?\W*)?(\d{1,6})\s*m(?:ins?|inutes?)?\W*(\d{1,6})\s*s(?:ecs?|econds?)?"
)


class Amount(NamedTuple):
    """What is measured (a place in MEASURED) and the natural logarithm of how much, in its first unit."""

    measured: int
    size: float


def amounts(text: str) -> list[Amount]:
    """Return the amounts that a lower-case text states.  An ounce may be one of mass or of volume: it is both.

    >>> [(MEASURED[a.measured], round(2.718281828 ** a.size)) for a in amounts("2 x 12oz (355 ml), 1.5 kg")]
    [('mass', 340), ('volume', 355), ('volume', 355), ('mass', 1500)]
    """
    if match := _DURATION.fullmatch(text):
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        return _amount("time", 3600.0 * hours + 60.0 * minutes + seconds)
    found = [(float(number.replace(",", "")), unit.strip("- \t\n")) for number, unit in _AMOUNT.findall(text)]
    return [
        Amount(measured, log(number * factor))
        for number, unit in found
        for measured, factor in _SPELLINGS[unit]
        if 0 < number < inf
    ]


def _amount(measured: str, size: float) -> list[Amount]:
    return [Amount(MEASURED.index(measured), log(size))] if size else []
