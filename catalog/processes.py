"""Which process did something, and whether it still lives."""

import os
import socket
import subprocess
from pathlib import Path
from typing import NamedTuple


class Process(NamedTuple):
    """A process of some machine. `process_started` tells it from a later one that got the same number."""

    host: str
    process_id: int
    process_started: str

    @classmethod
    def this_one(cls) -> "Process":
        """The process this runs in."""
        return cls.of(os.getpid())

    @classmethod
    def of(cls, process_id: int) -> "Process":
        """The process of this machine that has a number now."""
        return cls(socket.gethostname(), process_id, _start_of(process_id))

    @property
    def is_gone(self) -> bool:
        """Whether it ended for certain; of another machine's processes that cannot be known."""
        return self.is_of_this_machine and _start_of(self.process_id) != self.process_started

    @property
    def is_of_this_machine(self) -> bool:
        """Whether it runs, or ran, where this process runs."""
        return self.host == socket.gethostname()


def _start_of(process_id: int) -> str:
    """When the process started, in the system's own words; empty when there is none, or only what is left of one."""
    if Path("/proc/self/stat").exists():
        return _linux_start_of(process_id)
    found = subprocess.run(  # noqa: S603
        ["/bin/ps", "-p", str(process_id), "-o", "lstart="], capture_output=True, text=True, check=False
    )
    return found.stdout.strip()


def _linux_start_of(process_id: int) -> str:
    try:
        stat = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()  # after the name, which may hold anything: state is first, start is 20th
    return "" if fields[0] in "ZX" else f"{boot} {fields[19]}"
