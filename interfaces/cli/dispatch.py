"""Where a step runs: plainly in this process, or as a flow that the server at PREFECT_API_URL records."""

import os
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from storage.workspace import Workspace

if TYPE_CHECKING:
    from tasks.crawl import CrawlOptions
    from tasks.crawl_catalog import CrawlSummary
    from tasks.crawl_database import DatabaseCrawlOptions
    from tasks.find_matches import RunSummary
    from tasks.generate_labeling_set import LabelingSetSummary
    from tasks.import_labels import ImportSummary
    from tasks.train import TrainSummary

R = TypeVar("R")


def crawl(path: str, options: "CrawlOptions") -> "CrawlSummary":
    """Find the tables among the files at `path`, and write them into the catalog."""
    if _server_is_set():
        from flows.crawl import crawl as flow

        return _on_the_server(partial(flow, path, **vars(options)))
    from tasks.crawl import crawl_path as step

    return step(Workspace.from_environment(), path, options)


def crawl_database(connection: str, path: str, options: "DatabaseCrawlOptions") -> "CrawlSummary":
    """Find the tables of a database under `path`, and write them into the catalog."""
    if _server_is_set():
        from flows.crawl_database import crawl_database as flow

        return _on_the_server(partial(flow, connection, path, **vars(options)))
    from tasks.crawl_database import crawl_database as step

    return step(Workspace.from_environment(), connection, path, options)


def crawl_dynamodb(path: str, **options: Any) -> "CrawlSummary":
    """Describe a DynamoDB table by its items, and write it into the catalog."""
    if _server_is_set():
        from flows.crawl_dynamodb import crawl_dynamodb as flow

        return _on_the_server(partial(flow, path, **options))
    from tasks.crawl_dynamodb import crawl_dynamodb as step

    return step(Workspace.from_environment(), path, **options)


def run_crawler(name: str) -> "CrawlSummary":
    """Crawl all targets of a crawler, and write what they hold into the catalog."""
    if _server_is_set():
        from flows.run_crawler import run_crawler as flow

        return _on_the_server(flow, name)
    from tasks.run_crawler import run_crawler as step

    return step(Workspace.from_environment(), name)


def generate_labeling_set(name: str, output: str) -> "LabelingSetSummary":
    """Write the records worth asking about as a file for a person to label."""
    if _server_is_set():
        from flows.generate_labeling_set import generate_labeling_set as flow

        return _on_the_server(flow, name, output)
    from tasks.generate_labeling_set import generate_labeling_set as step

    return step(Workspace.from_environment(), name, output)


def import_labels(name: str, path: str, replace: bool) -> "ImportSummary":
    """Check a labelled file and store its labels."""
    if _server_is_set():
        from flows.import_labels import import_labels as flow

        return _on_the_server(flow, name, path, replace)
    from tasks.import_labels import import_labels as step

    return step(Workspace.from_environment(), name, path, replace=replace)


def train(name: str) -> "TrainSummary":
    """Learn from the stored labels which pairs of records match."""
    if _server_is_set():
        from flows.train import train as flow

        return _on_the_server(flow, name)
    from tasks.train import train as step

    return step(Workspace.from_environment(), name)


def estimate_quality(name: str) -> dict[str, Any]:
    """Estimate precision and recall from the labels; the keys are Glue's."""
    if _server_is_set():
        from flows.estimate_quality import estimate_quality as flow

        return _on_the_server(flow, name)
    from tasks.estimate_quality import estimate_quality as step

    return step(Workspace.from_environment(), name)


def find_matches(name: str, output: str, scores: bool, dedupe: bool, incremental: bool) -> "RunSummary":
    """Write every row with the match_id of the thing it is about."""
    if _server_is_set():
        from flows.find_matches import find_matches as flow

        return _on_the_server(flow, name, output, scores, dedupe, incremental)
    from tasks.find_matches import find_matches as step

    return step(Workspace.from_environment(), name, output, scores=scores, dedupe=dedupe, incremental=incremental)


def tune(
    name: str,
    precision_recall: float | None,
    accuracy_cost: float | None,
    output: str | None,
    scores: bool,
    dedupe: bool,
) -> tuple[dict[str, Any], "RunSummary"]:
    """Change the trade-offs of a transform; returns the quality that is estimated now, and what was written."""
    if _server_is_set():
        from flows.tune import tune as flow

        learned = _on_the_server(flow, name, precision_recall, accuracy_cost, output, scores, dedupe)
        return learned.quality, learned.matches
    from catalog.database import Catalog
    from tasks.estimate_quality import estimate_quality
    from tasks.find_matches import find_matches, last_output
    from tasks.set_tradeoffs import set_tradeoffs

    workspace = Workspace.from_environment()
    output = output or last_output(Catalog.of(workspace), name)
    set_tradeoffs(workspace, name, precision_recall, accuracy_cost)
    return estimate_quality(workspace, name), find_matches(workspace, name, output, scores=scores, dedupe=dedupe)


def _server_is_set() -> bool:
    return bool(os.environ.get("PREFECT_API_URL"))


def _on_the_server(flow: Callable[..., R], *arguments: Any) -> R:
    """Run the flow in this process, in this workspace, recorded by the server."""
    from flows.server import require_server
    from flows.settings import local_run

    require_server()
    with local_run():
        return flow(*arguments, home=str(Workspace.from_environment().home.absolute()))
