"""Options that the experiments share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from tvgnn_cli.cli.options import OUTPUT

PLAN = "What to run"

ProtocolOption = Annotated[
    Literal["published", "ours"],
    typer.Option(
        "--protocol",
        rich_help_panel=PLAN,
        help="published: each method's own configuration; ours: the defaults of tvgnn cluster.",
    ),
]
SeedsOption = Annotated[
    int,
    typer.Option(
        "--seeds", metavar="N", min=1, max=10_000, rich_help_panel=PLAN, help="Seeds 0 to N - 1."
    ),
]
SeedOption = Annotated[
    int,
    typer.Option(
        "--seed", metavar="N", min=0, max=2**32 - 1, rich_help_panel=PLAN, help="Of every run."
    ),
]
ResultsOption = Annotated[
    Path,
    typer.Option(
        "--results",
        metavar="DIR",
        rich_help_panel=OUTPUT,
        help="Where the rows are kept; runs that have one there are not made again.",
    ),
]
ExportOption = Annotated[
    Path | None,
    typer.Option(
        "--export",
        metavar="FILE.csv",
        rich_help_panel=OUTPUT,
        help="Write all rows of DIR as one table, and run nothing.",
    ),
]
ListOption = Annotated[
    bool,
    typer.Option(
        "--list", rich_help_panel=PLAN, help="Print the command of each run, and run nothing."
    ),
]


def _only(flag: str, what: str) -> Any:
    """Declare an option that leaves out what it does not name."""
    return typer.Option(
        flag,
        metavar="NAME",
        rich_help_panel=PLAN,
        show_default="all",
        help=f"Only this {what}; may be given several times.",
    )


MethodOption = Annotated[list[str] | None, _only("--method", "method")]
DatasetOption = Annotated[list[str] | None, _only("--dataset", "data set")]


def added(data_root: Path | None, offline: bool, threads: int | None) -> list[str]:
    """Options of each run that say nothing of its result.

    Raises:
        UsageError: a number of threads that is none.
    """
    from tvgnn_cli.errors import UsageError

    if threads is not None and threads < 1:
        raise UsageError(f"--threads is {threads}; needs to be at least 1")
    words = [] if data_root is None else ["--data-root", str(data_root)]
    words += ["--offline"] if offline else []
    return words + ([] if threads is None else ["--threads", str(threads)])
