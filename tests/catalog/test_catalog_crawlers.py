import json
import subprocess
import sys
from dataclasses import replace

import pytest

from catalog.classifiers import CsvClassifier, create_classifier, delete_classifier, get_classifiers, list_classifiers
from catalog.crawl_history import (
    GIVEN_UP,
    GONE,
    MOST_PROBLEMS,
    ask_to_stop,
    begin_crawl,
    crawler_state,
    end_crawl,
    get_crawl,
    give_up_crawl,
    is_to_stop,
    last_crawls,
    list_crawls,
)
from catalog.crawler import (
    Crawler,
    CrawlerConfiguration,
    DynamoDBTarget,
    JdbcTarget,
    S3Target,
    SchemaChangePolicy,
)
from catalog.crawler_call import call_of_crawler
from catalog.crawler_json import configuration_of_json, crawler_of_json
from catalog.crawlers import (
    create_crawler,
    delete_crawler,
    get_crawler,
    list_crawlers,
    set_scheduled,
    update_crawler,
)
from catalog.cron import standard_cron
from catalog.database import Catalog
from catalog.partitions import Changes
from errors import (
    AlreadyExistsError,
    CrawlerNotRunningError,
    CrawlerRunningError,
    CrawlerStoppingError,
    EntityNotFoundError,
    InvalidInputError,
    NoScheduleError,
    SchedulerNotRunningError,
    SchedulerRunningError,
)

CRAWLER = Crawler(
    "nightly; DROP TABLE x",
    (
        S3Target("s3://b/p/", ("**.tmp",), 5, "arn:aws:sqs:eu-west-1:1:q"),
        JdbcTarget("shop", "db/public/%", ("tmp_*",)),
        DynamoDBTarget("orders", scan_all=False, scan_rate=0.7),
    ),
    "raw",
    "all of it",
    "raw_",
    ("hat",),
    "cron(15 12 * * ? *)",
    schema_change_policy=SchemaChangePolicy("LOG", "LOG"),
    recrawl_behavior="CRAWL_NEW_FOLDERS_ONLY",
    configuration=CrawlerConfiguration("MergeNewColumns", "InheritFromTable", 5, "CombineCompatibleSchemas", 2),
)
NEW_FOLDERS = (
    r'^The SchemaChangePolicy for "Crawl new folders only" Amazon S3 target can have only LOG DeleteBehavior value '
    r"and LOG UpdateBehavior value\.$"
)
HAT = CsvClassifier("hat", "^")
SMALL = Crawler("small", (S3Target("/data"),))


def test_a_crawler_is_kept_as_it_was_told(catalog: Catalog) -> None:
    with pytest.raises(EntityNotFoundError, match="Classifier with name hat does not exist"):
        create_crawler(catalog, CRAWLER)
    create_classifier(catalog, HAT)
    made = create_crawler(catalog, CRAWLER)
    assert made == get_crawler(catalog, CRAWLER.name)
    assert replace(made, creation_time=None, last_updated=None) == CRAWLER
    create_crawler(catalog, SMALL)
    assert [crawler.name for crawler in list_crawlers(catalog)] == [CRAWLER.name, "small"]


def test_a_name_is_taken_once(catalog: Catalog) -> None:
    create_crawler(catalog, SMALL)
    with pytest.raises(AlreadyExistsError, match=r"^Crawler with name small already exists"):
        create_crawler(catalog, SMALL)


def test_a_change_is_a_new_version(catalog: Catalog) -> None:
    made = create_crawler(catalog, SMALL)
    changed = update_crawler(catalog, replace(made, description="x"))
    assert (changed.version, changed.description, changed.creation_time) == (2, "x", made.creation_time)
    assert update_crawler(catalog, changed).version == 3
    delete_crawler(catalog, "small")
    with pytest.raises(EntityNotFoundError, match="Crawler with name smal does not exist"):
        get_crawler(catalog, "smal")


