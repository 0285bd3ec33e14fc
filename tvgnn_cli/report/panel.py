"""The interactive panel: a graph to move in, search, colour and take apart by clusters.

Vertices and edges are drawn by sigma.js on graphology, which `assets/` has with their licences; the
script that drives them is `assets/panel.js`. Nothing is fetched, and nothing of the user's becomes
markup: the data is JSON in an element that is not run, and the script writes texts.
"""

from __future__ import annotations

from importlib.resources import files

from tvgnn_cli.explanation.subject import Subject
from tvgnn_cli.report.packing import pack
from tvgnn_cli.report.parts import Panel
from tvgnn_cli.report.view import GraphView, view_of

ASSETS = "tvgnn_cli.report"

SCRIPTS = ("sigma.min.js", "data.js", "colours.js", "picture.js", "panel.js")
"""In the order in which they run."""


def panel_of(subject: Subject) -> Panel:
    """The panel of a graph and its clusters."""
    graph, found = subject.graph, subject.clusters
    view = view_of(
        graph, found.labels, found.names,
        confidence=found.measures.get("confidence"), stability=found.measures.get("stability"),
        classes=None if graph.y is None else graph.class_texts,
    )  # fmt: skip
    return panel(view)


def panel(view: GraphView) -> Panel:
    """The panel of a view, with notes on what it does not show."""
    data, notes = pack(view)
    return Panel(
        style=_asset("panel.css"),
        markup=_asset("panel.html").replace("@DATA@", data),
        scripts=tuple(map(_asset, SCRIPTS)),
        notes=(*view.notes, *notes),
    )


def _asset(name: str) -> str:
    return files(ASSETS).joinpath("assets", name).read_text(encoding="utf-8")
