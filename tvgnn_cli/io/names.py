"""The names that columns and attributes go by in other programs' files, in one place.

Names are compared folded: case, blanks and separators do not count, so that `Combined Score`,
`combined_score` and `combinedScore` are one. Sources: the exports of Gephi, Cytoscape, yEd, igraph,
networkx, graph-tool, Neo4j, STRING, BioGRID, KONECT, SNAP, OGB and pandas.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

KEY_NAMES = (
    "id", "vertex", "node", "vertexid", "nodeid", "ids", "nodes", "vertices", "identifier", "key",
)  # fmt: skip
"""A column of vertex ids."""

INDEX_NAMES = (
    "", "index", "idx", "unnamed0", "row", "rownames", "rowname", "rowid", "rownumber", "x1",
)  # fmt: skip
"""A column of row numbers."""

ENDS = (
    ("source", "target"), ("src", "dst"), ("from", "to"), ("source", "destination"),
    ("origin", "destination"), ("src", "dest"), ("tail", "head"), ("head", "tail"),
    ("start", "end"), ("startid", "endid"), ("startnode", "endnode"), ("sender", "receiver"),
    ("sender", "recipient"), ("caller", "callee"), ("follower", "followee"), ("citing", "cited"),
    ("parent", "child"), ("subject", "object"), ("u", "v"), ("i", "j"), ("row", "col"),
    ("src", "trg"), ("src", "tgt"), ("orig", "dest"), ("in", "out"), ("query", "subject"),
    ("qseqid", "sseqid"), ("employee", "manager"), ("person", "friend"), ("author", "coauthor"),
    ("buyer", "seller"), ("exporter", "importer"), ("borrower", "lender"), ("winner", "loser"),
    ("truster", "trustee"), ("voter", "votee"), ("rater", "ratee"), ("predator", "prey"),
    ("mentor", "mentee"), ("regulator", "target"), ("departure", "arrival"), ("node", "neighbor"),
    ("begin", "end"), ("node", "neighbour"), ("vertex", "neighbor"), ("quelle", "ziel"),
    ("von", "nach"), ("origen", "destino"), ("origem", "destino"), ("origine", "destinazione"),
    ("de", "vers"), ("origine", "destination"),
)  # fmt: skip
"""Pairs of columns that hold the two ends of an edge, the usual ones first."""

AFFIXES = (
    ("source", "target"), ("src", "dst"), ("src", "tgt"), ("from", "to"), ("source", "destination"),
    ("start", "end"), ("origin", "destination"), ("src", "dest"), ("sender", "receiver"),
    ("sender", "recipient"), ("caller", "callee"), ("follower", "followee"), ("citing", "cited"),
    ("parent", "child"), ("subject", "object"), ("buyer", "seller"), ("payer", "payee"),
    ("origin", "dest"), ("orig", "dest"), ("head", "tail"),
)  # fmt: skip
"""Pairs of words that tell two columns of one stem apart: `source_id`, `target_id`."""

TWINS = (("1", "2"), ("a", "b"), ("0", "1"), ("i", "j"), ("x", "y"), ("one", "two"))
"""Pairs of endings that do: `gene1`, `gene2`; `Interactor A`, `Interactor B`."""

DEFAULTS = ("v", "x", "c", "column")
"""Stems of the names that R, readr, Spark and polars give to columns without names."""

WEIGHTS = (
    "weight", "weights", "edgeweight", "linkweight", "combinedscore", "similarity", "strength",
    "edgestrength", "score", "value", "count", "counts", "freq", "frequency", "confidence",
    "confidencescore", "bitscore", "correlation", "occurrences", "cooccurrence", "cooccurrences",
    "amount", "volume", "intensity", "wt", "w", "num", "number", "total", "times",
    "numinteractions", "interactions", "rating", "ratings", "corr", "cor", "coefficient", "rho",
    "pearson", "spearman", "jaccard", "cosine", "overlap", "affinity", "probability", "prob",
    "likelihood", "support", "coexpression", "mi", "mutualinformation", "flow", "trips",
    "passengers", "messages", "emails", "calls", "citations", "shared", "common", "n", "games",
    "matches", "poids", "peso", "gewicht", "anzahl", "nombre", "stärke", "staerke", "häufigkeit",
    "haeufigkeit", "valeur", "valor", "wert", "fréquence", "frequence", "frecuencia", "force",
    "fuerza",
)  # fmt: skip
"""A column of similarities, the likeliest first."""

COUNTING = ("n", "num", "number", "total", "sum", "mean", "avg")
"""Words that begin the names of such columns: `n_messages`, `total_fare`."""

TOTALS = frozenset({
    "total", "totals", "sum", "sums", "grandtotal", "overall", "gesamt", "summe", "gesamtergebnis",
    "gesamtsumme", "somme", "totale", "suma", "insgesamt", "totalgeneral",
})  # fmt: skip
"""Names of a row that sums the others, in place of an id."""

DISTANCES = ("distance", "dist", "dissimilarity", "length", "cost")
"""Names of columns in which smaller is closer."""

_OF_DISTANCES = frozenset({
    "distance", "distances", "dist", "dists", "dissimilarity", "dissimilarities", "cost", "costs",
    "hops", "km", "kilometers", "kilometres", "miles",
})  # fmt: skip
"""Words that make one of any name."""

_OF_NO_WEIGHTS = frozenset({
    "rank", "ranks", "ranking", "since", "ago", "padj", "fdr", "pmid", "pmids", "doi", "isbn",
    "zip", "zipcode", "postcode", "latitude", "longitude", "lat", "lon", "non", "weighted",
    "unweighted",
})  # fmt: skip
"""Words that no name of similarities has: of places in an order, of chance, of codes."""

_BY_CHANCE = frozenset({"pvalue", "pval", "qvalue", "qval", "evalue", "eval"})
"""Probabilities by chance alone, of which less is closer; their logarithms are other numbers."""

NEVER_WEIGHTS = (
    "id", "edgeid", "linkid", "eid", "label", "edgelabel", "type", "edgetype", "kind", "time",
    "timestamp", "timestamps", "datetime", "date", "day", "month", "year", "ts", "suid", "index",
    "interaction", "relation", "relationship", "timeset", "start", "end", "name", "sharedname",
    "key", "epoch", "unixtime", "created", "createdat",
)  # fmt: skip
"""A column that is no similarity, even where its values are numbers."""

LAST_WORDS = (
    "id", "idx", "code", "codes", "at", "date", "time", "times", "timestamp", "seen", "year",
    "month", "day", "type", "name",
)  # fmt: skip
"""Words that end the names of columns that are no similarities."""

NEVER_ENDS = (
    "type", "edgetype", "kind", "time", "timestamp", "timestamps", "datetime", "date", "day",
    "month", "year", "ts", "epoch", "unixtime", "created", "createdat", "interaction", "relation",
    "relationship",
)  # fmt: skip
"""A column that is no end of an edge, nor are those named as weights are."""

CLASSES = (
    "label", "y", "class", "category", "target", "groundtruth", "trueclass", "truelabel", "klasse",
    "kategorie", "classe", "catégorie", "categorie", "clase", "categoría", "categoria",
)  # fmt: skip
"""A vertex attribute that may hold the true class."""

GUESSED_CLASSES = ("label", "y", "class")
"""Those that are taken for it unasked."""

CODES = (
    "value", "group", "type", "kind", "club", "conference", "party", "department", "dept", "topic",
    "subject", "classid", "labelid", "gt", "truth",
)  # fmt: skip
"""A vertex attribute that may hold it where its values are a few words or whole numbers."""

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
    "nodecolor", "vx", "vy", "fx", "fy", "cx", "cy", "nodexlocation", "nodeylocation",
    "borderwidth", "viewx", "viewy", "tooltip", "style", "penwidth",
)  # fmt: skip
"""Attributes that programs write of themselves: how a vertex is drawn, whether it is selected."""

PLACES = (
    "pos", "position", "coord", "coordinate", "graphics", "location", "xlocation", "ylocation",
    "nodexlocation", "nodeylocation", "layout",
)  # fmt: skip
"""Words before the x, y or number of a coordinate in a drawing."""

PROGRAMS = (
    "timeset",
    "modularityclass",
    "suid",
    "sharedname",
    "selected",
    "zorder",
    "nodexlocation",
)
"""Columns that tell that a program which draws graphs has written a table."""

PARTITIONS_WITHIN = (
    "cluster", "communit", "louvain", "leiden", "modularity", "partition", "infomap", "kmeans",
    "sbmblock", "inferredclass", "stronglyconnectedid",
)  # fmt: skip
"""Parts of the names of an earlier clustering's results."""

