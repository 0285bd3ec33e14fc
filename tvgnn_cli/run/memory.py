"""Estimates of what training will hold, and of what there is."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np

from tvgnn_cli.config import AUTO, JOINT, MIXED, ClusterConfig
from tvgnn_cli.errors import UsageError
from tvgnn_cli.graph.features import is_stored
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.graph.stored_features import BLOCK_BYTES
from tvgnn_cli.machine.free_memory import available_memory_mb, is_shared
from tvgnn_cli.machine.libraries import is_built_for_gpus
from tvgnn_cli.machine.processor import ONEDNN_FEWEST, has_idle_avx512
from tvgnn_cli.methods import METHODS
from tvgnn_cli.prepare.evidence.guesser import MOST_VERTICES
from tvgnn_cli.prepare.evidence.held_back import PROBED
from tvgnn_cli.prepare.evidence.views import why_unmeasured
from tvgnn_cli.prepare.features import FACTORED
from tvgnn_cli.prepare.partition import pieces_of
from tvgnn_cli.prepare.prepared import parts_and_batches
from tvgnn_cli.prepare.smoothing import WIDE
from tvgnn_cli.run.memory_remedy import remedy
from tvgnn_cli.run.settling import expected_clusters

BASE_MB = 300
"""Memory of the process with its libraries loaded and torch warmed up."""

CUDA_MB = 220
"""Memory of the libraries that a build of torch for GPUs adds, on any machine."""

GEOMETRIC_MB = 200
"""Memory of torch_geometric, with all that it loads: it reads data sets, and has the autoencoders
of some methods.
"""

ONEDNN_MB = 40
"""Memory that oneDNN keeps where it multiplies: programs and what these work in."""

HEAD_ROWS = 2**15
"""Vertices whose hidden layers the assignment head holds at once, at most."""

BYTES_PER_EDGE = 70
"""An edge as read, as trained on and in neighbour lists, with what making these takes."""

BYTES_TRAINED, BYTES_MADE = 25, 50
"""An edge while training by batches; and while features are made and parts are found, where the
matrices of its graph are there."""

METIS_MB, METIS_EDGE = 60, 250
"""Memory of the process that METIS works in, and bytes that it takes for an edge."""

BYTES_GUESSED = 40
"""A number that clusters are guessed from, while evidence is measured."""

FILE_PRODUCTS = 64
"""Directions at a time in which features in a file are multiplied."""

BYTES_OF_SHARE = 90
"""An edge of the graph, over the number of processes that share the measurement: those of one's
vertices in two numberings, and what making these takes."""

ADJACENCY_NUMBERS = 20
"""Numbers of four bytes for an edge while its sparse matrix is made, of layers that average."""

BYTES_PER_VERTEX = 72
"""An id, and a class."""

HOLES = 1.75
"""Factor by which arrays take more where the C library keeps their memory, with the holes between
them, on average.
"""

USABLE = 0.95
"""Share of the free memory that a run may take."""


def estimate_memory_mb(graph: Graph, config: ClusterConfig, processes: int = 1) -> float:
    """Peak memory of a run, in MB of 10^6 bytes: within a quarter of what is then measured.

    Of a method that is trained, with n vertices, e edges, k clusters, h hidden channels, L layers,
    and b vertices at once (n, or those of a batch); numbers are of 4 bytes:

        what is held                          how much
        products and outputs of the layers    2 L b h, recycled
        arrays of the layer in work           3 b h, recycled
        steps of the degree-weighted layer    4 L b h
        hidden layers of the head             5 min(b, 2^15) mlp_hidden, recycled
        assignment and its gradients          8 n k; by batches 2 n k
        losses of the whole graph             by batches 2 n h, recycled
        weights                               each 6 times: itself, gradient, Adam's two moments,
                                              the best epoch's, a temporary
        features                              as read, twice (while made by batches three times),
                                              and as trained on
        edges                                 70 e bytes; by batches 25 e, or 50 e while made
        METIS                                 by batches, while parts are found: 60 MB, and 250
                                              bytes an edge of those that it is given at once
        edges of a share                      90 e bytes over the number of processes
        what clusters are judged by           16 e bytes, and features of all vertices
        evidence                              by batches, while measured: 40 bytes for each number
                                              that clusters are guessed from
        blocks of dense features              while made by batches 4 of 67 MB, or of all columns
    """
    if not METHODS[config.method].is_trained:
        return _libraries(config) + _two_steps(graph, config) / 1e6
    n, width, by_batch = graph.num_vertices, config.hidden, config.batch == "parts"
    at_once = _batch_of(n, config, processes) if by_batch else n
    trained_on = _trained_on(graph, config, at_once)
    if by_batch:
        held = max(trained_on + BYTES_TRAINED * graph.num_edges, *_stages_before(graph, config))
        held += BYTES_PER_VERTEX * n
        held += BYTES_OF_SHARE * graph.num_edges / processes * (processes > 1)
    else:
        held = trained_on + BYTES_PER_EDGE * graph.num_edges + _features(graph, 2)
    if why_unmeasured(graph, config) is None:
        held += _judged(graph)
    onednn = has_idle_avx512() and at_once * width**2 >= ONEDNN_FEWEST
    return _libraries(config) + ONEDNN_MB * onednn + held / 1e6


def _batch_of(n: int, config: ClusterConfig, processes: int) -> int:
    """Vertices of a batch, about, where that many processes can share the graph."""
    if n < 2 * processes:
        return n
    return -(-n // parts_and_batches(n, config, processes)[1])


def _trained_on(graph: Graph, config: ClusterConfig, at_once: int) -> float:
    """Bytes of the network, of what it makes of vertices, and of their features, while it is
    trained with so many at once.
    """
    n, width, clusters = graph.num_vertices, config.hidden, expected_clusters(graph, config)
    by_batch = config.batch == "parts"
    entering = columns_at_most(graph, config, clusters)
    weights = entering * width + max(config.layers - 1, 0) * width**2
    weights += config.mlp_hidden * (width + clusters)
    steps = 4 * config.layers * bool(config.degree_weighted)
    recycled = (2 * config.layers + 3) * at_once * width
    recycled += 5 * min(at_once, HEAD_ROWS) * config.mlp_hidden
    # What a batch leaves does not fit the whole graph's arrays.
    recycled += 2 * n * width if at_once < n else 0
    recycled += (2 if by_batch else 8) * n * clusters
    others = steps * at_once * width + 6 * weights
    if METHODS[config.method].layer != "gtv":
        others += round(ADJACENCY_NUMBERS * graph.num_edges / HOLES)
        recycled += config.layers * at_once * width * (METHODS[config.method].layer == "skip")
    return 4 * recycled + 4 * HOLES * others + 4 * n * min(entering, width)


def _stages_before(graph: Graph, config: ClusterConfig) -> Iterator[float]:
    """Bytes that stages before a training by batches hold: features are made, parts are found,
    evidence is measured.
    """
    edges = BYTES_MADE * graph.num_edges
    yield edges + _features(graph, 3) + _filtered(graph)
    pieces = pieces_of(graph.num_vertices)
    yield edges + _features(graph, 2) + METIS_MB * 1e6 + METIS_EDGE * graph.num_edges / pieces
    if why_unmeasured(graph, config) is None:
        learned = min(graph.num_vertices, MOST_VERTICES) * min(PROBED, graph.num_features)
        yield edges + _features(graph, 1) + BYTES_GUESSED * learned


def _libraries(config: ClusterConfig) -> int:
    """MB of the libraries that a run loads, or that reading its graph has loaded."""
    loaded = "torch_geometric" in sys.modules or METHODS[config.method].is_geometric
    for_gpus = is_built_for_gpus()
    return BASE_MB + CUDA_MB * for_gpus + GEOMETRIC_MB * loaded


def _two_steps(graph: Graph, config: ClusterConfig) -> float:
    """Bytes that an embedding or a search for communities holds, roughly: the graph, its features
    as read and as scaled, and what the method makes of them.
    """
    n, edges, f = graph.num_vertices, graph.num_edges, graph.num_features
    held = float(BYTES_PER_EDGE * edges + BYTES_PER_VERTEX * n)
    method = METHODS[config.method]
    if method.features:
        # Out of their file they are held whole; a sum over neighbours fills what was sparse.
        whole = is_stored(graph.x) or method.fills_features
        held += 8 * n * f if whole else _features(graph, 3)
    of_vertex, of_edge = method.holds
    held += min(method.holds_pairs * n, 4 * of_vertex) * n
    return held + of_vertex * n + of_edge * edges


def _judged(graph: Graph) -> int:
    """Bytes of what clusters are judged by: edges, features of all, and of those learned from."""
    probed = min(PROBED, graph.num_features)
    learned = min(graph.num_vertices, MOST_VERTICES)
    return 16 * graph.num_edges + (4 * graph.num_vertices + 8 * learned) * probed


def columns_entering(graph: Graph, config: ClusterConfig, clusters: int) -> int:
    """Features per vertex that the network is given, at most."""
    if graph.x is not None:
        reduced = 0 < config.components < graph.num_features
        columns = config.components if reduced else graph.num_features
        mixed = config.encoder == MIXED or (config.encoder, config.view) == (AUTO, AUTO)
        if mixed and (config.components or graph.num_features <= FACTORED):
            columns += min(config.components or FACTORED, graph.num_features)
        return columns + clusters * (config.view == JOINT)
    return {"spectral": clusters, "degree": 3, "identity": graph.num_vertices}[config.structural]


def columns_at_most(graph: Graph, config: ClusterConfig, clusters: int) -> int:
    """The same where it is not known yet whether eigenvectors stand beside the features."""
    may_join = graph.x is not None and config.view == AUTO
    return columns_entering(graph, config, clusters) + clusters * may_join


def _features(graph: Graph, times: int) -> int:
    """Bytes of the features as read; of those in a file, products with a few directions."""
    if is_stored(graph.x):
        return times * 4 * graph.num_vertices * FILE_PRODUCTS + 4 * BLOCK_BYTES
    return 0 if graph.x is None else times * int(graph.x.data.nbytes)


def _filtered(graph: Graph) -> int:
    """Bytes of a block of dense features that is filtered: itself, two steps, their sum."""
    return 4 * min(WIDE, graph.x.nbytes) if isinstance(graph.x, np.ndarray) else 0


def remedy_of(graph: Graph, config: ClusterConfig, processes: int = 1) -> str:
    """Say what to change so that a run takes less memory, by what that is estimated to save."""
    return remedy(config, lambda other: estimate_memory_mb(graph, other, processes))


def check_memory(
    graph: Graph, config: ClusterConfig, held_mb: float = 0, processes: int = 1, refuse: bool = True
) -> float:
    """The estimate for a run, if it fits.

    Args:
        graph: what is clustered.
        config: how.
        held_mb: what this process holds already.
        processes: how many train the network together.
        refuse: whether it has to fit.

    Raises:
        UsageError: it does not; with both figures and what to change.
    """
    needed = estimate_memory_mb(graph, config, processes)
    free = available_memory_mb() + held_mb
    if refuse and needed > USABLE * free:
        fewer = "take fewer `jobs`, " if is_shared() else ""
        raise UsageError(
            f"{graph.name}: training would take about {needed:,.0f} MB, and {free:,.0f} MB are "
            f"free; {fewer}{remedy_of(graph, config, processes)}, or give `ignore_memory` to try"
        )
    return needed


def runs_that_fit(needed_mb: float, held_mb: float) -> int:
    """Count the processes that have memory for such a run at the same time; this one does.

    Args:
        needed_mb: of each.
        held_mb: what this process holds already.
    """
    return max(1, int(USABLE * (available_memory_mb() + held_mb) / needed_mb))
