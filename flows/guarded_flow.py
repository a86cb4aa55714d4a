"""Flows that take no parameter with a secret in it: Prefect keeps parameters, and shows them to everybody."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec, TypeVar

from prefect import Flow
from pydantic import BaseModel, Field

from storage.url_secrets import WITHOUT_SECRET, check_no_secret

P = ParamSpec("P")
R = TypeVar("R")

# for the form and the server; pydantic itself would repeat the value in its error
_PATTERN = Field(json_schema_extra={"pattern": WITHOUT_SECRET})
GuardedText = Annotated[str, _PATTERN]


class GuardedFlow(Flow[P, R]):
    """A flow that stops at a URL with a password in it before a server is told of the run."""

    if not TYPE_CHECKING:  # the signatures are those of Prefect

        def __call__(self, *arguments: Any, **options: Any) -> Any:
            """Run the flow."""
            check_parameters((arguments, options))
            return super().__call__(*arguments, **options)


def flow(*, name: str, flow_run_name: str) -> Callable[[Callable[P, R]], Flow[P, R]]:
    """Make a function a flow; where it is deployed, the server refuses parameters with a secret by its schema."""

    def guarded(function: Callable[P, R]) -> Flow[P, R]:
        hints = function.__annotations__
        function.__annotations__ = {word: _patterned(hint) for word, hint in hints.items()}
        return GuardedFlow(function, name=name, flow_run_name=flow_run_name)

    return guarded


def check_parameters(value: Any) -> None:
    """Stop at a URL with a password in it, however deep in a value it is."""
    for text in _texts(value):
        check_no_secret(text)


def _patterned(hint: Any) -> Any:
    if hint == tuple[str, ...]:
        return tuple[GuardedText, ...]
    return Annotated[hint, _PATTERN] if hint in (str, str | None) else hint


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, BaseModel):
        yield from _texts(dict(value))
    elif isinstance(value, Mapping):
        yield from _texts(list(value.values()))
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from _texts(each)