STATISTICS_WITHIN = (
    "centrality", "clusteringcoef", "localclustering", "averageneighbordegree", "averagedegree",
    "pagerank", "betweenness", "eigenvector", "corenumber", "numberoftriangles", "hubscore",
    "authorityscore",
)  # fmt: skip
"""Parts of the names of statistics of the edges."""

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

OWN_COLUMNS = ("cluster", "confidence", "margin", "stability")
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
    "issinglenode", "coreness", "kcore", "katz", "katzcentrality", "edgecount", "transitivity",
    "constraint", "hubs", "authorities", "isexcludedfrompaths",
)  # fmt: skip
"""Statistics of the edges that programs write beside the vertices."""


ARRAYS_OF_EDGES = ("edgeindex", "edges", "edgelist", "links", "pairs")
"""Arrays of an archive that hold both ends of each edge, the usual ones first."""

ARRAYS_OF_ADJACENCY = ("adj", "adjacency", "adjacencymatrix", "adjmatrix", "a", "w")
"""Arrays that hold a weight for each pair of vertices."""

ARRAYS_OF_WEIGHTS = ("edgeweight", "edgeweights", "weight", "weights", "edgeattr", "data", "w")
"""Arrays that hold a weight for each edge."""

ARRAYS_OF_FEATURES = (
    "x", "features", "attrmatrix", "feature", "feat", "feats", "nodefeatures", "nodefeat",
    "nodefeats", "attributes", "embeddings", "embedding",
)  # fmt: skip
"""Arrays that hold a row of features for each vertex."""

