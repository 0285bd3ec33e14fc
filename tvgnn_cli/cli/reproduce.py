"""`tvgnn reproduce`: the paper's experiments."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from tvgnn_cli.cli import options as o

reproduce = typer.Typer(
    name="reproduce",
    no_args_is_help=True,
    help="Run the paper's experiments, and set what comes out beside what it reports.",
)

PLAN = "What to run"


@reproduce.callback()
def about() -> None:
    """Run the paper's experiments, and set what comes out beside what it reports."""


@reproduce.command()
def table1(
    results: Annotated[
        Path,
        typer.Option(
            "--results",
            metavar="DIR",
            rich_help_panel=o.OUTPUT,
            help="Where the rows are kept; runs that have one there are not made again.",
        ),
    ] = Path("table1"),
    export: Annotated[
        Path | None,
        typer.Option(
            "--export",
            metavar="FILE.csv",
            rich_help_panel=o.OUTPUT,
            help="Write all rows of DIR as one table, and run nothing.",
        ),
    ] = None,
    method: Annotated[
        list[str] | None,
        typer.Option(
            "--method",
            metavar="NAME",
            rich_help_panel=PLAN,
            show_default="all",
            help="Only this method; may be given several times.",
        ),
    ] = None,
    dataset: Annotated[
        list[str] | None,
        typer.Option(
            "--dataset",
            metavar="NAME",
            rich_help_panel=PLAN,
            show_default="all",
            help="Only this data set; may be given several times.",
        ),
    ] = None,
    protocol: Annotated[
        list[str] | None,
        typer.Option(
            "--protocol",
            metavar="NAME",
            rich_help_panel=PLAN,
            show_default="both",
            help="published: each method's own configuration; ours: the defaults of tvgnn cluster.",
        ),
    ] = None,
    seeds: Annotated[
        int,
        typer.Option("--seeds", metavar="N", rich_help_panel=PLAN, help="Seeds 0 to N - 1."),
    ] = 10,
    listed: Annotated[
        bool,
        typer.Option(
            "--list", rich_help_panel=PLAN, help="Print the command of each run, and run nothing."
        ),
    ] = False,
    shard: Annotated[
        str | None,
        typer.Option(
            "--shard",
            metavar="I/N",
            rich_help_panel=o.JOB,
            help="Only a part of the runs, from 1/N to N/N; parts may share DIR.",
        ),
    ] = None,
    max_time: o.MaxTimeOption = None,
    data_root: o.DataRootOption = None,
    offline: o.OfflineOption = False,
    threads: o.ThreadsOption = None,
    quiet: o.QuietOption = False,
) -> None:
    """Every method of Table 1 on its four data sets.

    Each run is a process of its own, its row is written as it is done, and the same command goes on
    where it was stopped. Rows of several folders, put into one, are one table.

    [bold]Example:[/bold] tvgnn reproduce table1 --dataset Cora --method ssgc --seeds 2 --list
    """  # fmt: skip
    from tvgnn_cli.cli.durations import seconds_of
    from tvgnn_cli.cli.signals import asking
    from tvgnn_cli.cli.summary import show_run, show_table1
    from tvgnn_cli.errors import TrainingError
    from tvgnn_cli.hpc.shard import Shard
    from tvgnn_cli.interruption import Interruption
    from tvgnn_cli.io.writers import check_target
    from tvgnn_cli.reproduction.plan import plan
    from tvgnn_cli.reproduction.rows import export as write_rows
    from tvgnn_cli.reproduction.rows import rows_in
    from tvgnn_cli.reproduction.runner import run_planned
    from tvgnn_cli.reproduction.summary import summarise

    planned = plan(method or (), dataset or (), protocol or (), seeds)
    if shard is not None:
        planned = [planned[position] for position in Shard.parse(shard).part(len(planned))]
    if export is not None:
        check_target("--export", str(export), (".csv",), ())
    if listed:
        for each in planned:
            typer.echo(each.command)
        return
    failed = 0
    if export is None:
        added = _added(data_root, offline, threads)
        interruption = Interruption(
            None if max_time is None else seconds_of("--max-time", max_time)
        )
        with asking(interruption):
            ended = run_planned(
                planned, results, added=added, interruption=interruption,
                told=None if quiet else show_run,
            )  # fmt: skip
        failed = sum(each.row is None for each in ended)
    rows = rows_in(results)
    cells = summarise(rows.values())
    if export is not None:
        write_rows(rows, export)
    if not quiet:
        show_table1(cells)
    if failed:
        raise TrainingError(f"{failed} of {len(planned)} runs failed; their rows are missing")


