"""When, where and by which command the timings of the section Speed were measured."""

from collections import Counter
from collections.abc import Mapping, Sequence

from benchmarks.page_parts import machine
from benchmarks.results import FINDMATCHES, OK
from benchmarks.speed_peers import TOLD_SETTINGS
from benchmarks.speed_results import Timing

SCRIPT = "python benchmarks/speed.py"


def facts(chosen: Sequence[Timing], settings: Mapping[str, str]) -> str:
    """Return the list of facts about at least one timing; `settings` are those of each system."""
    dates = sorted({each.date[:10] for each in chosen})
    told = {
        "date": " to ".join(dict.fromkeys((dates[0], dates[-1]))),
        "commit": _commits(chosen),
        "peers": ", ".join(sorted({e.commit for e in chosen if e.run.system != FINDMATCHES})) or "none",
        "settings": "; ".join(f"{name}: {TOLD_SETTINGS.get(name, text)}" for name, text in settings.items() if text),
        "repeats": _repeats(chosen),
        "machine": _kept([each.machine for each in chosen], f"this page was written on {machine()}"),
        "command": _kept([each.command and f"`{each.command}`" for each in chosen], f"`{SCRIPT}`, options unknown"),
    }
    return "\n".join(f"- {name}: {value}" for name, value in told.items())


def _commits(chosen: Sequence[Timing]) -> str:
    commits = sorted({each.commit for each in chosen if each.run.system == FINDMATCHES})
    differed = any("+" in commit for commit in commits)
    return (", ".join(commits) or "none") + (" (+: files of the program differed from it)" if differed else "")


def _repeats(chosen: Sequence[Timing]) -> str:
    """Return how often each system was measured on each table, smallest table first."""
    tables = sorted({(each.run.rows, each.run.table) for each in chosen})
    return "; ".join(
        f"{rows:,} rows: {_measured_turns([each for each in chosen if each.run.table == name])}"
        for rows, name in tables
    )


def _measured_turns(timings: Sequence[Timing]) -> str:
    counts = Counter(each.run.system for each in timings if each.status == OK)
    return ", ".join(f"{system} {number}" for system, number in sorted(counts.items())) or "none"


def _kept(texts: Sequence[str], otherwise: str) -> str:
    """Return each text once; where some are empty, as with earlier timings, say so and what is known besides."""
    known = list(dict.fromkeys(filter(None, texts)))
    if empty := texts.count(""):
        known.append(f"not kept with {empty} of {len(texts)} timings ({otherwise})")
    return "; ".join(known)