ARRAYS_OF_CLASSES = (
    "y", "labels", "label", "classes", "class", "nodelabels", "nodelabel", "target", "targets",
    "groundtruth", "truelabels",
)  # fmt: skip
"""Arrays that hold the true class of each vertex."""

ARRAYS_OF_IDS = (*KEY_NAMES, "nodeids", "vertexids", "names", "nodenames", "index", "obsnames")
"""Arrays that hold the id of each vertex."""


CLUSTER = "cluster"
"""Column or attribute with the clusters."""


def find_array(arrays: Iterable[str], known: Sequence[str]) -> str | None:
    """The array of an archive that has one of those names, the usual one; None where none has."""
    folded = {fold(name): name for name in arrays}
    return next((folded[name] for name in known if name in folded), None)


def fold(name: str) -> str:
    """A name as it is compared: lower case, without blanks, separators, the type that Neo4j writes
    behind a colon, or a group in parentheses.

    `:START_ID(Person)` is "startid", `weight:double` is "weight", `Combined Score` "combinedscore".
    """
    bare = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", "", name.strip())
    before, colon, after = bare.rpartition(":")
    if colon and not re.search(r"\W", after.strip()):
        bare = before.strip() or after
    return re.sub(r"[\W_]+", "", bare.lower())


def twice(names: Iterable[str]) -> list[str]:
    """The names that are there more than once, sorted."""
    return sorted(name for name, count in Counter(names).items() if count > 1)


def find_ends(names: Sequence[str]) -> tuple[int, int] | None:
    """The two columns that are named as the ends of edges are; None where no pair is."""
    pairs = end_pairs(names)
    return pairs[0] if pairs else None


