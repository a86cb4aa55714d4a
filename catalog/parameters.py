"""How a transform matches and how its runs run: the values people choose, and what is allowed."""

from dataclasses import dataclass

from catalog.workers import WORKER_SIZES
from errors import InvalidInputError, closest


@dataclass(frozen=True)
class FindMatchesParameters:
    """Glue's FindMatchesParameters, and the column that says which source a record comes from.

    precision_recall_tradeoff: 1.0 asks for most evidence before two records match, 0.0 for least.
    accuracy_cost_tradeoff: 1.0 looks for candidate pairs most widely, 0.0 most cheaply; nothing else changes.
    enforce_provided_labels: the output agrees with every label.
    source_column_name: two records with the same value here never match.
    """

    primary_key_column_name: str
    precision_recall_tradeoff: float = 0.5
    accuracy_cost_tradeoff: float = 0.5
    enforce_provided_labels: bool = False
    source_column_name: str | None = None


@dataclass(frozen=True)
class TaskRunProperties:
    """Glue's task run properties; `timeout` in minutes."""

    worker_type: str = "G.1X"
    number_of_workers: int = 2
    timeout: int = 2880
    max_retries: int = 0


def check_parameters(parameters: FindMatchesParameters) -> None:
    """Stop at a trade-off outside 0.0–1.0 or a missing primary key."""
    if not parameters.primary_key_column_name.strip():
        raise InvalidInputError("A primary key must be specified in Find Matches parameters.")
    for name in ("precision_recall_tradeoff", "accuracy_cost_tradeoff"):
        value = getattr(parameters, name)
        if not 0.0 <= value <= 1.0:
            raise InvalidInputError(f"{name} must be between 0.0 and 1.0, and {value} is not. 0.5 is balanced.")


def check_properties(properties: TaskRunProperties) -> None:
    """Stop at a worker type or number that Glue would refuse."""
    if properties.worker_type not in WORKER_SIZES:
        hint = closest(properties.worker_type, WORKER_SIZES)
        raise InvalidInputError(
            f"No worker type '{properties.worker_type}'.{hint} There are: {', '.join(WORKER_SIZES)}."
        )
    if properties.number_of_workers < 1:
        raise InvalidInputError("NumberOfWorkers should be >= 1.")
    if properties.timeout < 1:
        raise InvalidInputError(f"Timeout must be at least 1 minute, and {properties.timeout} is not. 2880 is usual.")
    if properties.max_retries < 0:
        raise InvalidInputError("Max retries should be non-negative.")
    if properties.max_retries > 10:
        raise InvalidInputError(f"Max retries must be at most 10, and {properties.max_retries} is not.")