def test_paths_of_a_crawler_of_new_folders_stay(catalog: Catalog) -> None:
    create_classifier(catalog, HAT)
    create_crawler(catalog, CRAWLER)
    moved = replace(CRAWLER, targets=(S3Target("s3://b/q/"), *CRAWLER.targets[1:]))
    with pytest.raises(InvalidInputError, match="crawls new folders only, and so its paths cannot be changed"):
        update_crawler(catalog, moved)
    assert update_crawler(catalog, replace(CRAWLER, targets=CRAWLER.targets[:2])).version == 2
    assert update_crawler(catalog, replace(moved, recrawl_behavior="CRAWL_EVERYTHING")).targets == moved.targets


def test_a_schedule_begins_and_ends_once(catalog: Catalog) -> None:
    create_crawler(catalog, SMALL)
    with pytest.raises(NoScheduleError, match="Crawler small has no schedule"):
        set_scheduled(catalog, "small", scheduled=True)
    with pytest.raises(SchedulerNotRunningError, match="small is NOT_SCHEDULED already"):
        set_scheduled(catalog, "small", scheduled=False)
    update_crawler(catalog, replace(SMALL, schedule="0 3 * * *"))
    with pytest.raises(SchedulerRunningError, match="small is SCHEDULED already"):
        set_scheduled(catalog, "small", scheduled=True)
    assert not set_scheduled(catalog, "small", scheduled=False).scheduled
    assert set_scheduled(catalog, "small", scheduled=True) == get_crawler(catalog, "small")


def test_a_schedule_ends_while_its_crawler_runs(catalog: Catalog) -> None:
    create_crawler(catalog, replace(SMALL, schedule="0 3 * * *"))
    begin_crawl(catalog, "/data", "raw", "small")
    assert not set_scheduled(catalog, "small", scheduled=False).scheduled


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"targets": ()}, "At least one target"),
        ({"name": ""}, "cannot name a crawler"),
        ({"name": "a\nb"}, "cannot name a crawler"),
        ({"name": "x" * 256}, "cannot name a crawler"),
        ({"table_prefix": "x" * 129}, "at most 128 letters"),
        ({"targets": (S3Target("x", sample_size=250),)}, "between 1 and 249 files"),
        ({"targets": (S3Target(" "),)}, "has no path"),
        ({"targets": (JdbcTarget("", "db/%"),)}, "'db/%' has no connection"),
        ({"targets": (DynamoDBTarget("x", scan_rate=2.0),)}, r"between 0\.1 and 1\.5"),
        ({"schema_change_policy": SchemaChangePolicy("DELETE", "LOG")}, "update behavior is one of UPDATE_IN_DATABASE"),
        ({"schema_change_policy": SchemaChangePolicy("LOG", "GONE")}, "delete behavior is one of"),
        ({"recrawl_behavior": "SOME"}, "recrawl behavior is one of"),
        (
            {"recrawl_behavior": "CRAWL_NEW_FOLDERS_ONLY"},
            NEW_FOLDERS,
        ),
        ({"configuration": CrawlerConfiguration(table_threshold=0)}, "TableThreshold must be a whole number from 1"),
        ({"configuration": CrawlerConfiguration(table_behavior="Merge")}, "AddOrUpdateBehavior of tables"),
        ({"schedule": "tomorrow"}, "'tomorrow' is not a schedule"),
    ],
)
def test_what_cannot_be_a_crawler_is_refused(catalog: Catalog, changes: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        create_crawler(catalog, replace(SMALL, **changes))  # type: ignore[arg-type]
    assert list_crawlers(catalog) == []


@pytest.mark.parametrize(
    ("schedule", "cron"),
    [
        ("cron(15 12 * * ? *)", "15 12 * * *"),
        ("cron(0 8 ? * MON-FRI *)", "0 8 * * MON-FRI"),
        ("cron(0/15 * ? * 1,7 *)", "0/15 * * * 0,6"),
        ("cron(0 0 1 JAN-MAR ? *)", "0 0 1 JAN-MAR *"),
        ("*/5 * * * *", "*/5 * * * *"),
        ("cron(0 6 ? * 2/2 *)", "0 6 * * 1/2"),
        ("0 22-4 29 2 *", "0 22-4 29 2 *"),
        ("0 0 31 1 FRI-MON", "0 0 31 1 FRI-MON"),
    ],
)
def test_schedules_are_standard_cron(schedule: str, cron: str) -> None:
    from prefect.client.schemas.schedules import CronSchedule

    assert standard_cron(schedule) == cron
    assert CronSchedule(cron=cron).cron == cron


@pytest.mark.parametrize(
    "schedule",
    [
        "cron(15 12 * * *)",
        "* * * *",
        "cron(60 * * * ? *)",
        "cron(0 0 L * ? *)",
        "cron(0 0 ? * 2#1 *)",
        "cron(0 0 15W * ? *)",
        "cron(0 0 1 * 1 *)",
        "cron(0 0 1 * ? 2027)",
        "every day",
        "0 0 * * */0",
        "1-2-3 * * * *",
        "JAN * * * *",
        "* * * MON *",
        "* * ? * *",
        "cron(? 0 * * ? *)",
        "cron(0 8 ? * 0 *)",
        "cron(0 8 ? * 8 *)",
        "cron(0 8 ? * 2-8 *)",
        "cron(0 0 31 2,4 ? *)",
        "0 0 30 FEB *",
        "0 0 31 2 FRI-MON",
    ],
)
def test_what_no_schedule_can_say_is_refused(schedule: str) -> None:
    with pytest.raises(InvalidInputError, match=r"cron|years|day of the week"):
        standard_cron(schedule)


CREATE_CRAWLER = {
    "Name": "sales",
    "Role": "arn:aws:iam::1:role/Glue",
    "DatabaseName": "Raw",
    "Description": "sales of all shops",
    "Targets": {
        "S3Targets": [{"Path": "s3://b/sales/", "Exclusions": ["**/_tmp/**"], "SampleSize": 10}],
        "JdbcTargets": [{"ConnectionName": "shop", "Path": "shop/public/%", "Exclusions": []}],
        "DynamoDBTargets": [{"Path": "orders", "scanAll": True, "scanRate": 0.5}],
    },
    "Schedule": "cron(15 12 * * ? *)",
    "Classifiers": ["hat"],
    "TablePrefix": "s_",
    "SchemaChangePolicy": {"UpdateBehavior": "LOG", "DeleteBehavior": "DELETE_FROM_DATABASE"},
    "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVERYTHING"},
    "Configuration": json.dumps(
        {
            "Version": 1.0,
            "CreatePartitionIndex": True,
            "CrawlerOutput": {
                "Tables": {"AddOrUpdateBehavior": "MergeNewColumns", "TableThreshold": 5},
                "Partitions": {"AddOrUpdateBehavior": "InheritFromTable"},
            },
            "Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas", "TableLevelConfiguration": 2},
        }
    ),
    "Tags": {"team": "data"},
}


