"""Match a table of people with Splink 5, by settings that a person who knows Splink writes for these columns.

The file is read by DuckDB; u by random sampling, m by expectation maximisation in two sessions; pairs of probability
.01 and above; connected components at each of five thresholds.  Every phase is timed, by the clock and by processors.
"""

import argparse
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import splink
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

RULES = (("surname", "dob"), ("given_name", "dob"), ("phone",), ("email",), ("surname", "postcode"))
TRAINED_WITHIN = (("surname", "postcode"), ("dob", "given_name"))
THRESHOLDS = (0.5, 0.9, 0.95, 0.99, 0.999)

seconds: dict[str, float] = {}
cpu_seconds: dict[str, float] = {}


def main() -> None:
    """Match the table that the command line names; print seconds and pairs, write clusters by threshold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory-gib", type=int, default=12)
    given = parser.parse_args()
    connection = duckdb.connect()
    connection.execute(f"SET threads = {given.threads}; SET memory_limit = '{given.memory_gib}GB'")
    with _timed("read"):
        connection.execute(f"CREATE TABLE people AS FROM read_csv('{given.records}', all_varchar = true)")
        linker = _linker(connection)
    with _timed("train"):
        _train(linker)
    with _timed("predict"):
        pairs = linker.inference.predict(threshold_match_probability=0.01)
    clusters = {}
    for threshold in THRESHOLDS:
        with _timed(f"cluster {threshold}"):
            clusters[threshold] = linker.clustering.cluster_pairwise_predictions_at_threshold(
                pairs, threshold_match_probability=threshold
            )
        file = given.output / f"{threshold}.csv"
        connection.execute(f"COPY (SELECT id, cluster_id FROM {clusters[threshold].physical_name}) TO '{file}'")
    (count,) = connection.execute(f"SELECT count(*) FROM {pairs.physical_name}").fetchone() or (0,)
    print(json.dumps({"version": splink.__version__, "pairs": count, "seconds": seconds, "cpu_seconds": cpu_seconds}))


@contextmanager
def _timed(phase: str) -> Iterator[None]:
    start, cpu_start = time.perf_counter(), time.process_time()
    yield
    seconds[phase], cpu_seconds[phase] = time.perf_counter() - start, time.process_time() - cpu_start


def _linker(connection: duckdb.DuckDBPyConnection) -> Linker:
    database = DuckDBAPI(connection)
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
            cl.NameComparison("surname").configure(term_frequency_adjustments=True),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.PostcodeComparison("postcode"),
            cl.EmailComparison("email"),
            cl.LevenshteinAtThresholds("phone", [1, 2]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("street", [0.9, 0.8]).configure(term_frequency_adjustments=True),
            cl.ExactMatch("suburb").configure(term_frequency_adjustments=True),
        ],
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in RULES],
        unique_id_column_name="id",
        retain_matching_columns=False,
    )
    return Linker(database.register("people"), settings)


def _train(linker: Linker) -> None:
    strict = [block_on("email"), block_on("given_name", "surname", "dob")]
    linker.training.estimate_probability_two_random_records_match(strict, recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for columns in TRAINED_WITHIN:
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*columns))


if __name__ == "__main__":
    main()
