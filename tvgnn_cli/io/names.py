"""The names that columns and attributes go by in other programs' files, in one place.

Names are compared folded: case, blanks and separators do not count, so that `Combined Score`,
`combined_score` and `combinedScore` are one. Sources: the exports of Gephi, Cytoscape, yEd, igraph,
networkx, graph-tool, Neo4j, STRING, BioGRID, KONECT, SNAP, OGB and pandas.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

KEY_NAMES = (
    "id", "vertex", "node", "vertexid", "nodeid", "ids", "nodes", "vertices", "identifier", "key",
)  # fmt: skip
"""A column of vertex ids."""

INDEX_NAMES = ("", "index", "unnamed0", "row", "rownames", "rowname", "rowid", "x1")
"""A column of row numbers."""

ENDS = (
    ("source", "target"), ("src", "dst"), ("from", "to"), ("source", "destination"),
    ("origin", "destination"), ("src", "dest"), ("tail", "head"), ("head", "tail"),
    ("start", "end"), ("startid", "endid"), ("startnode", "endnode"), ("sender", "receiver"),
    ("sender", "recipient"), ("caller", "callee"), ("follower", "followee"), ("citing", "cited"),
    ("parent", "child"), ("subject", "object"), ("u", "v"), ("i", "j"), ("row", "col"),
    ("src", "trg"), ("src", "tgt"), ("orig", "dest"), ("in", "out"), ("query", "subject"),
)  # fmt: skip
"""Pairs of columns that hold the two ends of an edge, the usual ones first."""

AFFIXES = (
    ("source", "target"), ("src", "dst"), ("src", "tgt"), ("from", "to"), ("source", "destination"),
    ("start", "end"), ("origin", "destination"), ("src", "dest"),
)  # fmt: skip
"""Pairs of words that tell two columns of one stem apart: `source_id`, `target_id`."""

TWINS = (("1", "2"), ("a", "b"), ("0", "1"), ("i", "j"), ("x", "y"), ("one", "two"))
"""Pairs of endings that do: `gene1`, `gene2`; `Interactor A`, `Interactor B`."""

WEIGHTS = (
    "weight", "weights", "edgeweight", "linkweight", "combinedscore", "similarity", "strength",
    "edgestrength", "score", "value", "count", "counts", "freq", "frequency", "confidence",
    "confidencescore", "correlation", "occurrences", "cooccurrence", "cooccurrences", "amount",
    "volume", "intensity", "wt", "w", "num", "number", "total", "times", "numinteractions",
    "interactions", "rating", "ratings", "corr", "cor", "coefficient", "rho", "pearson", "spearman",
    "jaccard", "cosine", "overlap", "affinity", "probability", "prob", "likelihood", "support",
    "coexpression", "mi", "mutualinformation", "flow", "trips", "passengers", "messages", "emails",
    "calls", "citations", "shared", "common", "n",
)  # fmt: skip
"""A column of similarities, the likeliest first."""

DISTANCES = ("distance", "dist", "dissimilarity", "length", "cost")

NEVER_WEIGHTS = (
    "id", "edgeid", "linkid", "eid", "label", "edgelabel", "type", "edgetype", "kind", "time",
    "timestamp", "timestamps", "datetime", "date", "day", "month", "year", "ts", "suid", "index",
    "interaction", "relation", "relationship", "timeset", "start", "end", "name", "sharedname",
    "key", "epoch", "unixtime", "created", "createdat",
)  # fmt: skip
"""A column that is no similarity, even where its values are numbers."""

CLASSES = ("label", "y", "class", "category", "target", "groundtruth", "trueclass", "truelabel")
"""A vertex attribute that may hold the true class."""

GUESSED_CLASSES = ("label", "y", "class")
"""Those that are taken for it unasked."""

DISPLAY = ("name", "label", "displayname", "sharedname", "title", "fullname", "symbol")
"""A vertex attribute that holds the name that a person knows."""

DRAWING = (
    "color", "colour", "fillcolor", "fill", "bordercolor", "rgb", "rgba", "size", "width", "height",
    "shape", "opacity", "alpha", "transparency", "zorder", "zindex", "pos", "position", "posx",
    "posy", "posz", "xpos", "ypos", "zpos", "coordx", "coordy", "xcoord", "ycoord", "coordinates",
    "layout", "layoutx", "layouty", "graphics", "viz", "vizsize", "vizcolor", "vizposition", "icon",
    "image", "suid", "selected", "expanded", "visible", "hidden", "fixed", "pinned", "locked",
    "thickness", "fontsize", "fontname", "labelsize", "labelcolor", "nodegraphics", "description",
    "url", "timeset", "cytoscapealiaslist", "canonicalname", "isselected", "sharedname", "nodesize",
    "nodecolor", "vx", "vy", "viewx", "viewy", "tooltip", "style", "penwidth",
)  # fmt: skip
"""Attributes that programs write of themselves: how a vertex is drawn, whether it is selected."""

PLACE = (("x", "y"), ("x", "y", "z"), ("r", "g", "b"), ("r", "g", "b", "a"))
"""Names of one letter that mean a place or a colour only where all of a group are there."""

PARTITIONS = (
    "modularityclass", "modularity", "cluster", "clusters", "clusterid", "clusterlabel",
    "community", "communities", "communityid", "partition", "partitionid", "membership", "module",
    "moduleid", "louvain", "leiden", "infomap", "infomapcluster", "walktrap", "fastgreedy",
    "labelpropagation", "statinfclass", "block", "blockid", "component", "componentnumber",
    "componentid", "strongcompnum", "strongcomponent", "weakcomponent", "wcc", "scc", "glaycluster",
    "mclcluster", "mcodecluster", "predicted", "prediction", "predictedlabel",
)  # fmt: skip
"""Results of an earlier clustering."""

OWN_COLUMNS = ("cluster", "confidence", "margin")
"""Columns of our own output; `p_0`, `p_1`, ... go with them."""

STATISTICS = (
    "degree", "weighteddegree", "indegree", "outdegree", "weightedindegree", "weightedoutdegree",
    "eccentricity", "closnesscentrality", "closenesscentrality", "harmonicclosnesscentrality",
    "harmonicclosenesscentrality", "betweenesscentrality", "betweennesscentrality", "betweenness",
    "closeness", "centrality", "eigencentrality", "eigenvectorcentrality", "pagerank", "pageranks",
    "authority", "hub", "clustering", "clusteringcoefficient", "triangles",
    "topologicalcoefficient",
    "averageshortestpathlength", "neighborhoodconnectivity", "numberofdirectededges",
    "numberofundirectededges", "partnerofmultiedgednodepairs", "selfloops", "stress", "radiality",
    "issinglenode", "coreness", "kcore", "katz", "katzcentrality",
)  # fmt: skip
"""Statistics of the edges that programs write beside the vertices."""


def fold(name: str) -> str:
    """A name as it is compared: lower case, without blanks, separators, the type that Neo4j writes
    behind a colon, or a group in parentheses.

    `:START_ID(Person)` is "startid", `weight:double` is "weight", `Combined Score` "combinedscore".
    """
    bare = re.sub(r"\(.*?\)|\[.*?\]", "", name.strip())
    before, colon, after = bare.rpartition(":")
    if colon and not re.search(r"\W", after.strip()):
        bare = before.strip() or after
    return re.sub(r"[\W_]+", "", bare.lower())


def find_ends(names: Sequence[str]) -> tuple[int, int] | None:
    """The two columns that are named as the ends of edges are; None where no pair is."""
    folded = [fold(name) for name in names]
    place = {name: i for i, name in reversed(list(enumerate(folded)))}
    for first, second in ENDS:
        if first in place and second in place:
            return place[first], place[second]
    for i, name in enumerate(folded):
        for j, other in enumerate(folded):
            if i != j and _are_twins(name, other):
                return i, j
    return None


def _are_twins(name: str, other: str) -> bool:
    """Whether two folded names are those of a first and a second end."""
    for first, second in TWINS:
        stem = name.removesuffix(first)
        if len(stem) > (0 if first in "1i0" and len(first) == 1 else 1) and (
            name != stem and other == stem + second
        ):
            return True
    for first, second in AFFIXES:
        if first in name and other == name.replace(first, second, 1) and name != other:
            return True
    inner = re.fullmatch(r"(\D*)1(\D+)", name)
    return inner is not None and other == f"{inner[1]}2{inner[2]}"


def rank_of_weight(name: str) -> int | None:
    """How likely a column of that name is the weight: 0 is the likeliest; None for never."""
    folded = fold(name)
    if folded in NEVER_WEIGHTS or folded in DISTANCES:
        return None
    if folded in WEIGHTS:
        return WEIGHTS.index(folded)
    for rank, known in enumerate(("weight", "similarity", "score", "strength", "count")):
        if folded.endswith(known) or (known == "weight" and folded.startswith(known)):
            return len(WEIGHTS) + rank
    return None
