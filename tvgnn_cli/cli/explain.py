"""`tvgnn explain`: what the clusters of a graph are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from tvgnn_cli.cli import options as o
from tvgnn_cli.cli.groups import Given, takes, without
from tvgnn_cli.cli.reading import READING, ClusterAttrOption, ClustersArgument, GraphArgument

if TYPE_CHECKING:
    from tvgnn_cli.explanation.explain import Explanation


MarksOption = Annotated[
    str | None,
    o.to_file(
        "The features that set each cluster apart: .csv, .tsv or .parquet, as the next two.",
        "--marks",
    ),
]
VerticesOption = Annotated[
    str | None,
    o.to_file("Vertices that stand for each cluster, and those at its boundary.", "--vertices"),
]
CutsOption = Annotated[
    str | None,
    o.to_file("Edges between each two clusters, beside what chance would put there.", "--cuts"),
]

MOST_SHOWN = 12
"""Clusters that the summary tells of."""


@takes(reading=without(READING, "labels", "label_attr"))
def explain(
    graph: GraphArgument,
    clusters: ClustersArgument,
    *,
    cluster_attr: ClusterAttrOption = None,
    reading: Given,
    output: Annotated[
        str | None,
        o.to_file(
            "Everything, as .json; or a row for each cluster: .csv, .tsv, .parquet, or - for CSV "
            "on standard output.",
            default="STEM.explained.json",
        ),
    ] = None,
    marks: MarksOption = None,
    vertices: VerticesOption = None,
    cuts: CutsOption = None,
    top: o.TopOption = 10,
    quiet: o.QuietOption = False,
) -> None:  # fmt: skip
    """Say what the clusters of a graph are: what sets each apart, which vertices stand for it.

    For each cluster its size, cut and pieces, the features that are other than outside, the
    vertices that are most and least at home in it, and the clusters that it has edges with.

    Examples:
      tvgnn cluster planted -o clusters.csv
      tvgnn explain planted clusters.csv
      tvgnn explain planted clusters.csv -o by-cluster.csv --marks marks.csv
    """
    from tvgnn_cli.cli.outputs import check_files
    from tvgnn_cli.explanation.explain import WHOLE
    from tvgnn_cli.explanation.explain import explain as explained
    from tvgnn_cli.io.location import locate
    from tvgnn_cli.io.writers import TABLE_WRITERS

    target = output or f"{locate(graph).stem}.explained{WHOLE}"
    written = check_files(
        (graph, reading["features"], clusters), {"output": (WHOLE, *TABLE_WRITERS)},
        marks=marks, vertices=vertices, cuts=cuts, output=target,
    )  # fmt: skip
    found = explained(graph, clusters, top=top, cluster_attr=cluster_attr, **reading)
    for table, each in {"features": marks, "vertices": vertices, "cuts": cuts}.items():
        if each is not None:
            found.write(each, table)
    found.write(target)
    if not quiet:
        _show(found, written)


def _show(found: Explanation, written: Sequence[str]) -> None:
    """Print what matters most of each cluster, some lines each."""
    from tvgnn_cli.cli.spelling import line_of
    from tvgnn_cli.cli.summary import show_told

    lines, table = list[str](), found.tables["clusters"]
    count = len(table["cluster"])
    for i in range(min(count, MOST_SHOWN)):
        cell = {name: values[i] for name, values in table.items()}
        pieces = f", in {cell['pieces']:,} pieces" if cell["pieces"] > 1 else ""
        sure = f", confidence {cell['confidence']:.2f}" if "confidence" in cell else ""
        cut = f"conductance {cell['conductance']:.2f}"
        noun = "vertex" if cell["size"] == 1 else "vertices"
        about = f"{cell['size']:,} {noun} ({cell['share']:.0%}){pieces}, {cut}{sure}"
        lines.append(line_of(f"cluster {cell['cluster']}: {about}"))
        times = f" ({cell['nearest_over_chance']:.2f} times the edges of chance)"
        told = {
            "set apart by": cell["features"],
            "typical": cell["representatives"],
            "nearest": cell["nearest"] and f"{cell['nearest']}{times}",
        }
        lines += [line_of(f"{part + ':':<14}{text}", "  ") for part, text in told.items() if text]
    if count > MOST_SHOWN:
        lines.append(f"and {count - MOST_SHOWN:,} more clusters")
    show_told(lines, written, found.notes)
