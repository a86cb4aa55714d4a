"""How crawlers and their crawls look."""

from typing import TYPE_CHECKING, Any

from interfaces.cli.present import plain, say, show_facts, show_json, show_table

if TYPE_CHECKING:
    from catalog.crawl_history import Crawl
    from catalog.crawler import Crawler


def facts(crawler: "Crawler") -> dict[str, Any]:
    """What a crawler is to do, as names and values to show."""
    configuration = {name: value for name, value in vars(crawler.configuration).items() if value}
    return {
        "crawler": crawler.name,
        "description": crawler.description or None,
        "database": crawler.database_name,
        "table prefix": crawler.table_prefix or None,
        "targets": ", ".join(target.path for target in crawler.targets),
        "excluded": ", ".join(name for target in crawler.targets for name in getattr(target, "exclusions", ())) or None,
        "classifiers": ", ".join(crawler.classifiers) or None,
        "schedule": crawler.schedule or None,
        "schedule state": schedule_state(crawler) if crawler.schedule else None,
        "update behavior": crawler.schema_change_policy.update_behavior,
        "delete behavior": crawler.schema_change_policy.delete_behavior,
        "recrawl behavior": crawler.recrawl_behavior,
        "configuration": ", ".join(f"{name} {value}" for name, value in configuration.items()) or None,
        "version": str(crawler.version),
    }


def facts_of_last(last: "Crawl | None") -> dict[str, Any]:
    """What a crawler does now, and how its last crawl went, as names and values to show."""
    from catalog.crawl_history import crawler_state

    if last is None:
        return {"state": crawler_state(None)}
    return {
        "state": crawler_state(last),
        "last crawl": last.state,
        "started": last.start_time,
        "error": last.error_message or None,
        "crawl id": last.crawl_id,
    }


def told(crawler: "Crawler", last: "Crawl | None") -> dict[str, Any]:
    """A crawler for programs, with its state and its last crawl."""
    from catalog.crawl_history import crawler_state

    return {**plain(crawler), "state": crawler_state(last), "last_crawl": last}


def schedule_state(crawler: "Crawler") -> str:
    """Glue's word for whether a schedule is in force."""
    return "SCHEDULED" if crawler.scheduled else "NOT_SCHEDULED"


def show_one_crawl(crawl: "Crawl", as_json: bool) -> None:
    """One crawl, and the files it could not read."""
    if as_json:
        return show_json(crawl)
    show_facts(
        {
            "crawl id": crawl.crawl_id,
            "crawler": crawl.crawler_name or None,
            "location": crawl.location,
            "database": crawl.database_name,
            "state": crawl.state,
            "started": crawl.start_time,
            "ended": crawl.end_time,
            "tables": changes(crawl.summary.get("TABLE")),
            "partitions": changes(crawl.summary.get("PARTITION")),
            "problems": f"{crawl.problem_count:,}",
            "error": crawl.error_message or None,
        }
    )
    if crawl.problems:
        say()
        show_table(("file", "problem"), [(each["path"], each["message"]) for each in crawl.problems])
    return None


def changes(counts: dict[str, int] | None) -> str:
    """What changed, in few signs: added, updated, deleted."""
    counts = counts or {}
    return f"+{counts.get('ADD', 0)} ~{counts.get('UPDATE', 0)} -{counts.get('DELETE', 0)}"
