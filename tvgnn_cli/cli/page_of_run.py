"""The page that a run writes beside its clusters: `--report`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tvgnn_cli.errors import UsageError

if TYPE_CHECKING:
    from tvgnn_cli.report.document import Report
    from tvgnn_cli.run.result import ClusterResult


@dataclass
class PageOfRun:
    """A page that was asked for, or none.

    Training lets go of what it has of a graph, so the page reads it once more; a stream, which can
    be read once, is held from the beginning.

    Args:
        target: where it goes; None for no page.
        graph: as the command has it.
        reading: options by which it is read.
        held: what was read of a stream.
    """

    target: Path | None
    graph: str
    reading: dict[str, Any]
    held: Any = field(default=None, init=False)

    def check(self, shards: Path | None) -> None:
        """Refuse a page that could not be made in the end.

        Raises:
            UsageError: no matplotlib; a part of a run, which has no clusters yet.
        """
        if self.target is None:
            return
        if shards is not None:
            raise UsageError(
                "--report: a part of a run has no clusters yet; tvgnn report makes a page of those "
                "that tvgnn merge writes"
            )
        from tvgnn_cli.plots import require_matplotlib

        require_matplotlib()

    def source(self, holds_graph: bool) -> dict[str, Any]:
        """The graph to train on with the options by which it is read, by their names.

        Args:
            holds_graph: whether a graph file is written, with all attributes.
        """
        from tvgnn_cli.io.location import Stream, locate

        if self.target is None or not isinstance(locate(self.graph), Stream):
            return {"graph": self.graph, "keep_attributes": holds_graph, **self.reading}
        from tvgnn_cli.io.read import read_graph

        self.held = read_graph(self.graph, keep_attributes=holds_graph, **self.reading)
        return {"graph": self.held, "keep_attributes": holds_graph}

    def made(self, result: ClusterResult) -> Report | None:
        """The page of a result; None where none was asked for.

        Raises:
            InputError: the graph has changed since it was read.
        """
        if self.target is None:
            return None
        from tvgnn_cli.report.document import make_report

        if self.held is not None:
            return make_report(self.held, result)
        return make_report(self.graph, result, keep_attributes=True, **self.reading)
