"""Pages of the documentation as tests see them: blocks of code that run, and the output that stands in them.

```console   commands after "$ ", each followed by what it prints
```pycon     a Python session, as doctest has them
```python    a script that prints nothing
```sh        commands whose output is not shown
```text      a drawing; nothing runs
"""

import contextlib
import difflib
import doctest
import io
import os
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from interfaces.cli import app

ROOT = Path(__file__).parents[2]
FOLDER = "/home/you/findmatches"  # stands in pages for the folder that commands run in
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CHANCE = re.compile(
    r"(?P<time>(\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d( +\d+)?)"  # with the seconds it took, where they follow
    r"|(?P<id>\b(tfm|tsk|mdl)-[0-9a-f]{40}|^[0-9a-f]{8}(?=,))",  # and labeling sets at the start of a line
    re.MULTILINE,
)
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
NOT_RUN = ("make ", "source ", "#")


def page_paths() -> list[Path]:
    """Return every page of the documentation."""
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: str, *languages: str) -> list[str]:
    """Return the text of the page's blocks in these languages."""
    return [text for language, text in BLOCK.findall(page) if language in languages]


def commands(block: str) -> Iterator[str]:
    r"""Yield the commands of a console block, continued lines joined.

    >>> list(commands("$ one \\\n  more\nwhat it prints\n$ two\n"))
    ['one   more', 'two']
    """
    for match in re.finditer(r"^\$ ((?:.*\\\n)*.*)$", block, re.MULTILINE):
        yield match[1].replace("\\\n", "")


class Reader:
    """A reader who types what a page says, in one folder: shell commands, scripts and one Python session."""

    def __init__(self, folder: Path, setenv: Callable[[str, str], None]) -> None:
        self.folder, self.setenv = folder, setenv
        self.session: dict[str, Any] = {}

    def follow(self, page: str) -> str:
        """Return the page with the output that its blocks have now."""
        return BLOCK.sub(lambda match: f"```{match[1]}\n{self._run(match[1], match[2])}```", page)

    def shell(self, command: str) -> str:
        """Run one command and return what it prints; those of findmatches run in this process, which is quicker."""
        if exported := re.fullmatch(r"export (\w+)=(\S*)", command):
            self.setenv(exported[1], exported[2])
            return ""
        if command.startswith("findmatches ") and not re.search(r"[|<>;&]", re.sub(r'"[^"]*"', "", command)):
            done = CliRunner().invoke(app, shlex.split(command)[1:], prog_name="findmatches", catch_exceptions=False)
            output, code = done.output, done.exit_code
        else:
            ran = subprocess.run(
                ["bash", "-o", "pipefail", "-c", command], cwd=self.folder, capture_output=True, text=True, check=False
            )
            output, code = ran.stdout + ran.stderr, ran.returncode
        assert code == 0 or "Error: " in output, f"{command} ended with {code}:\n{output}"
        return output.replace(str(self.folder), FOLDER)

    def _run(self, language: str, text: str) -> str:
        match language:
            case "console":
                return self._console(text)
            case "pycon":
                return self._python_session(text)
            case "python":
                exec(compile(text, "page", "exec"), {"__name__": "page"})
            case "sh":
                for line in text.splitlines():
                    if line and not line.startswith(NOT_RUN):
                        assert "Error: " not in self.shell(line.partition("  #")[0]), line
        return text

    def _console(self, text: str) -> str:
        said = re.findall(r"^\$ (?:.*\\\n)*.*\n", text, re.MULTILINE)
        printed = (self.shell(command) for command in commands(text))
        return "".join(line + output for line, output in zip(said, printed, strict=True))

    def _python_session(self, text: str) -> str:
        lines = []
        for example in doctest.DocTestParser().get_examples(text):
            first, *more = example.source.splitlines()
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile(example.source, "page", "single"), self.session)
            lines += [f">>> {first}", *(f"... {line}" for line in more), *printed.getvalue().splitlines()]
        return "\n".join(lines).replace(str(self.folder), FOLDER) + "\n"


def check_page(path: Path, reader: Reader) -> None:
    """Follow a page and compare; with FINDMATCHES_GOLDEN=rewrite the page gets the output of now."""
    page = path.read_text(encoding="utf-8")
    check_part(path, page, reader.follow(page))


def check_part(path: Path, shown: str, now: str) -> None:
    """Compare a part of a page with what it should be now; with FINDMATCHES_GOLDEN=rewrite put that in its place."""
    if os.environ.get("FINDMATCHES_GOLDEN") == "rewrite" and without_chance(shown) != without_chance(now):
        path.write_text(path.read_text(encoding="utf-8").replace(shown, now), encoding="utf-8")
        shown = now
    assert alike(shown, now), f"{path.name} shows another output than there is now:\n{difference(shown, now)}"


def without_chance(text: str) -> str:
    """Return a text without its times and ids, which are left to chance.

    >>> without_chance("12:00:01 crawl: 5 rows")
    '<time> crawl: 5 rows'
    """
    return CHANCE.sub(lambda found: f"<{found.lastgroup}>", text)


def alike(page: str, now: str) -> bool:
    """Return whether two texts say the same: all words, and numbers as near as two machines come to each other.

    >>> alike("Recall 0.981, 2,000 rows", "Recall 0.973, 2,000 rows"), alike("2,000 rows", "1,900 rows")
    (True, False)
    >>> alike("three rows", "four rows"), alike("3 rows", "4 rows")
    (False, False)
    """
    page, now = without_chance(page), without_chance(now)
    if NUMBER.sub("#", page) != NUMBER.sub("#", now):
        return False
    return all(map(_near, NUMBER.findall(page), NUMBER.findall(now)))


def difference(page: str, now: str) -> str:
    """Return the lines that differ."""
    lines = (without_chance(text).splitlines() for text in (page, now))
    return "\n".join(difflib.unified_diff(*lines, "page", "now", lineterm="", n=1))


def _near(one: str, other: str) -> bool:
    if one == other:
        return True
    first, second = (float(text.replace(",", "")) for text in (one, other))
    if "." in one or "." in other:
        return abs(first - second) <= 0.02
    return max(first, second) < 10**9 and abs(first - second) <= 0.01 * max(first, second)
