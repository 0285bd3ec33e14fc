"""BANE: a binary code for each vertex, from features that neighbours have mixed."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from tvgnn_cli.baselines.attributes import attributes, left_directions
from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.observer import Observer

DIMENSIONS, ORDER, GAMMA, ALPHA = 32, 4, 0.7, 0.001
"""Bits of a code; layers and their step; regularisation."""

ROUNDS, SWEEPS = 20, 100
"""Rounds of alternation, and sweeps over the bits in each, at most."""


def embed(graph: Graph, config: ClusterConfig, observer: Observer) -> np.ndarray:
    """B in {-1, 1}, `[n, 32]`, that minimises `|B Z - P|^2 + alpha |Z|^2`.

    `P = (I - gamma D^-1 L)^4 X` is the Weisfeiler-Lehman proximity matrix, D and L the degrees and
    the Laplacian of the graph with loops, reduced by an SVD to as many columns as B has. Z is
    solved for in closed form, B by cyclic coordinate descent over its bits.

    Deviations from the authors' code: 32 bits, as in Karate Club, where they have 200; one gamma
    for all graphs.

    Source: Yang et al., "Binarized attributed network embedding", ICDM 2018.

    Raises:
        InputError: the graph has no features.
    """
    mixed = attributes(graph, config)
    loops = sp.eye_array(graph.num_vertices, dtype=np.float32, format="csr")
    scale = sp.diags_array((GAMMA / (graph.degrees + 1)).astype(np.float32))
    near = sp.csr_array(scale @ (graph.adjacency + loops))
    for _ in range(ORDER):
        mixed = mixed * np.float32(1 - GAMMA) + near @ mixed
    observer.phase("binary codes", 0, ROUNDS)
    target = left_directions(mixed, DIMENSIONS, config.seed)
    random = np.random.default_rng(config.seed)
    codes = np.where(random.standard_normal(target.shape) < 0, -1.0, 1.0)
    for done in range(ROUNDS):
        observer.phase("binary codes", done, ROUNDS)
        gram = codes.T @ codes + ALPHA * np.eye(codes.shape[1])
        z = np.linalg.solve(gram, codes.T @ target)
        if not _improve(codes, target @ z.T, z @ z.T):
            break
    return codes


def _improve(codes: np.ndarray, wanted: np.ndarray, gram: np.ndarray) -> bool:
    """Sweep over the bits, in place, until none changes; whether any did."""
    changed = False
    for _ in range(SWEEPS):
        flipped = 0
        for bit in range(codes.shape[1]):
            pull = wanted[:, bit] - codes @ gram[:, bit] + codes[:, bit] * gram[bit, bit]
            better = np.where(pull == 0, codes[:, bit], np.sign(pull))
            flipped += int((better != codes[:, bit]).sum())
            codes[:, bit] = better
        if not flipped:
            break
        changed = True
    return changed