def end_pairs(names: Sequence[str]) -> list[tuple[int, int]]:
    """All pairs of columns that are named as the ends of edges are, the likeliest first."""
    several = numbered(names)
    folded = ["" if i in several else fold(name) for i, name in enumerate(names)]
    places: dict[str, list[int]] = {}
    for i, name in enumerate(folded):
        places.setdefault(name, []).append(i)
    usual = [(places[a][0], places[b][0]) for a, b in ENDS if a in places and b in places]
    twins = [
        (i, j)
        for i, name in enumerate(folded)
        for j in sorted({j for other in _twins_of(name) for j in places.get(other, ())})
    ]
    return list(dict.fromkeys([*usual, *twins]))


def numbered(names: Sequence[str]) -> set[int]:
    """The columns of which three or more have one name with numbers behind it: `x1`, `x2`, `x3`.

    Features and members of groups are called so, and the two ends of an edge are not. Names that
    programs give to columns without any, `V1`, `V2`, `V3`, do not count where up to four columns
    have no others.
    """
    folded = [fold(name) for name in names]
    series: dict[str, list[int]] = {}
    for column, name in enumerate(folded):
        stem = name.rstrip("0123456789")
        if stem and stem != name:
            series.setdefault(stem, []).append(column)
    named = sum(map(bool, folded))
    return {
        column
        for stem, columns in series.items()
        for column in columns
        if len(columns) > 2 and (stem not in DEFAULTS or len(columns) < named or named > 4)
    }


def are_defaults(names: Sequence[str]) -> bool:
    """Tell whether there are names, all of them such as programs give to columns without any."""
    stems = {fold(name).rstrip("0123456789") for name in names if fold(name)}
    return bool(stems) and stems <= set(DEFAULTS)


def is_never_weight(name: str) -> bool:
    """Tell whether a column of that name is no similarity, by the whole of it or its words:
    `created_at`, `transaction_id`, `mean_rank`, `adj.P.Val`.
    """
    words = _words(name)
    if fold(name) in NEVER_WEIGHTS or (bool(words) and words[-1] in LAST_WORDS):
        return True
    pairs = {first + second for first, second in pairwise(words)}
    by_chance = not _BY_CHANCE.isdisjoint({*words, *pairs}) and "log" not in fold(name)
    return by_chance or not _OF_NO_WEIGHTS.isdisjoint(words) or is_distance(name)


def is_distance(name: str) -> bool:
    """Tell whether a column of that name holds distances: `mean_distance`, `dist_km`."""
    return fold(name) in DISTANCES or not _OF_DISTANCES.isdisjoint(_words(name))


def is_never_end(name: str) -> bool:
    """Tell whether a column of that name holds no ends of edges, but weights, distances, times or
    kinds.
    """
    return fold(name) in NEVER_ENDS or is_distance(name) or rank_of_weight(name) is not None


def _words(name: str) -> list[str]:
    """The words of a name, in lower case: at blanks, separators and capitals."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.findall(r"[^\W_]+", parted.lower())


def _twins_of(name: str) -> Iterator[str]:
    """The folded names of a second end beside that of a first: `gene2` beside `gene1`."""
    for first, second in TWINS:
        stem = name.removesuffix(first)
        if name != stem and len(stem) > (0 if first in ("1", "i", "0") else 1):
            yield stem + second
    for first, second in AFFIXES:
        if first in name:
            yield name.replace(first, second, 1)
    inner = re.fullmatch(r"(\D*)1(\D+)", name)
    if inner is not None:
        yield f"{inner[1]}2{inner[2]}"


def rank_of_weight(name: str) -> int | None:
    """Rank of a column among those that may be the weight, by its name: 0 for the likeliest; None
    for none.
    """
    folded, words = fold(name), _words(name)
    if is_never_weight(name):
        return None
    if folded in WEIGHTS:
        return WEIGHTS.index(folded)
    for rank, known in enumerate(("weight", "similarity", "score", "strength", "count")):
        if words and (words[-1] == known or (known == "weight" and folded.startswith(known))):
            return len(WEIGHTS) + rank
    if len(words) > 1 and words[0] in COUNTING:
        return len(WEIGHTS) + len(WEIGHTS)
    return None
