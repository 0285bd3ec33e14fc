"""Comparison of clusterings by what edges and features tell of them, each source in its own unit.

How much a source tells depends on what it is made of. Thirty columns that say the same thing tell
nearly all of clusters that are theirs alone, and sparse edges little of the right ones: the sum of
both would be that of the louder one. So each counts by the most that it tells of any clustering
that is compared.
"""

from __future__ import annotations

from collections.abc import Sequence

from tvgnn_cli.prepare.evidence.support import Measure, Support

LEAST = 0.1
"""Share of the most that edges tell of any clustering, below which one is about something else."""


def compared(several: Sequence[Support]) -> list[float]:
    """Measure each of several clusterings of one graph, 0 to 2: what edges tell of it, over the
    most that they tell of any, and the same of features. A source that tells none of them more than
    chance counts for nothing. A clustering that edges tell hardly anything of, where they tell of
    another, is not one of the graph: 0.

    Args:
        several: what is told of each.
    """
    edges = _of_most([each.edges for each in several])
    features = _of_most([each.features or NOTHING for each in several])
    least = LEAST if any(edges) else 0.0
    return [a + b if a >= least else 0.0 for a, b in zip(edges, features, strict=True)]


NOTHING = Measure(0.0, 0.0)
"""Measure of a source that is not there."""


def _of_most(measures: Sequence[Measure]) -> list[float]:
    """Shares over the largest of them, 0 to 1."""
    most = max((each.share for each in measures if each.is_sure), default=0.0)
    return [min(max(each.share, 0.0) / most, 1.0) if most > 0 else 0.0 for each in measures]
