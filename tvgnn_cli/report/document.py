"""Reports: what clusters are, for people who did not make them, in one file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tvgnn_cli.errors import InputError, shown
from tvgnn_cli.evaluation.metrics import evaluate
from tvgnn_cli.explanation.explain import Explanation, check_top, explanation_of
from tvgnn_cli.explanation.subject import Subject, subject_of
from tvgnn_cli.graph.labels import without_noise
from tvgnn_cli.io.atomic import write_atomically
from tvgnn_cli.io.source import STDIN
from tvgnn_cli.io.writers import check_target, write_text
from tvgnn_cli.machine.versions import versions
from tvgnn_cli.plots.files import require_matplotlib
from tvgnn_cli.report import contents, evidence
from tvgnn_cli.report.card import Card, first_rows, html_of
from tvgnn_cli.report.cells import cell
from tvgnn_cli.report.levels import levels_section, no_levels
from tvgnn_cli.report.page import page_of
from tvgnn_cli.report.panel import panel_of
from tvgnn_cli.report.parts import Panel, Swept
from tvgnn_cli.report.pictures import pictures_of
from tvgnn_cli.report.run_facts import Run, run_of
from tvgnn_cli.report.sweeps import headed_pictures, sweep_sections

SUFFIXES = (".html", ".htm")

TOP = 5
"""Features, representative and boundary vertices of each cluster in a report."""


WHOLE = 'the whole page, with the graph to move in, is a file: `write("report.html")`'

BY_CLASSES = ("num_labelled", "nmi", "acc", "ari")
"""Metrics by the true classes, of which those that the report is given count."""


@dataclass(frozen=True, eq=False)
class Report:
    """A page about a graph's clusters.

    Args:
        name: stem of the graph's name.
        html: the page.
        explanation: the tables that it was made of, whole.
        notes: sentences that the summary shows.
        card: the page's first screen, for notebooks.
    """

    name: str
    html: str
    explanation: Explanation
    notes: tuple[str, ...] = ()
    card: Card = field(default_factory=Card)

    def __repr__(self) -> str:
        """Name the graph and the size of the page, in one line."""
        return f"<Report {shown(self.name)}: {len(self.html):,} characters>"

    def _repr_html_(self) -> str:
        """Show in a notebook: the page's first screen without a script, in 200 KB at most."""
        return html_of(self.card)

    def write(self, path: str | Path) -> None:
        """Write the page to an `.html` file, or to standard output for `-`.

        Raises:
            UsageError: an unknown suffix, or a target that cannot be written.
        """
        check_target("", str(path), SUFFIXES, ())
        if str(path) == STDIN:
            write_text(self.html)
        else:
            write_atomically(Path(path), self.html.encode())


def make_report(
    graph: Any,
    clusters: Any,
    *,
    top: int = TOP,
    model: Any = None,
    sweep: Swept | None = None,
    panel: Panel | Callable[[Subject], Panel] | None = panel_of,
    cluster_attr: str | None = None,
    **options: Any,
) -> Report:
    """Report any clustering of a graph in one file that needs no network: figures, tables of what
    the clusters are, and what is known of the run that made them.

        result = tvgnn_cli.cluster("graph.graphml", num_clusters=7)
        tvgnn_cli.make_report("graph.graphml", result).write("report.html")

    The same input gives the same bytes. True classes, where the graph has them, are scored against
    and have no other part in it.

    Args:
        graph: as for `cluster`.
        clusters: as for `explain`. Metrics of the run come from a `ClusterResult`, or from a file
            of metrics beside a file of clusters, if the fingerprint of its input is the graph's.
        top: features, representative and boundary vertices of each cluster, at most.
        model: the `FittedModel` of that run, for its settings and losses; a result has them.
        sweep: a `SweepResult` of the graph, for its figure and table.
        panel: an interactive part, or what makes one of the graph and its clusters; None for a page
            without any script.
        cluster_attr: as for `evaluate`.
        **options: how the graph is read, by fields of `InputOptions`.

    Raises:
        UsageError: `top` is no number from 1; no matplotlib.
        InputError: a file that cannot be read; vertices of one that the other lacks; a model or a
            sweep of another graph.
    """
    check_top(top)
    require_matplotlib()
    subject = subject_of(graph, clusters, cluster_attr=cluster_attr, **options)
    explanation = explanation_of(subject, top)
    fingerprint = explanation.made_of["input_fingerprint"]
    if sweep is not None:
        _check_sweep(sweep, fingerprint)
    found = subject.clusters
    known = found.labels if found.k == 1 else without_noise(found.labels, found.names)[0]
    scores = evaluate(subject.graph, known, found.assignment)
    run = run_of(clusters, fingerprint, scores, model)
    panel = panel(subject) if callable(panel) else panel
    html, card = _page(subject, explanation, run, scores, sweep, panel)
    notes = (*run.notes, *(() if panel is None else panel.notes))
    return Report(explanation.name, html, explanation, tuple(dict.fromkeys(notes)), card)


def _page(
    subject: Subject,
    explanation: Explanation,
    run: Run,
    scores: Mapping[str, Any],
    sweep: Swept | None,
    panel: Panel | None,
) -> tuple[str, Card]:
    """The page, and its first screen as a card."""
    against = {name: scores[name] for name in BY_CLASSES if name in scores}
    known = {**scores, **run.metrics, **against}
    without = [note for note in [no_levels(subject)] if note]
    warnings, notes = contents.sorted_notes(run.notes, explanation.notes, without)
    left = subject.k - contents.DETAILED
    name = cell("graph", explanation.name)
    summary, sure = contents.summary(subject, known), evidence.in_short(run.metrics)
    warnings += evidence.warning(run.metrics, warnings)
    pictures, sweeps = list(pictures_of(subject, run)), list(sweep_sections(run, sweep))
    clusters = contents.clusters_table(subject, explanation)
    html = page_of(
        panel,
        name=name,
        version=explanation.made_of["version_tvgnn"],
        summary=summary,
        evidence_in_short=sure,
        evidence=evidence.section(run),
        warnings=warnings,
        notes=notes,
        pictures=pictures,
        clusters=clusters,
        details=list(contents.details(subject, explanation)),
        details_note=(
            f"The largest {contents.DETAILED:,} of {subject.k:,} clusters; {contents.REMEDY}."
            if left > 0
            else ""
        ),
        cuts=contents.cuts_table(subject, explanation),
        levels=levels_section(subject),
        sweeps=sweeps,
        metrics=contents.scores_table(known),
        metrics_source=(
            f"{cell('', run.source)}; times and memory, which differ from one run to the next, are "
            "left out."
            if run.source
            else "Measured for this report; those of the run that made the clusters are not known."
        ),
        settings=contents.settings_table(run),
        provenance=contents.provenance_table(explanation.made_of, run.metrics, versions()),
    )
    card = Card(
        f"Clusters of {name}", [*summary, *sure], (), warnings,
        [*pictures, *headed_pictures(sweeps)], [first_rows(clusters)], (), notes, [WHOLE],
    )  # fmt: skip
    return html, card


def _check_sweep(sweep: Swept, fingerprint: str) -> None:
    """Refuse a sweep of another graph.

    Raises:
        InputError: it is one.
    """
    others = {row.get("input_fingerprint", fingerprint) for row in sweep.rows} - {fingerprint}
    if others:
        raise InputError(
            "`sweep`: is of another graph, or of other features (the fingerprints differ); give "
            "the input as the sweep had it"
        )
