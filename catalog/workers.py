"""What Glue's workers mean on this machine: threads and memory."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from catalog.parameters import TaskRunProperties


class WorkerSize(NamedTuple):
    """How large one worker is."""

    cores: int
    memory_gib: float


# The table of https://docs.aws.amazon.com/glue/latest/dg/worker-types.html
WORKER_SIZES = {
    "Standard": WorkerSize(4, 16),
    "G.025X": WorkerSize(2, 4),
    "G.1X": WorkerSize(4, 16),
    "G.2X": WorkerSize(8, 32),
    "G.4X": WorkerSize(16, 64),
    "G.8X": WorkerSize(32, 128),
    "G.12X": WorkerSize(48, 192),
    "G.16X": WorkerSize(64, 256),
    "R.1X": WorkerSize(4, 32),
    "R.2X": WorkerSize(8, 64),
    "R.4X": WorkerSize(16, 128),
    "R.8X": WorkerSize(32, 256),
    "Z.2X": WorkerSize(8, 64),
}


class Workers(NamedTuple):
    """What a run may use; `clamped` says that the machine has less than was asked for."""

    threads: int
    memory_gib: float
    clamped: bool


def workers_for(properties: "TaskRunProperties", cpu_count: int, memory_gib: float) -> Workers:
    """Return the threads and memory for worker type × number of workers, never more than the machine has.

    >>> from catalog.parameters import TaskRunProperties
    >>> workers_for(TaskRunProperties("G.2X", 2), cpu_count=32, memory_gib=256)
    Workers(threads=16, memory_gib=64, clamped=False)
    >>> workers_for(TaskRunProperties("G.1X", 10), cpu_count=8, memory_gib=30.5)
    Workers(threads=8, memory_gib=30.5, clamped=True)
    """
    size, count = WORKER_SIZES[properties.worker_type], properties.number_of_workers
    threads, memory = min(size.cores * count, cpu_count), min(size.memory_gib * count, memory_gib)
    return Workers(threads, memory, clamped=(threads, memory) != (size.cores * count, size.memory_gib * count))