@reproduce.command()
def figure(
    number: Annotated[
        list[str],
        typer.Argument(
            metavar="N...", show_default=False, help="2, 4 to 15, 16a to 16c, 17 to 24."
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="DIR",
            rich_help_panel=o.OUTPUT,
            help="Where figure-N.png, figure-N.svg and the runs that they are made of are kept.",
        ),
    ] = Path("figures"),
    protocol: Annotated[
        Literal["published", "ours"],
        typer.Option("--protocol", rich_help_panel=PLAN, help="As of table1."),
    ] = "published",
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", rich_help_panel=PLAN, help="Of every run.")
    ] = 0,
    data_root: o.DataRootOption = None,
    offline: o.OfflineOption = False,
    threads: o.ThreadsOption = None,
    progress: o.ProgressOption = "auto",
    quiet: o.QuietOption = False,
) -> None:
    """Draw figures of the paper, each as .png and .svg.

    Networks that a figure shows are trained for it and kept; a figure of the same networks takes
    them from there.

    [bold]Example:[/bold] tvgnn reproduce figure 2 22 --out figures
    """
    from tvgnn_cli.cli.progress import progress as show
    from tvgnn_cli.cli.summary import console
    from tvgnn_cli.errors import UsageError, did_you_mean
    from tvgnn_cli.io.writers import make_folder
    from tvgnn_cli.plots import require_matplotlib, save_figure

    require_matplotlib()
    from tvgnn_cli.reproduction.figures import FIGURES
    from tvgnn_cli.reproduction.trained import Runs

    for name in number:
        if name not in FIGURES:
            raise UsageError(
                f"figure '{name}' is not one of the paper's.{did_you_mean(name, FIGURES)}"
            )
    make_folder("--out", out)
    reading = {"data_root": data_root, "offline": offline}
    with show("none" if quiet else progress) as observer:
        runs = Runs(out / "runs", protocol, seed, reading, threads, observer)
        for name in number:
            drawn = FIGURES[name].draw(runs)
            for suffix in ("png", "svg"):
                save_figure(drawn, out / f"figure-{name}.{suffix}")
            if not quiet:
                console().print(
                    f"figure {name}: {FIGURES[name].about}: {out}/figure-{name}.png, .svg"
                )


@reproduce.command()
def synthetic(
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="DIR",
            rich_help_panel=o.OUTPUT,
            help="Where synthetic.csv and the runs that it is made of are kept.",
        ),
    ] = Path("synthetic"),
    protocol: Annotated[
        Literal["published", "ours"],
        typer.Option("--protocol", rich_help_panel=PLAN, help="As of table1."),
    ] = "published",
    seeds: Annotated[
        int,
        typer.Option("--seeds", metavar="N", rich_help_panel=PLAN, help="Seeds 0 to N - 1."),
    ] = 10,
    threads: o.ThreadsOption = None,
    progress: o.ProgressOption = "auto",
    quiet: o.QuietOption = False,
) -> None:
    """The tasks of Appendix C: communities under noise, a ring, a grid.

    Runs are kept as they are done, and the same command goes on where it was stopped.

    [bold]Example:[/bold] tvgnn reproduce synthetic --seeds 10 --out synthetic
    """  # fmt: skip
    from tvgnn_cli.cli.progress import progress as show
    from tvgnn_cli.cli.summary import show_lines
    from tvgnn_cli.errors import UsageError
    from tvgnn_cli.io.writers import make_folder, write_rows
    from tvgnn_cli.reproduction.synthetic import HEAD, run_tasks, summary
    from tvgnn_cli.reproduction.trained import Runs

    if seeds < 1:
        raise UsageError(f"--seeds is {seeds}; needs to be at least 1")
    make_folder("--out", out)
    with show("none" if quiet else progress) as observer:
        runs = Runs(out / "runs", protocol, threads=threads, observer=observer)
        rows = list(run_tasks(runs, seeds=seeds))
    write_rows(rows, str(out / "synthetic.csv"))
    if not quiet:
        show_lines("Appendix C", HEAD, summary(rows))


@reproduce.command()
def epochs(
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="FILE.csv",
            rich_help_panel=o.OUTPUT,
            help="Where the rows are kept; those that are there are not made again.",
        ),
    ] = Path("epochs.csv"),
    data_root: o.DataRootOption = None,
    offline: o.OfflineOption = False,
    threads: o.ThreadsOption = None,
    quiet: o.QuietOption = False,
) -> None:
    """Milliseconds per epoch of the methods that are trained end to end, beside Table 6.

    A short run of each method and data set, in a process of its own. Leave the machine alone
    meanwhile.

    [bold]Example:[/bold] tvgnn reproduce epochs --out epochs.csv
    """  # fmt: skip
    from tvgnn_cli.cli.signals import asking
    from tvgnn_cli.cli.summary import show_timing
    from tvgnn_cli.interruption import Interruption
    from tvgnn_cli.io.writers import check_target
    from tvgnn_cli.reproduction.epochs import measure_epochs

    check_target("--out", str(out), (".csv",), ())
    interruption = Interruption()
    with asking(interruption):
        added = _added(data_root, offline, threads)
        measure_epochs(out, added, interruption, None if quiet else show_timing)


@reproduce.command()
def page(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            show_default=False,
            help="With table1/ (rows of table1), and epochs.csv, synthetic.csv and figure-*.png "
            "where they are to be in the page.",
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="FILE.md", rich_help_panel=o.OUTPUT, help="The page."
        ),
    ] = Path("reproduction.md"),
) -> None:
    """Write what came of the experiments as a page of tables.

    [bold]Example:[/bold] tvgnn reproduce page docs/reproduction -o docs/reproduction.md
    """  # fmt: skip
    from tvgnn_cli.io.writers import check_target, write_atomically
    from tvgnn_cli.reproduction.page import page as written
    from tvgnn_cli.reproduction.page import read_kept

    check_target("-o", str(output), (".md",), ())
    write_atomically(output, written(read_kept(folder)).encode())


def _added(data_root: Path | None, offline: bool, threads: int | None) -> list[str]:
    """Options of each run that say nothing of its result."""
    added = [] if data_root is None else ["--data-root", str(data_root)]
    added += ["--offline"] if offline else []
    return added + ([] if threads is None else ["--threads", str(threads)])
