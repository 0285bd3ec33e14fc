"""`tvgnn levels`: coarser clusters that are unions of those given."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tvgnn_cli.cli import options as o
from tvgnn_cli.cli.groups import Given, takes, without
from tvgnn_cli.cli.reading import READING, ClusterAttrOption, ClustersArgument, GraphArgument

if TYPE_CHECKING:
    from tvgnn_cli.explanation.levels import Levels


@takes(reading=without(READING, "labels", "label_attr"))
def levels(
    graph: GraphArgument,
    clusters: ClustersArgument,
    *,
    cluster_attr: ClusterAttrOption = None,
    reading: Given,
    output: Annotated[
        str | None,
        o.rows_of("vertex", "STEM.levels.csv"),
    ] = None,
    tree: Annotated[
        str | None,
        o.to_file("All merges: .nwk for a tree in Newick's form, or a table.", "--tree"),
    ] = None,
    plot: Annotated[
        Path | None,
        o.to_file("The tree as a figure: .png, .svg or .pdf.", "--plot"),
    ] = None,
    most: Annotated[
        int,
        typer.Option(
            "--levels", metavar="N", min=1, rich_help_panel=o.OUTPUT,
            help="Levels above the clusters themselves, at most.",
        ),
    ] = 3,
    quiet: o.QuietOption = False,
) -> None:  # fmt: skip
    """Merge the clusters of a graph into coarser ones, by the edges between them.

    The two with most edges against chance are merged first, and so on; levels are cut where the
    next merge would be of much weaker ties. Clusters may be of any tool.

    Examples:
      tvgnn cluster planted -o clusters.csv
      tvgnn levels planted clusters.csv --tree tree.nwk --plot tree.png
    """
    from tvgnn_cli.cli.outputs import check_files
    from tvgnn_cli.explanation.levels import TREE
    from tvgnn_cli.explanation.levels import levels as merged
    from tvgnn_cli.io.location import locate
    from tvgnn_cli.io.writers import TABLE_WRITERS
    from tvgnn_cli.plots import SUFFIXES, require_matplotlib

    if plot is not None:
        require_matplotlib()
    target = output or f"{locate(graph).stem}.levels.csv"
    written = check_files(
        (graph, reading["features"], clusters), {"tree": (*TREE, *TABLE_WRITERS), "plot": SUFFIXES},
        tree=tree, plot=plot, output=target,
    )  # fmt: skip
    found = merged(graph, clusters, most=most, cluster_attr=cluster_attr, **reading)
    if tree is not None:
        is_tree = Path(tree).suffix.lower() in TREE
        (found.write if is_tree else found.write_merges)(tree)
    lacking = () if plot is None else _draw(found, plot)
    found.write(target)
    if not quiet:
        _show(found, written, lacking)


def _draw(found: Levels, path: Path) -> tuple[str, ...]:
    from tvgnn_cli.plots import save_figure
    from tvgnn_cli.plots.of_clusters import TITLES, tree_figure

    title = f"{found.name}: {TITLES['levels']}"
    figure = tree_figure(found.tree, found.clusters, found.sizes, found.numbers, title)
    return save_figure(figure, path)


def _show(found: Levels, written: list[str], lacking: tuple[str, ...]) -> None:
    """Print the levels, one line each."""
    from tvgnn_cli.cli.spelling import line_of
    from tvgnn_cli.cli.summary import show_told

    k = len(found.clusters)
    lines = [f"{k:,} cluster{'' if k == 1 else 's'} of {found.name}"]
    over = found.merges["over_chance"]
    for level, count in enumerate(found.numbers, start=1):
        last = len(found.clusters) - count
        told = f"merged with {over[last - 1]:.2g} times the edges of chance or more"
        lines.append(f"cluster_l{level}: {count:,} clusters, {told}; the next {over[last]:.2g}")
    show_told(map(line_of, lines), written, (*found.notes, *lacking))