def test_glue_s_call_is_read_unchanged(caplog: pytest.LogCaptureFixture) -> None:
    crawler = crawler_of_json(json.dumps(CREATE_CRAWLER))
    assert crawler.targets == (
        S3Target("s3://b/sales/", ("**/_tmp/**",), 10),
        JdbcTarget("shop", "shop/public/%"),
        DynamoDBTarget("orders", scan_all=True, scan_rate=0.5),
    )
    assert (crawler.name, crawler.database_name, crawler.table_prefix, crawler.schedule) == (
        "sales",
        "Raw",
        "s_",
        "cron(15 12 * * ? *)",
    )
    assert crawler.configuration == CRAWLER.configuration
    assert crawler.schema_change_policy == SchemaChangePolicy("LOG", "DELETE_FROM_DATABASE")
    assert "Role, Tags: only AWS knows what that means" in caplog.text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '{"CrawlerOutput": {"Partitions": {"UpdateBehavior": "x"}}}',
            r"^CrawlerOutput\.Partitions contains unsupported keys: UpdateBehavior\.$",
        ),
        ('{"Groups": 1}', "Configuration contains unsupported keys: Groups"),
        ("{", "is not valid JSON"),
        ("[]", "is not a JSON object"),
        ('{"Grouping": 3}', "Grouping is not a JSON object"),
    ],
)
def test_keys_that_glue_rejects_are_rejected_in_its_words(text: str, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        configuration_of_json(text)


@pytest.mark.parametrize("crawler", [CRAWLER, SMALL], ids=["everything said", "a path only"])
def test_a_crawler_written_as_a_call_is_read_as_the_same(crawler: Crawler) -> None:
    assert crawler_of_json(json.dumps(call_of_crawler(crawler))) == crawler


def test_a_call_is_what_glue_takes() -> None:
    told = json.loads(json.dumps({name: CREATE_CRAWLER[name] for name in CREATE_CRAWLER.keys() - {"Role", "Tags"}}))
    told["Configuration"] = told["Configuration"].replace('"CreatePartitionIndex": true, ', "")
    told["Targets"]["JdbcTargets"][0].pop("Exclusions")
    assert call_of_crawler(crawler_of_json(json.dumps(CREATE_CRAWLER))) == told


def test_a_target_glue_has_and_we_have_not_is_named() -> None:
    with pytest.raises(InvalidInputError, match="Targets contains unsupported keys: MongoDBTargets"):
        crawler_of_json('{"Name": "x", "Targets": {"MongoDBTargets": [{"Path": "shop/orders"}]}}')


def test_lists_of_no_targets_and_nulls_ask_for_nothing() -> None:
    told = {
        "Name": "x",
        "Targets": {"S3Targets": [{"Path": "s3://b"}], "MongoDBTargets": [], "CatalogTargets": None},
        "SchemaChangePolicy": {"UpdateBehavior": None},
        "Schedule": None,
    }
    assert crawler_of_json(json.dumps(told)) == Crawler("x", (S3Target("s3://b"),))


def test_configuration_may_be_an_object_as_well_as_a_text() -> None:
    told = CREATE_CRAWLER | {"Configuration": json.loads(str(CREATE_CRAWLER["Configuration"]))}
    assert crawler_of_json(json.dumps(told)) == crawler_of_json(json.dumps(CREATE_CRAWLER))


def test_what_only_aws_knows_about_a_target_is_named(caplog: pytest.LogCaptureFixture) -> None:
    jdbc = {"ConnectionName": "shop", "Path": "shop/%", "EnableAdditionalMetadata": ["COMMENTS"]}
    s3 = {"Path": "s3://b", "ConnectionName": "vpc", "DlqEventQueueArn": "arn:aws:sqs:eu-west-1:1:dead"}
    crawler_of_json(json.dumps({"Name": "x", "Targets": {"S3Targets": [s3, s3], "JdbcTargets": [jdbc]}}))
    (message,) = caplog.messages
    assert message.startswith("ConnectionName of S3Targets, DlqEventQueueArn of S3Targets, EnableAdditionalMetadata of")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"Targets": {"S3Targets": [{"Path": "x", "SampleSize": "5"}]}}, 'SampleSize is a whole number, and "5" is'),
        ({"Targets": {"S3Targets": [{"Path": "x", "SampleSize": True}]}}, "SampleSize is a whole number, and true is"),
        ({"Targets": {"S3Targets": [{"Path": "x", "Exclusions": "a"}]}}, 'Exclusions is a list of texts, and "a" is'),
        (
            {"Targets": {"S3Targets": [{"Path": "x", "Exclusions": [1]}]}},
            r"Exclusions is a list of texts, and \[1\] is",
        ),
        ({"Targets": {"S3Targets": [{"Path": 5}]}}, "Path is a text, and 5 is not"),
        ({"Targets": {"S3Targets": {"Path": "x"}}}, "S3Targets is a list of objects"),
        ({"Targets": {"S3Targets": ["s3://b"]}}, "S3Targets is a list of objects"),
        ({"Targets": {"DynamoDBTargets": [{"Path": "x", "scanRate": "1"}]}}, 'scanRate is a number, and "1" is not'),
        ({"Classifiers": "hat"}, 'Classifiers is a list of texts, and "hat" is not'),
        ({"Configuration": '{"Version": 2.0}'}, r"Version of Configuration is 2\.0"),
        (
            {"Configuration": '{"CrawlerOutput": {"Tables": {"TableThreshold": "5"}}}'},
            "TableThreshold is a whole number",
        ),
    ],
)
def test_a_value_of_another_kind_is_named(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        crawler_of_json(json.dumps(CREATE_CRAWLER | changes))


# History -------------------------------------------------------------------------------------------------------------


def test_a_crawl_is_in_the_history_from_its_start(catalog: Catalog) -> None:
    crawl_id = begin_crawl(catalog, "s3://b/", "raw", "nightly")
    (crawl,) = list_crawls(catalog)
    assert (crawl.crawl_id, crawl.state, crawl.end_time) == (crawl_id, "RUNNING", None)
    problems = [{"path": f"s3://b/{number}", "message": "no"} for number in range(MOST_PROBLEMS + 5)]
    end_crawl(catalog, crawl_id, "PARTIAL", tables=Changes(1, 2, 3), partitions=Changes(4), problems=problems)
    (crawl,) = list_crawls(catalog, "nightly")
    assert crawl.state == "PARTIAL"
    assert crawl.summary == {
        "TABLE": {"ADD": 1, "UPDATE": 2, "DELETE": 3},
        "PARTITION": {"ADD": 4, "UPDATE": 0, "DELETE": 0},
    }
    assert (len(crawl.problems), crawl.problem_count) == (MOST_PROBLEMS, MOST_PROBLEMS + 5)
    assert list_crawls(catalog, "other") == []


def test_a_crawler_runs_once_at_a_time(catalog: Catalog) -> None:
    create_crawler(catalog, SMALL)
    crawl_id = begin_crawl(catalog, "/data", "raw", "small")
    for refused in (
        lambda: begin_crawl(catalog, "/data", "raw", "small"),
        lambda: update_crawler(catalog, SMALL),
        lambda: delete_crawler(catalog, "small"),
    ):
        with pytest.raises(CrawlerRunningError, match="Crawler with name small"):
            refused()
    begin_crawl(catalog, "/data", "raw", "other")
    end_crawl(catalog, crawl_id, "COMPLETED")
    begin_crawl(catalog, "/data", "raw", "small")


def test_a_crawl_can_be_asked_to_stop(catalog: Catalog) -> None:
    with pytest.raises(CrawlerNotRunningError, match="Crawler with name small isn't running"):
        ask_to_stop(catalog, "small")
    crawl_id = begin_crawl(catalog, "/data", "raw", "small")
    assert not is_to_stop(catalog, crawl_id)
    ask_to_stop(catalog, "small")
    assert is_to_stop(catalog, crawl_id)


def test_who_is_stopping_is_not_asked_again(catalog: Catalog) -> None:
    begin_crawl(catalog, "/data", "raw", "small")
    ask_to_stop(catalog, "small")
    with pytest.raises(CrawlerStoppingError, match="Crawler with name small is stopping"):
        ask_to_stop(catalog, "small")


def test_a_crawl_of_a_machine_that_is_gone_is_given_up(catalog: Catalog) -> None:
    crawl_id = begin_crawl(catalog, "/data", "raw", "small")
    with pytest.raises(CrawlerRunningError, match="small is not lost: it runs on this machine"):
        give_up_crawl(catalog, "small")
    with catalog.transaction() as session:
        session.execute("UPDATE findmatches.crawl_runs SET host = ?", ("elsewhere",))
    with pytest.raises(CrawlerRunningError, match="has already started, on machine elsewhere"):
        begin_crawl(catalog, "/data", "raw", "small")
    give_up_crawl(catalog, "small")
    crawl = get_crawl(catalog, crawl_id)
    assert (crawl.state, crawl.error_message) == ("FAILED", GIVEN_UP)
    assert is_to_stop(catalog, crawl_id)  # should the machine be there after all
    with pytest.raises(CrawlerNotRunningError, match="small isn't running"):
        give_up_crawl(catalog, "small")
    begin_crawl(catalog, "/data", "raw", "small")


def test_crawls_are_found_by_crawler_state_and_id(catalog: Catalog) -> None:
    ids = []
    for name, state in (("a", "FAILED"), ("b", "COMPLETED"), ("a", "COMPLETED"), ("", "COMPLETED")):
        ids.append(begin_crawl(catalog, "/data", "raw", name))
        end_crawl(catalog, ids[-1], state)
    first, second, third, fourth = ids
    assert [crawl.crawl_id for crawl in list_crawls(catalog)] == [fourth, third, second, first]
    assert [crawl.crawl_id for crawl in list_crawls(catalog, limit=2)] == [fourth, third]
    assert [crawl.crawl_id for crawl in list_crawls(catalog, "a")] == [third, first]
    assert [crawl.crawl_id for crawl in list_crawls(catalog, state="COMPLETED", limit=9)] == [fourth, third, second]
    assert list_crawls(catalog, "a", state="STOPPED") == []
    assert get_crawl(catalog, second).crawler_name == "b"
    assert {name: crawl.crawl_id for name, crawl in last_crawls(catalog).items()} == {"a": third, "b": second}
    with pytest.raises(EntityNotFoundError, match=r"^No crawl with the id nothing"):
        get_crawl(catalog, "nothing")
    with pytest.raises(InvalidInputError, match="state of a crawl is one of RUNNING"):
        list_crawls(catalog, state="DONE")


@pytest.mark.parametrize("steps", ["", "begin", "begin stop", "begin stop end", "begin end"])
def test_the_state_of_a_crawler_follows_from_its_last_crawl(catalog: Catalog, steps: str) -> None:
    for step in steps.split():
        match step:
            case "begin":
                crawl_id = begin_crawl(catalog, "/data", "raw", "small")
            case "stop":
                ask_to_stop(catalog, "small")
            case "end":
                end_crawl(catalog, crawl_id, "STOPPED")
    expected = {"begin": "RUNNING", "begin stop": "STOPPING"}.get(steps, "READY")
    assert crawler_state(last_crawls(catalog).get("small")) == expected


def test_a_killed_crawl_is_closed_and_its_crawler_is_free(catalog: Catalog) -> None:
    code = (
        "import os, sys; from pathlib import Path; from catalog.database import Catalog;"
        "from catalog.crawl_history import begin_crawl; from storage.workspace import Workspace;"
        "begin_crawl(Catalog.of(Workspace(Path(sys.argv[1]))), '/data', 'raw', 'small'); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, str(catalog.workspace.home)], check=False)
    (crawl,) = list_crawls(catalog)
    assert (crawl.state, crawl.error_message) == ("FAILED", GONE)
    begin_crawl(catalog, "/data", "raw", "small")


# Classifiers ---------------------------------------------------------------------------------------------------------


def test_a_classifier_is_kept(catalog: Catalog) -> None:
    told = CsvClassifier("hat", "^", "'", "PRESENT", ("a", "b"), custom_datatypes=("string", "LONG"))
    made = create_classifier(catalog, told)
    assert made.custom_datatypes == ("STRING", "LONG")
    assert get_classifiers(catalog, ["hat"]) == [made] == list_classifiers(catalog)
    with pytest.raises(AlreadyExistsError):
        create_classifier(catalog, told)
    delete_classifier(catalog, "hat")
    with pytest.raises(EntityNotFoundError, match="Classifier with name hat does not exist"):
        get_classifiers(catalog, ["hat"])


def test_a_classifier_that_a_crawler_uses_is_not_deleted(catalog: Catalog) -> None:
    create_classifier(catalog, HAT)
    create_crawler(catalog, replace(SMALL, classifiers=("hat",)))
    with pytest.raises(InvalidInputError, match="Classifier hat is used by small"):
        delete_classifier(catalog, "hat")
    update_crawler(catalog, SMALL)
    delete_classifier(catalog, "hat")
    assert list_classifiers(catalog) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": " "}, "cannot name a classifier"),
        ({"delimiter": "||"}, "delimiter is one sign"),
        ({"quote_symbol": "\n"}, "quote symbol is one sign"),
        ({"delimiter": "x", "quote_symbol": "x"}, "must differ"),
        ({"contains_header": "MAYBE"}, "ContainsHeader is one of"),
        ({"header": ("a", "A")}, "names every column once"),
        ({"header": ("a", "")}, "names every column once"),
        ({"header": ("a",), "custom_datatypes": ("TEXT",)}, "'TEXT' is no datatype"),
        ({"header": ("a",), "custom_datatypes": ("INT", "INT")}, "it has 2 for 1 column"),
    ],
)
def test_what_cannot_be_a_classifier_is_refused(catalog: Catalog, changes: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        create_classifier(catalog, replace(CsvClassifier("x"), **changes))  # type: ignore[arg-type]
