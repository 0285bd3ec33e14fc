"""`tvgnn reproduce figure`: the paper's figures by number."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from tvgnn_cli.cli import options as o
from tvgnn_cli.cli.reading import DataRootOption, OfflineOption
from tvgnn_cli.cli.reproduce.options import ProtocolOption, SeedOption


def figure(
    number: Annotated[
        list[str],
        o.argument("N...", "2, 4 to 15, 16a to 16c, 17 to 24."),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="DIR",
            rich_help_panel=o.OUTPUT,
            help="Where figure-N.png, figure-N.svg and the runs that they are made of are kept; "
            "figure-N-ours where networks are trained by our defaults.",
        ),
    ] = Path("figures"),
    protocol: ProtocolOption = "published",
    seed: SeedOption = 0,
    max_time: o.MaxTimeOption = None,
    data_root: DataRootOption = None,
    offline: OfflineOption = False,
    threads: o.ThreadsOption = None,
    progress: o.ProgressOption = "auto",
    quiet: o.QuietOption = False,
) -> None:
    """Draw figures of the paper, each as .png and .svg.

    Networks that a figure shows are trained for it and kept; a figure of the same networks takes
    them from there, and the same command goes on where it was stopped.

    Examples:
      tvgnn reproduce figure 2 22 --out figures
    """
    from tvgnn_cli.cli.progress import progress as show
    from tvgnn_cli.cli.signals import until
    from tvgnn_cli.cli.summary import console
    from tvgnn_cli.errors import UsageError
    from tvgnn_cli.io.writers import make_folder
    from tvgnn_cli.plots import require_matplotlib, require_umap, save_figure

    require_matplotlib()
    from tvgnn_cli.reproduction.figures import FIGURES, figure_stem
    from tvgnn_cli.reproduction.trained import Runs

    for name in number:
        if name not in FIGURES:
            raise UsageError(f"figure '{name}' is none of these: {', '.join(FIGURES)}")
    if any(FIGURES[name].of_points for name in number):
        require_umap()
    for folder in (out, out / "runs"):
        make_folder("--out", folder)
    reading = {"data_root": data_root, "offline": offline}
    with until(max_time) as asked, show("none" if quiet else progress) as observer:
        runs = Runs(out / "runs", protocol, seed, reading, threads, observer, {}, asked)
        for name in number:
            drawn, stem = FIGURES[name].draw(runs), out / figure_stem(name, protocol)
            for suffix in ("png", "svg"):
                save_figure(drawn, stem.with_suffix(f".{suffix}"))
            if not quiet:
                said = f"figure {name}: {FIGURES[name].about}: {stem}.png, .svg"
                console().print(said, markup=False, soft_wrap=True)
    with suppress(OSError):
        (out / "runs").rmdir()  # where nothing was trained
