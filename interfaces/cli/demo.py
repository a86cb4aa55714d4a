"""demo: the whole chain on data/people, with the truth file in the role of the person."""

from typing import TYPE_CHECKING

from interfaces.cli.present import say, show_facts, show_table
from interfaces.cli.progress import listen
from storage.workspace import Workspace

if TYPE_CHECKING:
    from interfaces.demo.story import DemoResult


def demo() -> None:
    """Run the whole chain on made-up data.

    2,000 persons of data/people, with the truth in the role of the person who labels; about a minute.
    """
    from interfaces.demo.story import PEOPLE, check_people, fresh_folder, keep_prefect_inside, run_demo

    check_people()
    folder = fresh_folder(Workspace.from_environment().home.absolute() / "demo")
    keep_prefect_inside(folder)
    listen(verbose=True)
    say("Finding the duplicates among the 2,000 made-up persons of data/people.")
    say("The demo plays the person: answers come from data/people/truth.csv.")
    say("Prefect's temporary server starts first; that takes 10 to 30 seconds.\n")
    _show(run_demo(PEOPLE, folder))


def _show(result: "DemoResult") -> None:
    from interfaces.demo.report import quality_rows

    say()
    show_facts(
        {
            "rows": f"{result.rows:,}",
            "candidate pairs": f"{result.candidate_pairs:,}",
            "clusters": f"{result.clusters:,}",
        }
    )
    say()
    show_table(("over all pairs", "estimated", "true"), quality_rows(result))
    say()
    show_facts({"output": result.output, "catalog": result.catalog, "report": result.report})
