"""Tables and sentences of a report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from tvgnn_cli.errors import counted
from tvgnn_cli.evaluation.metric_table import METRICS
from tvgnn_cli.explanation.explain import Explanation
from tvgnn_cli.explanation.subject import Subject
from tvgnn_cli.graph.labels import has_noise
from tvgnn_cli.plots.palette import hues_of
from tvgnn_cli.report.cells import cell, exact, number, plain_words, share, spelled_name, table_of
from tvgnn_cli.report.parts import Section, Table
from tvgnn_cli.report.run_facts import Run

MOST_ROWS = 500
"""Clusters in the table of clusters, the largest."""

DETAILED = 100
"""Clusters with tables of their own, the largest."""

OPEN = 12
"""Clusters up to which all of these are open."""

MOST_PAIRS = 200
"""Pairs of clusters in the table of cuts, those of most edges against chance."""

REMEDY = "tvgnn explain writes all of them"

IN_MEMORY = "clusters"
"""Name of clusters that come from no file."""

FINGERPRINTS = ("input_fingerprint", "config_fingerprint", "model_fingerprint")

WARNING = "warning: "


def summary(subject: Subject, scores: Mapping[str, Any]) -> list[str]:
    """Sentences that say in short what the page is about."""
    graph, structure = subject.graph, subject.structure
    bare = int(
        subject.k > 1 and has_noise(subject.clusters.names)
    )  # who are shown as a cluster, and are none
    k, sizes = subject.k - bare, structure.sizes[bare:]
    vertices, edges = counted(graph.num_vertices, "vertex"), counted(graph.num_edges, "edge")
    least, most = int(sizes.min()), int(sizes.max())
    each = f"of {least:,}" if least == most else f"of {least:,} to {most:,}"
    told = [
        f"{vertices} and {edges}, in {counted(k, 'cluster')} {each} "
        f"{'vertex' if most == 1 else 'vertices'}."
    ]
    if graph.num_edges and k > 1:
        told.append(
            f"Between clusters lies {share(scores['cut_fraction'])} of the weight of the edges"
            f"{'' if bare else _by_chance(structure.volume)}; "
            f"modularity {number(scores['modularity'])}."
        )
    elif not graph.num_edges:
        told.append("The graph has no edges.")
    if bare:
        told.append(
            f"{int(structure.sizes[0]):,} of the vertices are in no cluster; they are shown as one "
            "of the name -1, and no score counts them."
        )
    broken = int((structure.pieces[bare:] > 1).sum())
    if broken and graph.num_edges:
        are = "is" if broken == 1 else "are"
        told.append(
            f"{broken:,} of the {'cluster' if k == 1 else 'clusters'} {are} in more than one piece."
        )
    if "nmi" in scores:
        told.append(
            f"Beside true classes: NMI {scores['nmi']:.3f}, ACC {share(scores['acc'])}, "
            f"ARI {scores['ari']:.3f}."
        )
    return told


def _by_chance(volume: np.ndarray) -> str:
    """Say how much of the edges chance would put between clusters of these sums of degrees."""
    chance = 1 - float(np.square(volume / volume.sum()).sum())
    return f", where chance would put {share(chance)}"


def clusters_table(subject: Subject, explanation: Explanation) -> Table:
    """The table of clusters."""
    shown = subject.largest(MOST_ROWS)
    left = subject.k - len(shown)
    caption = f"The largest {len(shown):,} of {subject.k:,} clusters; {REMEDY}." if left else ""
    hues = hues_of(subject.clusters.names)
    columns = explanation.tables["clusters"]
    return table_of(columns, shown, caption, [hues[i] for i in shown.tolist()])


def details(subject: Subject, explanation: Explanation) -> Iterator[Section]:
    """Features and vertices of each of the largest clusters."""
    names = subject.clusters.names
    features, vertices = explanation.tables["features"], explanation.tables["vertices"]
    rows = {name: _rows_of(table, names) for name, table in
            (("features", features), ("vertices", vertices))}  # fmt: skip
    for cluster in subject.largest(DETAILED).tolist():
        size = int(subject.structure.sizes[cluster])
        tables = [
            table_of(table, rows[name][cluster], caption, leave_out=("cluster",))
            for name, table, caption in (
                ("features", features, "Features that set it apart"),
                ("vertices", vertices, "Vertices that stand for it, and those at its boundary"),
            )
            if len(rows[name][cluster])
        ]
        title = f"Cluster {cell('cluster', names[cluster])}: {counted(size, 'vertex')}"
        yield Section(title, tables, is_open=subject.k <= OPEN)


def _rows_of(table: Mapping[str, Any], names: Sequence[str]) -> list[np.ndarray]:
    """Rows of a table by cluster, in their order."""
    number_of = {name: i for i, name in enumerate(names)}
    of = np.array([number_of[name] for name in table["cluster"]], dtype=np.int64)
    order = np.argsort(of, kind="stable")
    return np.split(order, np.cumsum(np.bincount(of, minlength=len(names)))[:-1])


def cuts_table(subject: Subject, explanation: Explanation) -> Table | None:
    """Each two clusters with edges between them, those first that have most against chance; None
    where there are none.
    """
    columns = explanation.tables["cuts"]
    number_of = {name: i for i, name in enumerate(subject.clusters.names)}
    one = np.array([number_of[name] for name in columns["cluster"]], dtype=np.int64)
    other = np.array([number_of[name] for name in columns["other"]], dtype=np.int64)
    once = np.flatnonzero(one < other)
    if not len(once):
        return None
    order = once[np.argsort(-columns["over_chance"][once], kind="stable")]
    left = len(order) > MOST_PAIRS
    caption = f"The first {MOST_PAIRS:,} of {len(order):,} pairs; {REMEDY}." if left else ""
    return table_of(columns, order[:MOST_PAIRS], caption)


def scores_table(metrics: Mapping[str, Any]) -> Table:
    """Metrics with what they mean."""
    aside = (*FINGERPRINTS, "input")
    rows = [
        [metric.name, exact(metrics[metric.name]), plain_words(metric.meaning)]
        for metric in METRICS
        if metrics.get(metric.name) is not None
        and metric.name not in aside
        and not metric.name.startswith("version_")
    ]
    return Table(["metric", "value", "meaning"], rows, [False, True, False])


def provenance_table(
    made_of: Mapping[str, Any], metrics: Mapping[str, Any], versions: Mapping[str, str]
) -> Table:
    """The graph and the clusters by name, fingerprints, and the versions of the run, or else of the
    report.
    """
    told = {"graph": made_of["graph"]}
    if made_of["clusters_of"] != IN_MEMORY:
        told["clusters of"] = made_of["clusters_of"]
    told["input fingerprint"] = made_of["input_fingerprint"]
    for name in FINGERPRINTS[1:]:
        if metrics.get(name) is not None:
            told[spelled_name(name)] = metrics[name]
    of_run = {name: value for name, value in metrics.items() if name.startswith("version_")}
    for name, value in (of_run or versions).items():
        told[f"{name.removeprefix('version_')} (of the run)" if of_run
             else name.removeprefix("version_")] = value  # fmt: skip
    told["report written by tvgnn"] = made_of["version_tvgnn"]
    return Table(["", ""], [[name, exact(value)] for name, value in told.items()], [False, False])


def settings_table(run: Run) -> Table | None:
    """The settings of the run; None where they are not known."""
    known = {name: value for name, value in run.settings.items() if value is not None}
    if not known:
        return None
    rows = [[name, exact(value)] for name, value in known.items()]
    return Table(["setting", "value"], rows, [False, True])


def sorted_notes(*groups: Sequence[str]) -> tuple[list[str], list[str]]:
    """Warnings, and other notes, each once, in their order."""
    notes = list(dict.fromkeys(note for group in groups for note in group))
    warnings = [note.removeprefix(WARNING) for note in notes if note.startswith(WARNING)]
    return warnings, [note for note in notes if not note.startswith(WARNING)]
