"""Labels, kinds and weights that the tags of vertices and edges hold themselves in GEXF."""

from __future__ import annotations

from array import array

import numpy as np

from tvgnn_cli.graph.missing import is_missing
from tvgnn_cli.graph.property_graph import Column, column_of
from tvgnn_cli.io.source import is_number


class Texts:
    """Texts of some vertices or edges, such as their labels."""

    def __init__(self) -> None:
        self.rows, self.values = array("q"), list[str]()

    def add(self, row: int, text: str | None) -> None:
        if text:
            self.rows.append(row)
            self.values.append(text)

    def columns(self, name: str, total: int) -> dict[str, Column]:
        """The column of that name; none where there are no values."""
        if not self.values:
            return {}
        listed: list[str | None] = [None] * total
        for row, text in zip(self.rows, self.values, strict=True):
            listed[row] = text
        return {name: column_of(listed, "string")}


class Weights:
    """Weights of some edges."""

    def __init__(self) -> None:
        self.rows, self.values = array("q"), array("d")

    def add(self, row: int, text: str | None) -> None:
        """Take the weight of an edge; a mark of a missing value is none.

        Raises:
            ValueError: it is no number.
        """
        if text is None or is_missing(text):
            return
        if not is_number(text):
            raise ValueError(text)
        self.rows.append(row)
        self.values.append(float(text))

    def columns(self, total: int) -> dict[str, Column]:
        """The column `weight`, 1 where an edge has none, as GEXF says; none without any weight."""
        if not self.values:
            return {}
        weight = np.ones(total)
        weight[np.frombuffer(self.rows, np.int64)] = np.frombuffer(self.values)
        return {"weight": Column(weight)}

    def notes(self, total: int) -> tuple[str, ...]:
        """Lines of the summary on edges without a weight, of `total`."""
        lacking = total - len(self.values)
        if not self.values or not lacking:
            return ()
        return (f"edges without a weight, of weight 1 in GEXF: {lacking:,}",)
