"""`tvgnn check`: read a graph, report on it, train nothing."""

from __future__ import annotations

import typer

from tvgnn_cli.cli import options as o
from tvgnn_cli.cli.groups import Given, takes
from tvgnn_cli.cli.outputs import names_of
from tvgnn_cli.cli.reading import READING, GraphArgument
from tvgnn_cli.cli.settings import SETTINGS, with_file
from tvgnn_cli.cli.spelling import line_of, spelled
from tvgnn_cli.errors import printable


@takes(reading=READING, settings=SETTINGS)
def check(
    graph: GraphArgument,
    *,
    reading: Given,
    settings: Given,
    config: o.ConfigOption = None,
) -> None:
    """Read a graph and report on it: sizes, components, duplicates, memory, evidence for clusters.

    Memory and evidence are those of the settings that are given, as for tvgnn cluster. Evidence is
    how much of a vertex's cluster edges and features tell that it was not found from.

    Examples:
      tvgnn check planted
      tvgnn check karate -k 2
      tvgnn check karate --preset paper
    """
    from tvgnn_cli.config import make_config, without_files
    from tvgnn_cli.io.read import read_graph
    from tvgnn_cli.run.inspection import inspect_graph, report_evidence, require_suitable
    from tvgnn_cli.run.refusals import check_parts

    plain, files = without_files(with_file(settings, config))
    chosen = make_config(plain)
    check_parts(chosen)
    names_of(graph, reading["features"], reading["labels"], *files.values())
    has_given = bool(files) or chosen.has_given
    if has_given:  # which takes torch to look at
        from tvgnn_cli.run.given import check_given, read_given

        check_given(chosen, **files)
    read = read_graph(graph, **reading)
    if has_given:
        chosen = read_given(read, **files).settled(chosen)
    for name, text in inspect_graph(read, chosen).items():
        typer.echo(printable(spelled(f"{name + ':':<22}{text}")))
    for name, text in report_evidence(read, chosen).items():
        typer.echo(printable(spelled(f"{name + ':':<22}{text}".rstrip())))
    for note in read.all_notes:
        typer.echo(line_of(note, "- "))
    require_suitable(read, chosen)
